"""Numbers as people read them."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """Return the number with thousands apart: 12,345."""
    return f"{number:,}"


@register.filter
def percent(share: float | None) -> str:
    """Return a share as 93.1 %, a dash when there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"


@register.filter
def seconds(number: float | None) -> str:
    """Return a time as 12.1 s, a dash when there is none."""
    return "–" if number is None else f"{number:.1f} s"


@register.filter
def number(numbers: Any, name: str) -> int:
    """Return the number of this name."""
    return int(getattr(numbers, name))
