"""Sheets of many pictures, so that a person can look at all of them in a few minutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

# Pixels: how wide a picture is on a sheet, how high at most, and its caption.
WIDE: Final = 420
HIGH: Final = 460
CAPTION: Final = 22
ACROSS: Final = 4


def sheet(pictures: Sequence[Path], to: Path) -> None:
    """Put pictures side by side, each under its name, and write the sheet."""
    rows = -(-len(pictures) // ACROSS)
    canvas = Image.new("RGB", (ACROSS * WIDE, rows * (HIGH + CAPTION)), "#888")
    draw = ImageDraw.Draw(canvas)
    for number, place in enumerate(pictures):
        left, top = number % ACROSS * WIDE, number // ACROSS * (HIGH + CAPTION)
        with Image.open(place) as picture:
            small = picture.convert("RGB")
            small.thumbnail((WIDE - 8, HIGH - 4))
        canvas.paste(small, (left + 4, top + CAPTION))
        draw.text((left + 6, top + 5), place.stem, fill="white")
    canvas.save(to)
