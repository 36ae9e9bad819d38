"""What somebody would call broken in a picture: words cut off, controls on top of each other."""

from __future__ import annotations

from pathlib import Path
from typing import Final, cast

from playwright.sync_api import Frame

LOOK: Final = Path(__file__).with_name("faults.js").read_text()


def faults(page: Frame) -> list[str]:
    """Return a sentence for everything that is broken in what this frame shows."""
    return cast("list[str]", page.evaluate(LOOK))
