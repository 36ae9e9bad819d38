"""Colours: fur palettes that cats and dogs share, and arithmetic on hex colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Three fur colours: the coat, its markings, and its pale parts."""

    name: str
    base: str
    dark: str
    light: str


PALETTES = (
    Palette("black", "#43414c", "#26242d", "#f1ece4"),
    Palette("charcoal", "#6a6d79", "#3d3f4a", "#e9e7e6"),
    Palette("blue-grey", "#8f9bac", "#5a6577", "#eceff3"),
    Palette("silver", "#c3c5c9", "#6f747f", "#f8f6f2"),
    Palette("white", "#f4efe6", "#b9a894", "#fffdf8"),
    Palette("cream", "#efdcb9", "#c59a63", "#fdf5e4"),
    Palette("ginger", "#e8a055", "#b9642c", "#fdebd0"),
    Palette("golden", "#ddb06c", "#a6733a", "#f8e9c9"),
    Palette("red", "#bd6c40", "#7c3d24", "#f6dcc0"),
    Palette("fawn", "#d3ad82", "#6d4b36", "#f5e5cf"),
    Palette("brown", "#99704f", "#57392a", "#ead2b2"),
    Palette("chocolate", "#71503f", "#412a22", "#e6d0ba"),
)


def _split(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from the first to the second."""
    pairs = zip(_split(first), _split(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def darker(colour: str, share: float) -> str:
    """Towards a warm near-black."""
    return mix(colour, "#2a1f2b", share)


def lighter(colour: str, share: float) -> str:
    """Towards a warm white."""
    return mix(colour, "#fffaf0", share)


def luma(colour: str) -> float:
    """How bright the colour looks, 0 to 1."""
    r, g, b = _split(colour)
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255
