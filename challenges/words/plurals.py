"""Which form of a text goes with a whole number: the plural rules of CLDR 46, as in browsers. Pure.

https://www.unicode.org/cldr/charts/46/supplemental/language_plural_rules.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final


def _one(n: int) -> str:
    return "one" if n == 1 else "other"


def _one_or_none(n: int) -> str:
    return "one" if n in (0, 1) else "other"


def _never(n: int) -> str:
    return "other"


def _hebrew(n: int) -> str:
    return {1: "one", 2: "two"}.get(n, "other")


def _few(n: int) -> bool:
    return n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)


def _polish(n: int) -> str:
    if n == 1:
        return "one"
    return "few" if _few(n) else "many"


def _east_slavic(n: int) -> str:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if _few(n) else "many"


def _arabic(n: int) -> str:
    if n < 3:
        return ("zero", "one", "two")[n]
    if n % 100 < 3:
        return "other"
    return "few" if n % 100 < 11 else "many"


# The Romance languages have one more form, from a million on: no number of ours gets there.
_RULES: Final[Mapping[str, Callable[[int], str]]] = {
    "fr": _one_or_none,
    "pt": _one_or_none,
    "hi": _one_or_none,
    "he": _hebrew,
    "pl": _polish,
    "ru": _east_slavic,
    "uk": _east_slavic,
    "ar": _arabic,
    **dict.fromkeys(("zh-Hans", "zh-Hant", "ja", "ko", "vi", "id"), _never),
}


def category(tag: str, count: int) -> str:
    """Return the plural category of a whole number from 0 in one of our languages."""
    return _RULES.get(tag, _one)(count)


def counted(forms: Mapping[str, str], tag: str, count: int) -> str:
    """Return the form of a text that goes with the number, the number filled in."""
    return forms.get(category(tag, count), forms["other"]).format(count=count)
