"""Files that arrive piece by piece: what was acknowledged is there, whatever happens."""

from __future__ import annotations

import errno
import io
import shutil
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone

from challenges.exceptions import FileRefused, NoRoom, TransferOver, UnknownTransfer, WrongOffset
from challenges.flows import batches, room, transfers
from challenges.imaging import LIMITS
from challenges.models import Batch, Transfer
from tests.challenges.uploads import OURS, batch, send, small_pieces, uploader, volunteer

__all__ = ["batch", "small_pieces", "volunteer"]

State = Transfer.State


def begin(batch: Batch, name: str = "a.jpg", size: int = 10, print_: str = "f") -> Transfer:
    """Announce a file."""
    assert batch.person is not None
    return transfers.begin(batch, batch.person, transfers.Announced(name, size, print_))


def receive(transfer: Transfer, offset: int, data: bytes) -> int:
    """Hand in bytes, as a request does that looked the row up just now."""
    row = Transfer.objects.get(pk=transfer.pk)
    return transfers.receive(row, offset, io.BytesIO(data), len(data))


def stored(transfer: Transfer) -> bytes:
    """Return what lies on the disk."""
    parts = []
    for _, name in transfers.chunks(transfer.pk):
        with default_storage.open(name) as file:
            parts.append(file.read())
    return b"".join(parts)


