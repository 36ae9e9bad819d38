"""What can go wrong with a private server, in words for the person who started it."""

from __future__ import annotations

import errno
from pathlib import Path

FULL_DISK_WORDS = ("No space left on device", "Disk quota exceeded", "File too large")


class ServerError(Exception):
    """A private server cannot run. The text is one plain sentence that says what to do."""


def full_disk(place: Path) -> ServerError:
    """Return the error for a disk without room under `place`."""
    return ServerError(
        f"The disk that holds {place} is full. Free some space, "
        "or choose another folder with PAWCHA_VAR."
    )


def from_os(error: OSError, place: Path) -> ServerError:
    """Return the sentence for a file operation that failed at `place`."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return full_disk(place)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ServerError(
            f"Cannot write in {place}: {error.strerror}. Make it writable for you, "
            "or choose another folder with PAWCHA_VAR."
        )
    return ServerError(f"Cannot use {place}: {error.strerror}.")


def last_line(text: str) -> str:
    """Return the line of a server's log that says most: the last fatal one, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # The answer to our own question whether it is ready.
    lines = [line for line in lines if "the database system is" not in line] or lines
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    return (telling or lines or ["it said nothing"])[-1]
