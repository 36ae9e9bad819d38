"""Numbers as people read them."""

from __future__ import annotations

from typing import Any

from django import template

from challenges.flows import figures

register = template.Library()
register.filter("grouped", figures.grouped)
register.filter("percent", figures.percent)
register.filter("seconds", figures.seconds)


@register.filter
def number(numbers: Any, name: str) -> int:
    """Return the number of this name."""
    return int(getattr(numbers, name))
