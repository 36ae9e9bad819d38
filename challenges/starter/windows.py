"""Places before a window."""

from __future__ import annotations

from challenges.starter.indoors import FABRICS, WALLS
from challenges.starter.palettes import darker, lighter
from challenges.starter.place import Place
from challenges.starter.svg import trace


def _panes(p: Place, x: float, w: float, h: float, frame: str) -> None:
    p.pen.path(trace("M", x, "-5H", x + w, "V", h, "H", x, "Z"), "none", frame, 14)
    p.pen.rect(x + w / 2 - 4, 0, 8, h, frame)
    p.pen.rect(x, h * 0.42, w, 7, frame)


def window_sill(p: Place) -> None:
    """On a sill before a sunny window."""
    frame, wall = p.rng.choice(("#f7f4ee", "#d9c3a3", "#8d6a50")), p.rng.choice(WALLS)
    p.sky(p.rng.choice(("#a9d4ee", "#bfe0f0", "#f2cfae")), "#eaf4f2")
    p.cloud(p.rng.uniform(0.2, 0.8) * p.width, p.floor * 0.3, p.rng.uniform(30, 55))
    p.hills(p.floor * 0.86, p.floor * 0.25, p.rng.choice(("#9cc08a", "#86ab97", "#b9c58a")))
    inset = p.width * p.rng.uniform(0.02, 0.2)
    p.pen.rect(0, 0, inset, p.floor, wall)
    p.pen.rect(p.width - inset, 0, inset, p.floor, wall)
    _panes(p, inset, p.width - 2 * inset, p.floor, frame)
    _sill(p, frame, wall)
    curtain = p.rng.choice(FABRICS)
    for x, s in ((0.0, 1), (p.width, -1)):
        d = trace(
            "M",
            x,
            "0H",
            x + s * inset * 0.5 + s * 42,
            "Q",
            x + s * 22,
            p.floor * 0.5,
            x + s * 36,
            p.floor,
            "H",
            x,
            "Z",
        )
        p.pen.path(d, curtain)
        p.pen.line(
            [(x + s * 22, 0), (x + s * 12, p.floor * 0.5), (x + s * 18, p.floor)],
            darker(curtain, 0.35),
            3,
            0.5,
        )


def _sill(p: Place, board: str, wall: str) -> None:
    p.ground(board)
    p.pen.rect(0, p.floor, p.width, 6, darker(board, 0.3), opacity=0.4)
    p.pen.rect(0, p.feet + 22, p.width, p.height, darker(wall, 0.12))
    p.pen.rect(0, p.feet + 22, p.width, 6, darker(wall, 0.4), opacity=0.5)


def night_window(p: Place) -> None:
    """Before a window at night: moon, stars and lit windows."""
    night = p.rng.choice(("#24304f", "#2f2b4d", "#1f3a4d", "#3b3a63"))
    p.sky(night, lighter(night, 0.22))
    p.dots(0, p.floor * 0.7, 22, ("#fff6d8", "#dfe7ff"), 1.8)
    mx, my = p.rng.uniform(0.12, 0.88) * p.width, p.floor * p.rng.uniform(0.14, 0.3)
    r = p.rng.uniform(18, 30)
    p.pen.ellipse(mx, my, r * 1.7, r * 1.7, "#fff3c4", opacity=0.14)
    p.pen.ellipse(mx, my, r, r, "#fdf0c0")
    x = -10.0
    while x < p.width:
        w, h = p.rng.uniform(34, 70), p.floor * p.rng.uniform(0.15, 0.45)
        p.pen.rect(x, p.floor - h, w, h, darker(night, 0.4))
        for k in range(3):
            p.pen.rect(
                x + 7 + (k % 2) * w * 0.45,
                p.floor - h + 9 + k * 18,
                8,
                9,
                p.rng.choice(("#f6c95f", "#e9a850", darker(night, 0.2))),
            )
        x += w + p.rng.uniform(-4, 12)
    frame = p.rng.choice(("#8a7a6c", "#b9b3ac", "#6b5a52"))
    _panes(p, p.width * 0.06, p.width * 0.88, p.floor, frame)
    _sill(p, lighter(frame, 0.15), "#6c6478")
