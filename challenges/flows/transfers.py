"""Files that arrive in chunks: announced, received piece by piece, given up.

Each piece is on the disk before the row counts it, and the count is a conditional UPDATE that
holds the row meanwhile: what was acknowledged is never lost, whichever tab or server was faster.
"""

from __future__ import annotations

import contextlib
import errno
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from celery import current_app
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError as NoBroker

from challenges import archives
from challenges.exceptions import (
    FileRefused,
    NoRoom,
    TransferOver,
    UnknownTransfer,
    WrongOffset,
)
from challenges.flows import room
from challenges.imaging import LIMITS
from challenges.models import Batch, Transfer

# The largest archive, in bytes, and the most files of one batch.
LARGEST: Final = 500_000_000
MOST_FILES: Final = 20_000
# A piece that is stored by itself, in bytes.
PIECE: Final = 4_194_304
# The least that is taken at once, but for the end of a file: each piece is a file on the disk.
LEAST: Final = 65_536
# A file that nobody went on with for so long is given up.
KEPT: Final = timedelta(days=7)

State = Transfer.State


class Body(Protocol):
    """Bytes that come in: fewer than asked for when there are no more."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that somebody is about to send. Size in bytes.

    `name` has the folders above it. By its `fingerprint` it is known again, in the same batch.
    """

    name: str
    size: int
    fingerprint: str = ""


def announce(
    batch: Batch, person: User, files: Sequence[Announced]
) -> list[Transfer | FileRefused]:
    """Return a transfer for each file, or why it cannot be taken, in their order.

    A file that was announced before has its old transfer, so that it goes on at its offset; one
    that was refused begins anew. Raises NoRoom.
    """
    judged = [_judge(file) for file in files]
    wanted = [one for one in judged if isinstance(one, Announced)]
    there = _rows(batch, wanted)
    begun = [file for file in wanted if _begins(there.get(file.fingerprint))]
    size = sum(file.size for file in begun)
    room.check_announced(size)
    room.check_person(person, len(begun), size)
    if batch.transfers.count() + len(wanted) - len(there) > MOST_FILES:
        raise FileRefused(
            f"A batch holds {MOST_FILES:,} files at most: put the rest into another batch."
        )
    fresh = [
        Transfer(batch=batch, person=person, **_fields(file))
        for file in wanted
        if file.fingerprint not in there
    ]
    if fresh:
        Transfer.objects.bulk_create(fresh, ignore_conflicts=True)
        there = _rows(batch, wanted)
    return [
        _known(there[one.fingerprint], one) if isinstance(one, Announced) else one for one in judged
    ]


def begin(batch: Batch, person: User, file: Announced) -> Transfer:
    """Return the transfer of one file. Raises FileRefused, NoRoom."""
    (made,) = announce(batch, person, [file])
    if isinstance(made, FileRefused):
        raise made
    return made


def find(transfer_id: str, person: User) -> Transfer:
    """Return this person's transfer. Raises UnknownTransfer."""
    row = Transfer.objects.filter(pk=transfer_id, person=person).select_related("batch").first()
    if row is None:
        raise UnknownTransfer
    return row


def receive(transfer: Transfer, offset: int, body: Body, length: int) -> int:
    """Store `length` bytes that begin at `offset`, and return the offset after the last safe one.

    A body that breaks off is kept as far as it came, but for less than LEAST at its end. Raises
    WrongOffset, TransferOver, FileRefused (more than were announced, or very few), NoRoom.
    """
    if transfer.state != State.RECEIVING:
        raise TransferOver
    if offset != transfer.offset:
        raise WrongOffset
    if offset + length > transfer.size:
        raise FileRefused(
            f"“{transfer.name}” is larger than the {_megabytes(transfer.size)} that were "
            "announced. Was it changed meanwhile? Choose it again."
        )
    until = offset + length
    if length < LEAST and until < transfer.size:
        raise FileRefused(f"Send at least {LEAST // 1024} KB at once, but for the end of a file.")
    while offset < until and (piece := _read(body, min(PIECE, until - offset))):
        if len(piece) < min(LEAST, PIECE) and offset + len(piece) < transfer.size:
            break
        _keep(transfer, offset, piece)
        offset += len(piece)
    return offset


def give_up(transfer: Transfer) -> None:
    """Forget a file that has not arrived yet. Raises TransferOver."""
    gone, _ = Transfer.objects.filter(
        pk=transfer.pk, state__in=[State.RECEIVING, State.REFUSED]
    ).delete()
    if not gone:
        raise TransferOver
    drop_chunks(transfer.pk)


def forget_abandoned() -> int:
    """Remove transfers that nobody went on with, and chunks of none. Return how many."""
    old = Transfer.objects.filter(state=State.RECEIVING, updated_at__lt=timezone.now() - KEPT)
    # Looked at before the rows: a folder that comes later has a row by then.
    with contextlib.suppress(FileNotFoundError):
        folders = set(default_storage.listdir("transfers")[0])
        wanted = Transfer.objects.filter(state__in=[State.RECEIVING, State.ARRIVED])
        for stray in folders - set(wanted.values_list("pk", flat=True)):
            drop_chunks(stray)
    gone = 0
    for row in old:
        with contextlib.suppress(TransferOver):
            give_up(row)
            gone += 1
    return gone


