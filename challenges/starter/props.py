"""Things that lie beside the animal or are held before it; either animal may have any."""

from __future__ import annotations

from random import Random

from challenges.starter.palettes import darker, lighter
from challenges.starter.svg import Pen, trace

COLOURS = ("#d9534f", "#3f8fc4", "#e8b23c", "#6aa84f", "#9a6fc0", "#e8833a", "#38a3a5")


def ball(pen: Pen, rng: Random, x: float, y: float, r: float) -> None:
    """A ball with a stripe, resting on y."""
    c = rng.choice(COLOURS)
    pen.ellipse(x, y - r, r, r, c, stroke=darker(c, 0.5), width=2)
    pen.line(
        [(x - r * 0.9, y - r * 1.2), (x, y - r * 0.75), (x + r * 0.9, y - r * 1.2)],
        lighter(c, 0.7),
        r * 0.28,
    )
    pen.ellipse(x - r * 0.35, y - r * 1.45, r * 0.24, r * 0.18, "#ffffff", opacity=0.7)


def yarn(pen: Pen, rng: Random, x: float, y: float, r: float) -> None:
    """A ball of wool with a loose end."""
    c = rng.choice(COLOURS)
    edge = darker(c, 0.35)
    pen.line(
        [(x + r * 0.6, y - 3), (x + r * 1.5, y - 2), (x + r * 2, y - 7), (x + r * 2.7, y - 2)], c, 3
    )
    pen.ellipse(x, y - r, r, r, c, stroke=edge, width=2)
    for k in (-0.5, 0.0, 0.5):
        pen.line(
            [
                (x - r * 0.8, y - r + r * k),
                (x, y - r * 1.3 + r * k),
                (x + r * 0.8, y - r + r * k * 0.6),
            ],
            edge,
            1.6,
            0.7,
        )
        pen.line(
            [(x + r * k, y - r * 1.85), (x + r * k * 1.4 + 2, y - r), (x + r * k, y - r * 0.2)],
            lighter(c, 0.4),
            1.6,
            0.7,
        )


def bowl(pen: Pen, rng: Random, x: float, y: float, r: float) -> None:
    """A food bowl."""
    c, w = rng.choice(COLOURS), r * 1.5
    pen.ellipse(x, y - r * 0.95, w * 0.86, r * 0.42, "#9a6a42")
    d = trace("M", x - w * 0.85, y - r * 0.95, "Q", x, y - r * 0.45, x + w * 0.85, y - r * 0.95)
    pen.path(d + trace("L", x + w, y, "H", x - w, "Z"), c, darker(c, 0.5), 2)


def cube(pen: Pen, rng: Random, x: float, y: float, r: float) -> None:
    """A wooden toy block."""
    c = rng.choice(COLOURS)
    pen.rect(x - r, y - 2 * r, 2 * r, 2 * r, lighter(c, 0.2), 4)
    pen.rect(x - r * 0.66, y - 1.66 * r, 1.32 * r, 1.32 * r, lighter(c, 0.6), 3)
    pen.ellipse(x, y - r, r * 0.38, r * 0.38, c)


PROPS = {"ball": ball, "yarn": yarn, "bowl": bowl, "block": cube}
