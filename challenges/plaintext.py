"""Names that people write, as they are shown to others. Pure."""

from __future__ import annotations

import re
from typing import Final

# They turn the words after them around, also those that are not part of the name: U+202A to U+202E
# and U+2066 to U+2069. Arabic and Hebrew need none of them.
TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def without_turning(text: str) -> str:
    """Return the text without characters that turn the direction of what follows."""
    return TURNING.sub("", text)