def chunk_name(transfer_id: str, offset: int) -> str:
    """Return where the piece that begins at `offset` lies, within media/."""
    return f"transfers/{transfer_id}/{offset}"


def chunks(transfer_id: str) -> list[tuple[int, str]]:
    """Return the pieces that are stored: where each begins, and its name, in order."""
    try:
        names = default_storage.listdir(f"transfers/{transfer_id}")[1]
    except FileNotFoundError:
        return []
    return sorted(
        (int(name), chunk_name(transfer_id, int(name))) for name in names if name.isdigit()
    )


def drop_chunks(transfer_id: str) -> None:
    """Remove the pieces of a file; may run twice."""
    folder = f"transfers/{transfer_id}"
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    # A part of a piece may lie there, of a server that was killed.
    for name in names:
        default_storage.delete(f"{folder}/{name}")
    # Another server may be writing a piece at this moment: the hourly round comes back.
    with contextlib.suppress(OSError):
        default_storage.delete(folder)


def send(transfer_id: str) -> None:
    """Tell the workers that a file has arrived. Without a broker their beat finds it later."""
    with contextlib.suppress(NoBroker):
        current_app.send_task("challenges.tasks.unpack", [transfer_id], retry=False)


def _judge(file: Announced) -> Announced | FileRefused:
    """Return the file with a name that can be kept, or why it cannot be taken."""
    name = archives.clean(file.name).strip().lstrip("/") or "file without a name"
    short = name.rpartition("/")[2][-100:]
    if file.size == 0:
        return FileRefused(f"“{short}” is empty: look whether it opens, then choose it again.")
    if archives.is_archive(name):
        most, advice = LARGEST, "Make two archives of it"
    elif archives.is_picture(name):
        most, advice = LIMITS.weight, "Save it smaller"
    else:
        return FileRefused(
            f"“{short}” is no photo: send JPEG, PNG or WebP photos, or archives of them "
            "(.zip, .tar, .tar.gz)."
        )
    if file.size > most:
        return FileRefused(
            f"“{short}” has {_megabytes(file.size)}, and {_megabytes(most)} is the most. {advice}."
        )
    fingerprint = archives.clean(file.fingerprint, 128) or secrets.token_hex(16)
    return Announced(name, file.size, fingerprint)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f}".removesuffix(".0") + " MB"


def _fields(file: Announced) -> dict[str, object]:
    return {"name": file.name, "size": file.size, "fingerprint": file.fingerprint}


def _rows(batch: Batch, files: Sequence[Announced]) -> dict[str, Transfer]:
    rows = batch.transfers.filter(fingerprint__in=[file.fingerprint for file in files])
    return {row.fingerprint: row for row in rows}


def _known(row: Transfer, file: Announced) -> Transfer | FileRefused:
    """Return the transfer as it goes on with this file."""
    if row.size != file.size:
        return FileRefused(
            f"“{file.name}” was announced with {_megabytes(row.size)} before and has "
            f"{_megabytes(file.size)} now: choose it again."
        )
    if row.state == State.REFUSED:
        drop_chunks(row.pk)
        row.state, row.offset, row.reason, row.attempts = State.RECEIVING, 0, "", 0
        row.found, row.left_out = 0, {}
        row.save()
    return row


def _begins(row: Transfer | None) -> bool:
    """Return whether all bytes of an announced file are still to come."""
    return row is None or row.state == State.REFUSED


def _read(body: Body, size: int) -> bytes:
    """Return `size` bytes, fewer when the body ends or breaks off before."""
    parts = []
    # The connection broke: Django raises an OSError.
    with contextlib.suppress(OSError):
        while size and (part := body.read(size)):
            parts.append(part)
            size -= len(part)
    return b"".join(parts)


def _keep(transfer: Transfer, offset: int, piece: bytes) -> None:
    """Store one piece and count it, both or neither."""
    room.check(len(piece))
    after = offset + len(piece)
    state = State.ARRIVED if after == transfer.size else State.RECEIVING
    receiving = Transfer.objects.filter(pk=transfer.pk, state=State.RECEIVING, offset=offset)
    with transaction.atomic():
        # First the row, which nobody else counts on until the commit; so no other piece can
        # take the place of this one.
        counted = receiving.update(
            offset=F("offset") + len(piece), state=state, updated_at=timezone.now()
        )
        if not counted:
            raise WrongOffset
        try:
            default_storage.save(chunk_name(transfer.pk, offset), ContentFile(piece))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoRoom from error
            raise
        if state == State.ARRIVED:
            transaction.on_commit(partial(send, transfer.pk))
