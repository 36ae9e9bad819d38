"""Room on the disk: what files that were announced may still take, and what stays free."""

from __future__ import annotations

import shutil
from typing import Final

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db.models import Count, F, Q, Sum

from challenges.exceptions import FileRefused, NoRoom
from challenges.models import Transfer

# What stays free on the disk, in bytes.
SPARE: Final = 200_000_000
# What one person may have on the way: files, and their bytes.
OPEN_FILES: Final = 20_000
OPEN_BYTES: Final = 20_000_000_000

State = Transfer.State
_OPEN: Final = (State.RECEIVING, State.ARRIVED)


def check(size: int) -> None:
    """Raise NoRoom when this many bytes more would leave too little on the disk."""
    try:
        free = shutil.disk_usage(default_storage.path("")).free
    except (NotImplementedError, OSError):
        # A storage that is no disk of this machine, or one that is still empty.
        return
    if size and free < size + SPARE:
        raise NoRoom


def check_announced(size: int) -> None:
    """Raise NoRoom when files of this size, beside all that were announced, would fill the disk.

    Each lies there twice for a while: as it came, and as photos.
    """
    if not size:
        return
    coming = Transfer.objects.filter(state__in=_OPEN).aggregate(
        receiving=Sum(2 * F("size") - F("offset"), filter=Q(state=State.RECEIVING)),
        arrived=Sum("size", filter=Q(state=State.ARRIVED)),
    )
    check(2 * size + sum(number or 0 for number in coming.values()))


def check_person(person: User, files: int, size: int) -> None:
    """Raise FileRefused when somebody has too much on the way, with these files."""
    there = Transfer.objects.filter(person=person, state__in=_OPEN).aggregate(
        files=Count("pk"), size=Sum("size")
    )
    if there["files"] + files > OPEN_FILES or (there["size"] or 0) + size > OPEN_BYTES:
        raise FileRefused(
            f"You have {there['files']:,} files on the way, and {OPEN_FILES:,} files or "
            f"{OPEN_BYTES // 10**9} GB at once is the most: go on with those or give them up, "
            "then send these."
        )
