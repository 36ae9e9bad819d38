"""Numbers and days as people read them, the same on all pages."""

from __future__ import annotations

from datetime import datetime


def grouped(number: int) -> str:
    """Return the number with thousands apart: 12,345."""
    return f"{number:,}"


def day(moment: datetime) -> str:
    """Return the day as 3 Nov 2026."""
    return f"{moment.day} {moment:%b %Y}"


def percent(share: float | None) -> str:
    """Return a share as 93.1 %, a dash when there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"


def seconds(number: float | None) -> str:
    """Return a time as 12.1 s, a dash when there is none."""
    return "–" if number is None else f"{number:.1f} s"
