"""Looking at many pictures behind the labelling, a portion at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.core.files.storage import default_storage

from challenges.models import Photo, Rendition

logger = logging.getLogger(__name__)


def in_portions(portion: Callable[[int], tuple[int, int]], until: float) -> int:
    """Have portions looked at until there are none, the time is over, or labelling waits.

    `portion` gets the id after which it goes on; it returns the last one's id (0: there was none),
    and how many it looked at. `until` is on the monotonic clock. Return how many in all.
    """
    looked, last = 0, 0
    while time.monotonic() < until and not Photo.objects.awaiting_label().exists():
        # Onwards only: a picture that cannot be read must not come up again and again.
        last, number = portion(last)
        if not last:
            break
        looked += number
    return looked


def stored(rendition: Rendition) -> bytes | None:
    """Return what a visitor gets of it, None (and a word in the log) when it cannot be read."""
    try:
        with default_storage.open(rendition.name, "rb") as file:
            return bytes(file.read())
    except OSError as error:
        # Perhaps the store is only away for a moment: the next round tries again.
        logger.warning("%s cannot be read: %s", rendition.name, error)
        return None
