"""What has arrived is handed on to intake, whatever is in it and whenever the worker dies."""

from __future__ import annotations

import dataclasses
import gzip
import io
import itertools
import tarfile
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import OperationalError

from challenges.flows import batches, importing, intake, runs, transfers, unpacking
from challenges.models import Batch, Forgotten, Photo, Transfer, Upload
from challenges.models.photos import Rights
from tests.challenges.uploads import (
    OURS,
    batch,
    may,
    rows,
    send,
    small_pieces,
    tarred,
    uploader,
    volunteer,
    work,
    zipped,
)
from tests.drawn import encoded, photo_file, picture

__all__ = ["batch", "small_pieces", "volunteer"]

State = Transfer.State
Status = Photo.Status


def unpacked(batch: Batch, name: str, data: bytes) -> Transfer:
    """Send a file and have workers take in what is in it."""
    made = send(batch, name, data)
    work()
    made.refresh_from_db()
    return made


class TestPhotos:
    def test_a_photo_says_what_its_batch_says(self, batch: Batch) -> None:
        words = {"shelter": "South", "credit": "Jo", "licence": "CC0", "adoption_url": "https://a/"}
        Batch.objects.update(**words)
        made = unpacked(batch, "a.jpg", photo_file(1))
        photo = Photo.objects.get()
        assert (made.state, made.found) == (State.DONE, 1)
        assert {word: getattr(photo, word) for word in words} == words
        assert (photo.rights, photo.batch) == (Rights.CLEARED, batch)
        assert Upload.objects.get().transfer == made

    def test_the_chunks_go_when_the_photo_is_handed_on(
        self, batch: Batch, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            made = unpacked(batch, "a.jpg", photo_file(1))
        assert not default_storage.exists(f"transfers/{made.pk}")

    def test_these_are_all_cats_is_the_word_of_who_may_label(
        self, batch: Batch, volunteer: User
    ) -> None:
        may(volunteer, "label_photo")
        Batch.objects.update(label="cat")
        unpacked(batch, "Dogs/a.jpg", photo_file(1))
        photo = Photo.objects.get()
        assert (photo.label, photo.status) == ("cat", Status.POOLED)

    @pytest.mark.parametrize("label", ["cat", ""])
    @pytest.mark.parametrize("agree", [1, 2])
    def test_a_label_of_who_may_not_settle_it_waits_for_a_reviewer(
        self, batch: Batch, volunteer: User, settings: Any, label: str, agree: int
    ) -> None:
        settings.PAWCHA = {**settings.PAWCHA, "REVIEWERS_AGREE": agree}
        if agree == 2:
            may(volunteer, "label_photo")
        Batch.objects.update(label=label, trust_labels=agree == 2)
        unpacked(batch, "Cats/a.jpg", photo_file(1))
        photo = Photo.objects.get()
        assert (photo.label, photo.status) == ("cat", Status.PROPOSED)

    def test_a_sender_who_was_removed_is_no_command(self, batch: Batch, volunteer: User) -> None:
        send(batch, "Cats/a.jpg", photo_file(1))
        volunteer.delete()
        work()
        assert Photo.objects.get().status == Status.PROPOSED

    def test_without_a_right_it_is_held_until_one_is_stated(
        self, batch: Batch, volunteer: User
    ) -> None:
        may(volunteer, "label_photo")
        Batch.objects.update(rights=Rights.UNSTATED, rights_text="")
        unpacked(batch, "Cats/a.jpg", photo_file(1))
        assert Photo.objects.get().status == Status.HELD
        assert batch.person is not None
        batch.refresh_from_db()
        words = batches.Words(rights=Rights.CLEARED, rights_text="our own", credit="Jo")
        stated = batches.change(batch, batch.person, words)
        assert stated is not None
        assert stated.pooled == 1
        photo = Photo.objects.get()
        assert (photo.status, photo.rights, photo.credit) == (Status.POOLED, Rights.CLEARED, "Jo")

    def test_a_right_that_comes_with_a_second_batch_pools_what_was_held(
        self, batch: Batch, volunteer: User
    ) -> None:
        may(volunteer, "label_photo")
        Batch.objects.update(rights=Rights.UNSTATED)
        unpacked(batch, "Cats/a.jpg", photo_file(1))
        other = Batch.objects.create(
            name="other", rights=Rights.CLEARED, rights_text="ours", person=batch.person
        )
        unpacked(other, "b.jpg", photo_file(1))
        photo = Photo.objects.get()
        assert (photo.status, photo.rights, photo.batch) == ("pooled", Rights.CLEARED, batch)

    @pytest.mark.parametrize(
        ("right", "becomes"),
        [("", "trial"), ("label_photo", "cleared"), ("change_batch", "cleared")],
    )
    def test_another_s_photo_gets_a_better_right_only_by_who_may_state_it(
        self, batch: Batch, right: str, becomes: str
    ) -> None:
        Batch.objects.update(rights=Rights.TRIAL)
        unpacked(batch, "a.jpg", photo_file(1))
        other = uploader("other")
        if right:
            may(other, right)
        theirs = batches.make(other, dataclasses.replace(OURS, name="theirs"))
        unpacked(theirs, "b.jpg", photo_file(1))
        photo = Photo.objects.get()
        assert (photo.rights, photo.batch) == (becomes, batch)
        (twin,) = runs.look(theirs).twins
        assert (twin.name, twin.photo, twin.batch) == ("b.jpg", photo.pk, "ours")

    def test_the_same_picture_twice_in_a_batch_is_told_by_its_name(self, batch: Batch) -> None:
        same = {"Cats/1.jpg": photo_file(1), "again.jpg": photo_file(1), "2.jpg": photo_file(2)}
        unpacked(batch, "a.zip", zipped(same))
        unpacked(batch, "third time.jpg", photo_file(1))
        names = [twin.name for twin in runs.look(batch).twins]
        assert names == ["again.jpg", "third time.jpg"]

    @pytest.mark.parametrize("how", ["bytes", "pixels"])
    def test_what_was_deleted_for_good_is_not_taken_in_again(self, batch: Batch, how: str) -> None:
        unpacked(batch, "a.png", encoded(picture(1), "PNG"))
        photo = Photo.objects.get()
        digest = Upload.objects.get().sha256
        row = Forgotten.objects.create(
            photo=photo.pk, sha256=photo.sha256, files=[digest], arrived_at=photo.created_at
        )
        Photo.objects.all().delete()
        Upload.objects.all().delete()
        again = encoded(picture(1), "PNG", **({} if how == "bytes" else {"compress_level": 1}))
        unpacked(batch, "b.png", again)
        (said,) = rows(batch).values()
        assert said == (
            "rejected",
            (
                f"This photo was deleted for good on {row.deleted_at:%Y-%m-%d}, so it is "
                "not taken in again."
            ),
        )
        assert not Photo.objects.exists()

    def test_bytes_that_were_gone_and_came_again_are_taken_in(
        self, batch: Batch, django_capture_on_commit_callbacks: Any
    ) -> None:
        data = photo_file(1)
        made = send(batch, "a.jpg", data)
        unpacking.unpack(made.pk, 60)
        upload = Upload.objects.get()
        default_storage.delete(intake.spool_name(upload.sha256))
        work()
        assert rows(batch) == {"a.jpg": ("rejected", intake.GONE)}
        unpacked(batch, "a again.jpg", data)
        assert rows(batch) == {"a.jpg": ("stored", "")}


class TestArchives:
    def test_its_photos_come_in_and_the_rest_is_told(self, batch: Batch) -> None:
        files = {
            "Cats/1.jpg": photo_file(1),
            "Dogs/2.jpg": photo_file(2),
            "3.gif": b"GIF89a...",
            "notes.txt": b"hello",
            "inner.zip": b"PK",
            "../../climbs.jpg": photo_file(3),
            "4.jpg": photo_file(4)[:900],
        }
        made = unpacked(batch, "pets.tar.gz", tarred(files))
        assert (made.state, made.found) == (State.DONE, 4)
        assert made.left_out == {
            "archives inside archives": 1,
            "files that are no pictures (.txt)": 1,
            "paths that climb out of their archive": 1,
        }
        states = {name: state for name, (state, _) in rows(batch).items()}
        assert states == {
            "Cats/1.jpg": "stored",
            "Dogs/2.jpg": "stored",
            "3.gif": "rejected",
            "4.jpg": "rejected",
        }
        advice = {one.what: one.advice for one in runs.look(batch).left_out}
        assert advice["archives inside archives"] == "Unpack them and send the photos in them."

    def test_it_is_read_across_its_chunks(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transfers, "PIECE", 1_000)
        files = {f"{n}.jpg": photo_file(n) for n in range(6)}
        for name, data in (("a.zip", zipped(files)), ("a.tar.xz", tarred(files, "w:xz"))):
            made = unpacked(batch, name, data)
            assert (made.found, made.left_out) == (6, {})
        assert Photo.objects.count() == 6

    def test_after_so_many_photos_the_rest_is_counted(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(unpacking, "MOST_PHOTOS", 2)
        made = unpacked(batch, "a.zip", zipped({f"{n}.jpg": photo_file(n) for n in range(5)}))
        assert (made.found, made.left_out) == (2, {"photos after the first 2": 3})
        (left,) = runs.look(batch).left_out
        assert left.advice == "Put the rest into another archive."

    def test_a_slice_of_time_goes_on_where_it_stopped(self, batch: Batch) -> None:
        made = send(batch, "a.zip", zipped({f"{n}.jpg": photo_file(n) for n in range(30)}))
        assert unpacking.unpack(made.pk, 0) is True
        made.refresh_from_db()
        assert (made.state, made.attempts, made.found) == (State.ARRIVED, 0, 1)
        work()
        made.refresh_from_db()
        assert (made.state, made.found) == (State.DONE, 30)
        assert Photo.objects.count() == 30
        run = runs.look(batch)
        assert (run.photos.stored, run.photos.twice, run.busy) == (30, 0, False)

    def test_a_worker_that_dies_loses_no_photo_of_a_portion(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = send(batch, "a.tar", tarred({f"{n}.jpg": photo_file(n) for n in range(30)}, "w"))
        spool, seen = importing._spool, []

        def die(run: importing.Run, *args: Any) -> None:
            seen.append(run)
            if len(seen) == 28:
                raise MemoryError
            spool(run, *args)

        with monkeypatch.context() as patched:
            patched.setattr(importing, "_spool", die)
            patched.setattr(importing, "_hand_over", unless_dead(importing._hand_over, seen))
            with pytest.raises(MemoryError):
                unpacking.unpack(made.pk, 60)
        made.refresh_from_db()
        assert (made.found, Upload.objects.count()) == (20, 20)
        work()
        assert Photo.objects.count() == 30

    def test_an_archive_that_is_too_slow_ends(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = send(batch, "a.tar", tarred({f"{n}.jpg": photo_file(n) for n in range(5)}, "w"))
        # Each look at the clock takes longer than there is.
        clock = itertools.count(0, 100.0)
        with monkeypatch.context() as patched:
            patched.setattr("challenges.flows.unpacking.time.monotonic", lambda: next(clock))
            rounds = [unpacking.unpack(made.pk, 60) for _ in range(3)]
        made.refresh_from_db()
        assert (rounds, made.state) == ([True, True, False], State.REFUSED)
        assert "took too long" in made.reason

    def test_it_may_be_unpacked_twice(self, batch: Batch) -> None:
        made = unpacked(batch, "a.zip", zipped({"1.jpg": photo_file(1)}))
        assert unpacking.unpack(made.pk, 60) is False
        assert (Upload.objects.count(), Photo.objects.count()) == (1, 1)

    def test_an_archive_at_which_workers_die_twice_is_left_out(self, batch: Batch) -> None:
        made = send(batch, "a.zip", zipped({"1.jpg": photo_file(1)}))
        Transfer.objects.update(attempts=unpacking.ATTEMPTS)
        assert unpacking.unpack(made.pk, 60) is False
        made.refresh_from_db()
        assert (made.state, made.reason) == (
            State.REFUSED,
            (
                "Reading “a.zip” stopped the worker 2 times or took too long, so the "
                "rest of it is left out: unpack it on your computer and send the photos themselves."
            ),
        )

    def test_a_full_disk_is_not_the_archive_s_fault(
        self, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = send(batch, "a.zip", zipped({"1.jpg": photo_file(1)}))

        def full(*args: Any) -> None:
            raise OperationalError("the database is gone")

        monkeypatch.setattr(importing, "_spool", full)
        with pytest.raises(OperationalError):
            unpacking.unpack(made.pk, 60)
        made.refresh_from_db()
        assert (made.state, made.attempts) == (State.ARRIVED, 0)

    def test_chunks_that_are_gone_are_asked_for_again(self, batch: Batch) -> None:
        made = send(batch, "a.zip", zipped({"1.jpg": photo_file(1)}))
        transfers.drop_chunks(made.pk)
        unpacking.unpack(made.pk, 60)
        made.refresh_from_db()
        assert made.reason == "Bytes of “a.zip” are gone from this Pawcha's disk: send it again."

    def test_the_beat_finds_what_no_message_told(self, batch: Batch) -> None:
        made = send(batch, "a.jpg", photo_file(1))
        unpacking.unpack_oldest(60)
        made.refresh_from_db()
        assert made.state == State.DONE


def unless_dead(hand_over: Any, seen: list[Any]) -> Any:
    """Return a way to hand over that a dead worker does not go."""
    return lambda run, portion: hand_over(run, portion) if len(seen) < 28 else None


def bomb() -> bytes:
    """Return a zip whose one photo is 15 MB of nothing."""
    return zipped({"bomb.jpg": bytes(15_000_000)})


def lying() -> bytes:
    """Return a zip whose directory says that its photo has ten bytes."""
    data = bytearray(zipped({"a.jpg": photo_file(1)}))
    place = data.index(b"PK\1\2") + 24
    data[place : place + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def encrypted() -> bytes:
    """Return a zip whose one photo needs a password."""
    data = bytearray(zipped({"a.jpg": photo_file(1)}))
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def with_devices() -> bytes:
    """Return a tar with a device, a link and a pipe."""
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            for kind in (tarfile.CHRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE):
                entry = tarfile.TarInfo("a.jpg")
                entry.type, entry.linkname = kind, "/etc/passwd"
                archive.addfile(entry)
        return out.getvalue()


def swelling() -> bytes:
    """Return a tar.gz of 300 KB that swells to 300 MB."""
    entry = tarfile.TarInfo("a.txt")
    entry.size = 300_000_000
    return gzip.compress(entry.tobuf() + bytes(300_000_000), 9)


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("e.zip", encrypted, "There is no photo in “e.zip”. It holds: 1 encrypted file."),
        ("d.tar", with_devices, "There is no photo in “d.tar”. It holds: 3 links and devices."),
        (
            "b.zip",
            bomb,
            (
                "There is no photo in “b.zip”. It holds: 1 file packed so tightly that "
                "it cannot be a photo."
            ),
        ),
        (
            "l.zip",
            lying,
            (
                "“l.zip” is damaged or no archive: look whether it opens on your computer, make it "
                "again as a .zip and send that."
            ),
        ),
        (
            "empty.zip",
            lambda: zipped({f"{n}.jpg": b"" for n in range(10_000)}),
            "There is no photo in “empty.zip”. It holds: 10,000 empty files.",
        ),
        (
            "photo.zip",
            lambda: photo_file(1),
            (
                "“photo.zip” is called an archive and is a photo: give it a name that ends "
                "in .jpg and send that."
            ),
        ),
        (
            "cut.zip",
            lambda: zipped({"a.jpg": photo_file(1)})[:500],
            (
                "“cut.zip” is damaged or no archive: look whether it opens on your "
                "computer, make it again as a .zip and send that."
            ),
        ),
        (
            "nested.zip",
            lambda: zipped({"in.zip": zipped({"a.jpg": photo_file(1)})}),
            "There is no photo in “nested.zip”. It holds: 1 archive inside an archive.",
        ),
        (
            "swells.tar.gz",
            swelling,
            (
                "There is no photo in “swells.tar.gz”. It holds: 1 file that is no "
                "picture (.txt), the rest of swells.tar.gz, which swells to far more than photos "
                "would."
            ),
        ),
    ],
)
def test_a_bad_archive_is_told_in_a_sentence_and_the_others_go_on(
    batch: Batch, name: str, make: Any, reason: str
) -> None:
    good = send(batch, "good.jpg", photo_file(9))
    made = unpacked(batch, name, make())
    good.refresh_from_db()
    assert (made.state, made.reason) == (State.REFUSED, reason)
    assert (good.state, Photo.objects.count()) == (State.DONE, 1)


def test_a_zip_that_is_called_a_photo_is_told(batch: Batch) -> None:
    unpacked(batch, "a.jpg", zipped({"1.jpg": photo_file(1)}))
    assert rows(batch)["a.jpg"] == (
        "rejected",
        "This file is a zip archive: send a JPEG, PNG or WebP.",
    )


def test_names_of_any_kind_come_out_of_archives(batch: Batch) -> None:
    names = ["חתול 🐈.jpg", "x" * 300 + "/" + "y" * 250 + ".jpg", "a\u202egpj.jpg", "猫/1.jpg"]
    files = {name: photo_file(n) for n, name in enumerate(names)}
    made = unpacked(batch, "قطط.zip", zipped(files))
    assert (made.state, made.found) == (State.DONE, 4)
    assert set(rows(batch)) == {name[-500:] for name in names}


def test_a_zip_that_lists_too_much_is_not_even_opened(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("challenges.archives._DIRECTORY", 1_000)
    opened: list[Any] = []
    monkeypatch.setattr(zipfile, "ZipFile", opened.append)
    data = b"PK\5\6" + bytes(8) + (5_000).to_bytes(4, "little") + bytes(6)
    made = unpacked(batch, "a.zip", b"-" * 5_000 + data)
    assert "lists more than 100,000 files" in made.reason
    assert opened == []
