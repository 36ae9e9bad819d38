"""Finding the animal: the network looks where it is, so that no crop loses it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import cache
from typing import Final

from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.flows import focus
from challenges.locks import Lock, try_lock
from challenges.models import Photo
from classifier import engine

logger = logging.getLogger(__name__)

# Photos that the network looks at together.
BATCH: Final = 16


def locate_waiting(seconds: float) -> int:
    """Look for the animal in pooled photos that nobody has looked at, for about `seconds`.

    One process at a time; another call returns at once. Return how many were looked at.
    """
    if not Photo.objects.awaiting_focus().exists():
        return 0
    if missing := engine.missing():
        _say_missing(missing[0])
        return 0
    with try_lock(Lock.LOCATING) as free:
        return _locate_until(time.monotonic() + seconds) if free else 0


@cache
def _say_missing(name: str) -> None:
    """Say it once in this process, not every round: photos are shown without it, too."""
    logger.warning(
        "%s is not installed here, so photos are cropped around their middle, wherever the "
        "animal is: run make install",
        name,
    )


def _locate_until(until: float) -> int:
    located, last = 0, 0
    while time.monotonic() < until:
        # Onwards only: a photo that cannot be read must not come up again and again.
        photos = list(Photo.objects.awaiting_focus().filter(pk__gt=last)[:BATCH])
        if not photos:
            break
        last = photos[-1].pk
        located += _locate(photos)
    return located


def _locate(photos: Sequence[Photo]) -> int:
    read = [(photo, image) for photo in photos if (image := _open(photo))]
    if not read:
        return 0
    found = engine.locate([image for _, image in read])
    return sum(focus.keep(photo.pk, at) for (photo, _), at in zip(read, found, strict=True))


def _open(photo: Photo) -> Image.Image | None:
    try:
        with default_storage.open(photo.storage_name) as file:
            return imaging.open_stored(file.read())
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for some broken files.
        # Perhaps the store is only away for a moment: the next round tries again.
        logger.warning("photo %s cannot be read to look for the animal: %s", photo.pk, error)
        return None
