"""The marks of a coat: stripes, spots, patches, saddles; drawn on bodies and limbs."""

from __future__ import annotations

from random import Random

from challenges.starter.coats import Coat
from challenges.starter.svg import Pen, Point, Ribbon

Box = tuple[float, float, float, float]


def _wedge(
    pen: Pen,
    start: Point,
    middle: Point,
    end: Point,
    width: float,
    colour: str,
    opacity: float = 0.9,
) -> None:
    ring = Ribbon((start, middle, end), (width, width * 0.85, 0.6)).path()
    pen.path(ring, colour, opacity=opacity)


def _stripes(
    pen: Pen, coat: Coat, rng: Random, box: Box, *, side: bool, fine: bool = False
) -> None:
    x0, y0, x1, y1 = box
    count = rng.randint(11, 14) if fine else rng.randint(6, 9)
    wide = (x1 - x0) / count * (0.3 if fine else 0.45) if side else (y1 - y0) / count * 0.42
    for i in range(count):
        t = (i + 0.5 + rng.uniform(-0.15, 0.15)) / count
        deep = rng.uniform(0.45, 0.75)
        if side:
            x, sway = x0 + (x1 - x0) * t, rng.uniform(-5, 5)
            y = y0 + (y1 - y0) * deep
            _wedge(pen, (x, y0 - 4), (x + sway + 4, (y0 + y) / 2), (x + sway, y), wide, coat.dark)
        else:
            y, reach = y0 + (y1 - y0) * t, (x1 - x0) * 0.36 * deep * 1.3
            _wedge(pen, (x0 - 4, y - 3), (x0 + reach / 2, y + 2), (x0 + reach, y), wide, coat.dark)
            _wedge(pen, (x1 + 4, y - 3), (x1 - reach / 2, y + 2), (x1 - reach, y), wide, coat.dark)


def _spots(pen: Pen, coat: Coat, rng: Random, box: Box, size: float) -> None:
    x0, y0, x1, y1 = box
    columns = max(3, round((x1 - x0) / (size * 3.6)))
    rows = max(3, round((y1 - y0) / (size * 3.4)))
    for i in range(columns):
        for j in range(rows):
            x = x0 + (i + 0.5 + rng.uniform(-0.35, 0.35)) * (x1 - x0) / columns
            y = y0 + (j + 0.5 + rng.uniform(-0.35, 0.35)) * (y1 - y0) / rows
            r = size * rng.uniform(0.55, 1.15)
            pen.ellipse(x, y, r, r * rng.uniform(0.7, 1.0), coat.dark, turn=rng.uniform(0, 90))


def splotch(rng: Random, x: float, y: float, r: float) -> list[Point]:
    """An uneven round patch."""
    steps = ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
    return [(x + dx * r * (k := rng.uniform(0.7, 1.2)), y + dy * r * k) for dx, dy in steps]


def _patches(pen: Pen, coat: Coat, rng: Random, box: Box, count: int, size: float) -> None:
    x0, y0, x1, y1 = box
    for i in range(count):
        x = x0 + (x1 - x0) * (i + rng.uniform(0.1, 0.9)) / count
        y = y0 + (y1 - y0) * rng.choice((rng.uniform(0, 0.3), rng.uniform(0.3, 0.85)))
        r = min(x1 - x0, y1 - y0) * size * rng.uniform(0.7, 1.2)
        colour = (coat.dark, coat.other or coat.dark)[i % 2]
        pen.blob(splotch(rng, x, y, r), colour)


def _saddle(pen: Pen, coat: Coat, rng: Random, box: Box, *, side: bool) -> None:
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    if side:
        low = y0 + h * rng.uniform(0.4, 0.58)
        pen.blob(
            [
                (x0 + w * 0.08, y0 - 9),
                (x1 - w * 0.2, y0 - 9),
                (x1 - w * 0.28, low - 4),
                (x0 + w * 0.45, low + 3),
                (x0 + w * 0.12, low - 6),
                (x0 - 4, y0 + h * 0.25),
            ],
            coat.dark,
        )
        return
    for edge, sign in ((x0, 1), (x1, -1)):
        pen.blob(
            [
                (edge - 6 * sign, y0 - 8),
                (edge + sign * w * 0.26, y0),
                (edge + sign * w * 0.2, y0 + h * 0.5),
                (edge - 6 * sign, y0 + h * 0.7),
            ],
            coat.dark,
        )


def paint_body(pen: Pen, coat: Coat, rng: Random, box: Box, *, side: bool) -> None:
    """The coat's marks on a body that fills the box, drawn inside a clip."""
    if coat.marks == "stripes":
        _stripes(pen, coat, rng, box, side=side)
    elif coat.marks == "brindle":
        _stripes(pen, coat, rng, box, side=side, fine=True)
    elif coat.marks == "spots":
        _spots(pen, coat, rng, box, rng.uniform(4.5, 7.5))
    elif coat.marks == "patches":
        _patches(pen, coat, rng, box, rng.randint(3, 4), 0.3)
    elif coat.marks == "mottle":
        _patches(pen, coat, rng, box, rng.randint(10, 14), 0.13)
    elif coat.marks in ("saddle", "cap"):
        _saddle(pen, coat, rng, box, side=side)


def paint_limb(pen: Pen, coat: Coat, limb: Ribbon) -> None:
    """Rings or dots on a leg or tail."""
    if coat.marks in ("stripes", "brindle"):
        for k in range(3):
            pen.path(limb.path(0.2 + k * 0.17, 0.26 + k * 0.17, -1.5), coat.dark, opacity=0.85)
    elif coat.marks == "spots":
        for k, (x, y) in enumerate(limb.ring(0.15, 0.85, -limb.widths[0] * 0.5)):
            if k % 5 == 2:
                pen.ellipse(x, y, 2.6, 3.2, coat.dark)
