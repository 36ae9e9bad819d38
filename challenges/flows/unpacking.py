"""Files that have arrived, handed on to intake: a photo as it is, an archive photo by photo.

Nothing is put together on the disk: an archive is read straight from its chunks.
"""

from __future__ import annotations

import bisect
import contextlib
import io
import itertools
import logging
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, cast

from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from challenges import archives
from challenges.archives import Found, Walk
from challenges.flows import importing, transfers
from challenges.locks import Lock, try_lock
from challenges.models import Transfer

if TYPE_CHECKING:
    from typing_extensions import Buffer

logger = logging.getLogger(__name__)

# The most photos of one archive.
MOST_PHOTOS: Final = 5_000
# An archive at which workers died this often is not tried again.
ATTEMPTS: Final = 2
# How far an archive has come is noted once per so many photos.
NOTED: Final = 10
# At least so long an archive is read for the next photo, in seconds.
LEAST: Final = 10.0
_NOT_AN_ARCHIVE: Final = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n", "png"))

State = Transfer.State


class ChunksGone(Exception):
    """Bytes that had arrived cannot be read any more."""


class _TooSlow(Exception):
    """No other photo came out of an archive in time."""


def unpack(transfer_id: str, seconds: float) -> bool:
    """Hand on what has arrived, for about `seconds`. Return whether some of it is left.

    May run twice, and in two workers at once: the second finds nothing to do.
    """
    with try_lock(Lock.TRANSFER, int(transfer_id[:8], 16)) as free:
        if not free:
            return False
        arrived = Transfer.objects.filter(pk=transfer_id, state=State.ARRIVED)
        # Counted and committed before reading: the count survives a death in the middle.
        if arrived.filter(attempts__lt=ATTEMPTS).update(attempts=F("attempts") + 1):
            return _hand_on(arrived.select_related("batch").get(), seconds)
        for transfer in arrived:
            _end(
                transfer,
                State.REFUSED,
                f"Reading “{transfer.name[-100:]}” stopped the worker {ATTEMPTS} times or took too "
                "long, so the rest of it is left out: unpack it on your computer and send the "
                "photos themselves.",
            )
        return False


