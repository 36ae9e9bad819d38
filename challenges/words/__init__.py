"""Every word that a visitor reads: one JSON file for each language, and how one is chosen. Pure.

A text may hold `{placeholders}`. A text that depends on a number is an object with one form for
each plural category of the language (CLDR), as browsers know them in `Intl.PluralRules`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Language:
    """A language we speak. `draft`: no second reader has looked at its words yet."""

    tag: str
    name: str
    draft: bool = True
    rtl: bool = False

    @property
    def direction(self) -> str:
        """Return the value for an element's `dir`."""
        return "rtl" if self.rtl else "ltr"


ENGLISH: Final = Language("en", "English", draft=False)
LANGUAGES: Final = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("de", "Deutsch", draft=False),
        Language("fr", "Français", draft=False),
        Language("es", "Español", draft=False),
        Language("pt", "Português", draft=False),
        Language("it", "Italiano", draft=False),
        Language("nl", "Nederlands"),
        Language("pl", "Polski"),
        Language("tr", "Türkçe"),
        Language("ru", "Русский"),
        Language("uk", "Українська"),
        Language("ar", "العربية", rtl=True),
        Language("he", "עברית", rtl=True),
        Language("hi", "हिन्दी"),
        Language("zh-Hans", "简体中文"),
        Language("zh-Hant", "繁體中文"),
        Language("ja", "日本語"),
        Language("ko", "한국어"),
        Language("vi", "Tiếng Việt"),
        Language("id", "Bahasa Indonesia"),
    )
}
# Tags that older systems, regions and other CAPTCHAs use for what we have.
_OTHER_NAMES: Final = {
    "iw": "he",
    "in": "id",
    "zh": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "zh-mo": "zh-Hant",
}
# What every reader of tags has room for (RFC 5646, 4.4.1). Longer ones come from no browser.
_LONGEST_TAG: Final = 35
# RFC 9110, 12.4.2.
_WEIGHT: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@cache
def words(tag: str) -> dict[str, Any]:
    """Return the words of a language, as its file has them. Raises KeyError for an unknown tag."""
    found: dict[str, Any] = json.loads(
        (FOLDER / f"{LANGUAGES[tag].tag}.json").read_text(encoding="utf-8")
    )
    return found


def find(tag: str) -> Language | None:
    """Return the language of a BCP 47 tag, such as de-AT or zh_TW, or None when we have none."""
    parts = tag.strip()[:_LONGEST_TAG].lower().replace("_", "-").split("-")
    known = {one.lower(): one for one in LANGUAGES}
    while parts:
        name = "-".join(parts)
        found = known.get(name) or _OTHER_NAMES.get(name)
        if found:
            return LANGUAGES[found]
        parts.pop()
    return None


def choose(wishes: Iterable[str], accept_language: str = "") -> Language:
    """Return the first language that we speak: of the wishes, then of the browser's header."""
    for wish in [*wishes, *_by_quality(accept_language)]:
        if found := find(wish):
            return found
    return ENGLISH


def _by_quality(accept_language: str) -> list[str]:
    """Return the tags of an Accept-Language header (RFC 9110, 12.5.4), dearest first."""
    weighed = []
    for entry in accept_language[:500].split(","):
        tag, semicolon, parameter = entry.partition(";")
        weight = _WEIGHT.fullmatch(parameter.strip())
        quality = float(weight[1]) if weight else 0.0 if semicolon else 1.0
        if quality > 0:
            weighed.append((quality, tag))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
