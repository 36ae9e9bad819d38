"""Places: each draws a whole picture behind the animal, with its ground at a given height."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .svg import Pen


@dataclass(frozen=True)
class Place:
    """The picture to fill, in pixels: `floor` is where the ground begins, `feet` where the animal stands."""

    pen: Pen
    rng: Random
    width: float
    height: float
    floor: float
    feet: float


def meadow(p: Place) -> None:
    p.pen.rect(0, 0, p.width, p.height, "#bcdff0")
    p.pen.rect(0, p.floor, p.width, p.height, "#8fc06a")


BACKGROUNDS: dict[str, Callable[[Place], None]] = {"meadow": meadow}
