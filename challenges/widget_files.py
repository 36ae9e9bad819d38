"""The widget's files as they lie in static/, and one name for how all of them are now. Pure."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static" / "challenges" / "widget"
# Loaded by the page of the frame, in this order; what they need themselves is asked for at once.
SHEETS: Final = ("style.css", "bar.css", "card.css", "grid.css")
DARK_SHEET: Final = "dark.css"
ENTRY: Final = "frame.js"
MODULES: Final = (
    "adopt.js", "bar.js", "client.js", "clock.js", "closer.js", "colours.js", "grid.js",
    "handshake.js", "journey.js", "looks.js", "parts.js", "place.js", "report.js", "stages.js",
    "state.js", "view.js", "words.js",
)  # fmt: skip
PARTS: Final = frozenset({*SHEETS, DARK_SHEET, ENTRY, *MODULES})
TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@cache
def read(name: str) -> bytes:
    """Return a file. Raises FileNotFoundError."""
    return (FOLDER / name).read_bytes()


@cache
def version() -> str:
    """Return a short text that changes with any part of the frame."""
    digest = hashlib.sha256()
    for name in sorted(PARTS):
        digest.update(read(name))
    return digest.hexdigest()[:12]