class TestReceiving:
    def test_pieces_are_stored_and_counted(self, batch: Batch) -> None:
        made = begin(batch)
        assert receive(made, 0, b"01234") == 5
        assert receive(made, 5, b"56789") == 10
        made.refresh_from_db()
        assert (made.offset, made.state, stored(made)) == (10, State.ARRIVED, b"0123456789")

    def test_a_large_body_becomes_several_pieces(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transfers, "PIECE", 4)
        made = begin(batch)
        receive(made, 0, b"0123456789")
        assert [start for start, _ in transfers.chunks(made.pk)] == [0, 4, 8]

    def test_a_body_that_breaks_off_is_kept_as_far_as_it_came(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell() >= 7:
                    raise OSError("the connection is gone")
                return super().read(min(size or 0, 3))

        monkeypatch.setattr(transfers, "PIECE", 4)
        made = begin(batch)
        assert transfers.receive(made, 0, Broken(b"0123456789"), 10) == 7
        made.refresh_from_db()
        assert (made.offset, stored(made)) == (7, b"0123456")

    @pytest.mark.parametrize("offset", [0, 4, 6])
    def test_bytes_from_elsewhere_are_refused(self, batch: Batch, offset: int) -> None:
        made = begin(batch)
        receive(made, 0, b"01234")
        with pytest.raises(WrongOffset):
            receive(made, offset, b"5")
        assert stored(made) == b"01234"

    def test_more_than_was_announced_is_refused(self, batch: Batch) -> None:
        made = begin(batch)
        with pytest.raises(FileRefused, match="announced"):
            receive(made, 0, b"0123456789+")
        assert stored(made) == b""

    def test_nothing_is_added_to_what_has_arrived(self, batch: Batch) -> None:
        made = send(batch, "a.jpg", b"0123456789")
        with pytest.raises(TransferOver):
            receive(made, 10, b"+")

    def test_a_full_disk_counts_nothing(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*args: Any) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

        made = begin(batch)
        monkeypatch.setattr(default_storage, "save", full)
        with pytest.raises(NoRoom, match="no room left"):
            receive(made, 0, b"01234")
        made.refresh_from_db()
        assert made.offset == 0

    def test_a_nearly_full_disk_takes_no_file(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(room, "SPARE", 10**18)
        with pytest.raises(NoRoom):
            begin(batch)

    def test_what_was_announced_is_kept_free(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free = room.SPARE + 2_500_000
        monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
        begin(batch, "a.jpg", 1_000_000, "a")
        with pytest.raises(NoRoom):
            begin(batch, "b.jpg", 1_000_000, "b")
        begin(batch, "a.jpg", 1_000_000, "a")

    def test_a_piece_leaves_the_spare_free(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = begin(batch)
        free = room.SPARE + 4
        monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
        with pytest.raises(NoRoom):
            receive(made, 0, b"01234")

    def test_nobody_has_too_much_on_the_way(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(room, "OPEN_FILES", 2)
        for mark in "aab":
            begin(batch, print_=mark)
        with pytest.raises(FileRefused, match="You have 2 files on the way"):
            begin(batch, print_="c")
        monkeypatch.setattr(room, "OPEN_FILES", 9)
        monkeypatch.setattr(room, "OPEN_BYTES", 25)
        with pytest.raises(FileRefused, match="give them up"):
            begin(batch, print_="c")

    @pytest.mark.django_db(transaction=True)
    def test_two_tabs_cannot_spoil_each_other_s_pieces(self, monkeypatch: Any) -> None:
        """Eight senders of the same file: each byte is stored once, at its place."""
        monkeypatch.setattr(transfers, "PIECE", 100)
        made = begin(batches.make(uploader(), OURS), size=5_000)
        data = bytes(range(250)) * 20

        def send_all(step: int) -> None:
            try:
                while (row := Transfer.objects.get(pk=made.pk)).state == State.RECEIVING:
                    part = data[row.offset : row.offset + step]
                    try:
                        transfers.receive(row, row.offset, io.BytesIO(part), len(part))
                    except WrongOffset:
                        continue
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send_all, args=(step,)) for step in range(30, 430, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert stored(made) == data


class TestAnnouncing:
    def test_a_known_file_goes_on_where_it_stopped(self, batch: Batch) -> None:
        made = begin(batch)
        receive(made, 0, b"01234")
        again = begin(batch)
        assert (again.pk, again.offset) == (made.pk, 5)

    def test_a_refused_file_begins_anew(self, batch: Batch) -> None:
        made = send(batch, "a.zip", b"0123456789")
        Transfer.objects.update(state=State.REFUSED, reason="damaged", found=3, attempts=2)
        again = begin(batch, "a.zip", print_="a.zip")
        assert (again.pk, again.offset, again.state, again.reason) == (made.pk, 0, "receiving", "")
        assert stored(again) == b""

    def test_the_same_file_of_another_size_is_refused(self, batch: Batch) -> None:
        begin(batch)
        with pytest.raises(FileRefused, match="choose it again"):
            begin(batch, size=11)

    def test_files_without_a_fingerprint_are_different_ones(self, batch: Batch) -> None:
        assert begin(batch, print_="").pk != begin(batch, print_="").pk

    @pytest.mark.parametrize(
        ("name", "size", "sentence"),
        [
            ("a.jpg", 0, "“a.jpg” is empty: look whether it opens, then choose it again."),
            (
                "Cats/big.jpg",
                LIMITS.weight + 1_500_000,
                "“big.jpg” has 21.5 MB, and 20 MB is the most. Save it smaller.",
            ),
            (
                "all.zip",
                612_000_000,
                "“all.zip” has 612 MB, and 500 MB is the most. Make two archives of it.",
            ),
            (
                "notes.txt",
                10,
                (
                    "“notes.txt” is no photo: send JPEG, PNG or WebP photos, or archives of them "
                    "(.zip, .tar, .tar.gz)."
                ),
            ),
            (
                "pets.rar",
                10,
                (
                    "“pets.rar” is no photo: send JPEG, PNG or WebP photos, or archives of them "
                    "(.zip, .tar, .tar.gz)."
                ),
            ),
        ],
    )
    def test_it_says_why_a_file_is_not_taken(
        self, batch: Batch, name: str, size: int, sentence: str
    ) -> None:
        with pytest.raises(FileRefused) as error:
            begin(batch, name, size)
        assert str(error.value) == sentence

    def test_one_bad_file_does_not_stop_the_others(self, batch: Batch, volunteer: User) -> None:
        files = [transfers.Announced(name, 5, name) for name in ("a.jpg", "b.txt", "c.png")]
        made = transfers.announce(batch, volunteer, files)
        assert [isinstance(one, Transfer) for one in made] == [True, False, True]

    def test_ten_thousand_empty_files_leave_no_rows(self, batch: Batch, volunteer: User) -> None:
        files = [transfers.Announced(f"{n}.jpg", 0, str(n)) for n in range(10_000)]
        assert len(transfers.announce(batch, volunteer, files)) == 10_000
        assert Transfer.objects.count() == 0

    def test_a_batch_has_an_end(
        self, batch: Batch, volunteer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transfers, "MOST_FILES", 2)
        files = [transfers.Announced(f"{n}.jpg", 1, str(n)) for n in range(3)]
        with pytest.raises(FileRefused, match="2 files at most"):
            transfers.announce(batch, volunteer, files)

    @pytest.mark.parametrize(
        ("said", "kept"),
        [
            ("Katzen/Mäuschen 🐈‍⬛.jpg", "Katzen/Mäuschen 🐈‍⬛.jpg"),
            ("קטים/חתול.jpg", "קטים/חתול.jpg"),
            ("قطة\u202egpj.jpg", "قطة\u202egpj.jpg"),
            ("a\0b\nc.jpg", "abc.jpg"),
            ("C:\\cats\\a.jpg", "C:/cats/a.jpg"),
            ("x" * 600 + ".jpg", "x" * 496 + ".jpg"),
            ("/etc/a.jpg", "etc/a.jpg"),
        ],
    )
    def test_names_of_any_script_are_kept(self, batch: Batch, said: str, kept: str) -> None:
        made = begin(batch, said)
        made.refresh_from_db()
        assert made.name == kept


class TestEnding:
    def test_giving_up_leaves_nothing(self, batch: Batch) -> None:
        made = begin(batch)
        receive(made, 0, b"01234")
        transfers.give_up(made)
        assert not default_storage.exists(f"transfers/{made.pk}")
        assert not Transfer.objects.exists()

    def test_what_has_arrived_cannot_be_given_up(self, batch: Batch) -> None:
        with pytest.raises(TransferOver):
            transfers.give_up(send(batch, "a.jpg", b"01"))

    def test_after_a_week_without_a_byte_it_is_forgotten(self, batch: Batch) -> None:
        old, fresh = begin(batch, print_="old"), begin(batch, print_="fresh")
        for made in (old, fresh):
            receive(made, 0, b"01234")
        Transfer.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=8))
        default_storage.save("transfers/00stray/0", io_file(b"lost"))
        assert transfers.forget_abandoned() == 1
        assert list(Transfer.objects.all()) == [fresh]
        assert default_storage.listdir("transfers")[0] == [fresh.pk]

    def test_others_do_not_find_it(self, batch: Batch) -> None:
        with pytest.raises(UnknownTransfer):
            transfers.find(begin(batch).pk, uploader("somebody"))


def io_file(data: bytes) -> Any:
    """Return a file that storage takes."""
    from django.core.files.base import ContentFile

    return ContentFile(data)
