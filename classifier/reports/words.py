"""Figures as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime


def percent(share: float, digits: int = 1) -> str:
    """Return a share, 0..1, as percent; never 100 or 0 unless it is exactly that."""
    while digits < 6 and (
        (share < 1 and round(share * 100, digits) >= 100)
        or (share > 0 and round(share * 100, digits) <= 0)
    ):
        digits += 1
    return f"{share * 100:.{0 if share in (0, 1) else digits}f} %"


def at_most(high: float) -> str:
    """Return what to say of a share that was never seen to happen: under the interval's end."""
    return f"under {percent(math.ceil(high * 1000) / 1000)}"


def between(low: float, high: float) -> str:
    """Return an interval of shares."""
    return f"{percent(low).removesuffix(' %')} to {percent(high)}"


def count(number: int, one: str, many: str = "") -> str:
    """Return a number of things."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def day(moment: datetime) -> str:
    """Return the day as 3 Nov 2026."""
    return f"{moment.day} {moment:%b %Y}"