def oldest_arrived(limit: int = 100) -> list[str]:
    """Return the ids of the files that have waited longest for a worker."""
    rows = Transfer.objects.filter(state=State.ARRIVED).order_by("updated_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def unpack_oldest(seconds: float) -> None:
    """Hand on what waits in the database for about `seconds`: its message may have been lost."""
    until = time.monotonic() + seconds
    for transfer_id in oldest_arrived():
        left = until - time.monotonic()
        if left <= 0:
            return
        if unpack(transfer_id, left):
            transfers.send(transfer_id)


def _hand_on(transfer: Transfer, seconds: float) -> bool:
    until = time.monotonic() + seconds
    reading = _Reading(transfer, time.monotonic() + max(seconds, LEAST))
    try:
        with contextlib.closing(reading.spooled()) as spooled:
            for run in spooled:
                if run.found % NOTED == 0:
                    reading.note()
                if time.monotonic() > until and run.found > reading.before:
                    break
            else:
                return reading.end()
        return reading.stop()
    except _TooSlow:
        return reading.stop()
    except ChunksGone:
        gone = f"Bytes of “{transfer.name}” are gone from this Pawcha's disk: send it again."
        _end(transfer, State.REFUSED, gone)
        return False
    except (OSError, InterfaceError, OperationalError):
        # The disk or the database, not the file: it stays, and the next round tries again.
        Transfer.objects.filter(pk=transfer.pk, attempts__gt=0).update(attempts=F("attempts") - 1)
        raise


def _end(transfer: Transfer, state: Transfer.State, reason: str = "") -> None:
    rows = Transfer.objects.filter(pk=transfer.pk, state=State.ARRIVED)
    with transaction.atomic():
        rows.update(state=state, reason=reason[:300], updated_at=timezone.now())
        transaction.on_commit(lambda: transfers.drop_chunks(transfer.pk))


@dataclass(slots=True)
class _Reading:
    """One look through a file that has arrived: on from the photos that came out `before`."""

    transfer: Transfer
    latest: float
    walk: Walk = field(init=False)
    run: importing.Run = field(init=False)
    before: int = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.transfer.found
        self.walk = Walk([], most=MOST_PHOTOS, tick=self._tick)
        self.run = importing.Run(
            self.transfer.batch, self.before, self.before, transfer=self.transfer
        )

    def spooled(self) -> Generator[importing.Run]:
        """Hand over the photos, one at a time. Raises ChunksGone, _TooSlow."""
        return importing.spool_all(self.run, self._files())

    def end(self) -> bool:
        """Say what became of a file that was read to its end. Return no: nothing is left."""
        self.note()
        why_not = self.why_nothing()
        _end(self.transfer, State.REFUSED if why_not else State.DONE, why_not)
        return False

    def stop(self) -> bool:
        """Let another round go on. Return yes.

        The attempt is given back only for other photos: what takes too long to read again ends.
        """
        came = self.run.handed > self.before
        self.note(**({"attempts": 0} if came else {}))
        return True

    def note(self, **also: object) -> None:
        """Keep how far the file has come. What is not with the workers yet is read again."""
        fields = {"found": self.run.handed, "left_out": dict(self.walk.skipped)}
        rows = Transfer.objects.filter(pk=self.transfer.pk)
        rows.update(**fields, **also, updated_at=timezone.now())

    def why_nothing(self) -> str:
        """Return why there is no photo in the file, empty when there is one."""
        if self.run.found:
            return ""
        name = self.transfer.name.rpartition("/")[2][-100:]
        with _open(self.transfer) as file:
            start = file.read(8)
        for magic, ending in _NOT_AN_ARCHIVE:
            if start.startswith(magic):
                return (
                    f"“{name}” is called an archive and is a photo: give it a name that ends in "
                    f".{ending} and send that."
                )
        if any("damaged" in kind for kind in self.walk.skipped):
            return (
                f"“{name}” is damaged or no archive: look whether it opens on your computer, make "
                "it again as a .zip and send that."
            )
        there = ", ".join(archives.counted(*kind) for kind in self.walk.skipped.most_common(3))
        return f"There is no photo in “{name}”. It holds: {there or 'nothing'}."

    def _files(self) -> Iterator[Found]:
        name = self.transfer.name
        with _open(self.transfer) as file:
            if archives.is_archive(name):
                photos = self.walk.archive(file, name.rpartition("/")[2])
                # A tar can only be read from its start; nothing else is done for these again.
                yield from itertools.islice(photos, self.before, None)
            elif not self.before:
                yield Found(name, file.read())

    def _tick(self) -> None:
        if time.monotonic() > self.latest:
            raise _TooSlow


def _open(transfer: Transfer) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Chunks(transfer), 1 << 20))


class _Chunks(io.RawIOBase):
    """The pieces of a file as one. Raises ChunksGone when one cannot be read."""

    def __init__(self, transfer: Transfer) -> None:
        self._pieces = transfers.chunks(transfer.pk)
        self._starts = [start for start, _ in self._pieces]
        self._size, self._place = transfer.size, 0
        self._open: tuple[int, IO[bytes]] | None = None

    def readable(self) -> bool:
        """Return yes."""
        return True

    def seekable(self) -> bool:
        """Return yes: the list of a zip is at its end."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("There is nothing before the start of a file.")
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer as far as the piece at this place goes."""
        if self._place >= self._size:
            return 0
        view = memoryview(buffer)
        index = bisect.bisect_right(self._starts, self._place) - 1
        try:
            data = self._piece(index, self._place - self._starts[index], len(view))
        except (OSError, IndexError) as error:
            raise ChunksGone from error
        if not data:
            raise ChunksGone
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _piece(self, index: int, start: int, size: int) -> bytes:
        if self._open is None or self._open[0] != index:
            self._let_go()
            self._open = index, default_storage.open(self._pieces[index][1])
        file = self._open[1]
        file.seek(start)
        return file.read(size)

    def close(self) -> None:
        """Close the piece that is open."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None
