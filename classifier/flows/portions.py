"""Looking at many pictures behind the labelling, a portion at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

from challenges.models import Photo


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
