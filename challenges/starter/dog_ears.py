"""Dogs' ears, from the front and from the side."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from challenges.starter.dog_breeds import Breed
from challenges.starter.figure import LINE, Figure, Turn
from challenges.starter.palettes import darker, lighter
from challenges.starter.svg import Point, fringe, spline

UPRIGHT = ("prick", "tip", "semi")
FAR = 0.2

# Right ears seen from the front: (x, y) from the middle of the head.
HANGING: dict[str, tuple[Point, ...]] = {
    "drop": ((20, -44), (38, -44), (52, -30), (60, -4), (55, 14), (46, 8), (36, -14), (26, -32)),
    "feather": ((20, -43), (38, -44), (54, -28), (62, 2), (58, 26), (46, 20), (38, -6), (28, -30)),
    "long": ((24, -40), (42, -38), (56, -16), (66, 22), (62, 54), (46, 58), (36, 30), (30, -8)),
    "wavy": ((26, -36), (42, -37), (60, -10), (70, 22), (67, 50), (54, 56), (43, 34), (38, 0)),
    "puff": ((32, -36), (46, -38), (62, -16), (70, 16), (64, 42), (50, 46), (42, 24), (36, -8)),
    "button": ((16, -47), (38, -48), (54, -34), (58, -12), (50, -4), (40, -18), (28, -32)),
    "rose": ((20, -45), (38, -47), (56, -38), (64, -22), (58, -12), (44, -22), (32, -32)),
}


def ear(f: Figure, b: Breed, side: int, turn: Turn, *, behind: bool) -> None:
    """One ear of the front view (+1 right).

    Upright and far ears are drawn behind the skull, others before it.
    """
    if (b.ear in UPRIGHT or (side > 0 and turn.angle > FAR)) != behind:
        return
    if b.ear in UPRIGHT:
        _upright(f, b, side, turn)
    else:
        _hanging(f, b, side, turn)


def _hanging(f: Figure, b: Breed, side: int, turn: Turn) -> None:
    far = side > 0 and turn.angle > FAR
    squeeze = 0.6 if far else 1.0
    move = -turn.angle * (2 if far else 14)

    def place(p: Point) -> Point:
        x = p[0] * b.wide if p[0] < 40 else 40 * b.wide + (p[0] - 40) * squeeze
        y = p[1] if p[1] < -30 else -30 + (p[1] + 30) * b.ear_long
        return side * x + move, y

    points = [place(p) for p in HANGING[b.ear]]
    colour = darker(f.coat.ear, 0.14)
    if b.ear in ("wavy", "feather"):
        d = fringe(points if side > 0 else points[::-1], 5.5)
    elif b.ear == "puff":
        d = fringe(points if side > 0 else points[::-1], 6, curl=True)
    else:
        d = spline(points)
    f.pen.path(d, colour, f.coat.line, LINE)
    if b.ear in ("drop", "long"):
        a, c = points[2], points[4]
        f.pen.line([(a[0] - side * 4, a[1] + 10), (c[0] - side * 8, c[1] - 8)], lighter(colour,
                0.4), 3.5, 0.35)


def _upright(f: Figure, b: Breed, side: int, turn: Turn) -> None:
    k = turn.width(side * 20, 70)
    cx, h = turn.x(side * 26 * b.wide, -3), 43 * b.ear_long
    s = side * k
    if b.ear == "prick":
        outer = [(cx - s * 18, -38), (cx - s * 10, -42 - h * 0.45), (cx + s * 3, -42 - h * 0.94),
                 (cx + s * 8, -42 - h * 0.94), (cx + s * 18, -40 - h * 0.4), (cx + s * 18, -14)]
        f.pen.blob(outer, f.coat.ear, f.coat.line, LINE)
        inner = [(cx - s * 7, -36), (cx - s * 3, -42 - h * 0.4), (cx + s * 5, -42 - h * 0.72),
                 (cx + s * 10, -40 - h * 0.3), (cx + s * 11, -24)]
        f.pen.blob(inner, darker(f.coat.skin, 0.25))
        return
    tall = h * (0.74 if b.ear == "semi" else 0.5)
    top = -40 - tall
    f.pen.blob([(cx - s * 15, -34), (cx - s * 10, -42 - tall * 0.5), (cx - s * 2, top),
                (cx + s * 12, top + 2), (cx + s * 19, -34 - tall * 0.3), (cx + s * 19, -14)],
               f.coat.ear, f.coat.line, LINE)
    low = top + (27 if b.ear == "semi" else 38)
    flap = [(cx - s * 5, top + 3), (cx + s * 4, top - 3), (cx + s * 15, top + 1),
            (cx + s * 25, low - 9), (cx + s * 26, low), (cx + s * 21, low + 1),
            (cx + s * 6, top + 15)]
    f.pen.blob(flap, darker(f.coat.ear, 0.2), f.coat.line, LINE)


def side_ear(f: Figure, b: Breed, *, far: bool = False) -> None:
    """The ear of a head in profile looking right."""
    colour = darker(f.coat.ear, 0.3 if far else 0.12)
    dx, h = (16.0 if far else 0.0), 46 * b.ear_long
    if b.ear == "prick":
        h *= 0.86
        f.pen.blob([(-30 + dx, -28), (-26 + dx, -40 - h * 0.5), (-12 + dx, -40 - h),
                    (-7 + dx, -40 - h), (6 + dx, -40 - h * 0.45), (11 + dx, -32)],
                   colour if far else f.coat.ear, f.coat.line, LINE)
        if not far:
            f.pen.blob([(-17, -34), (-15, -40 - h * 0.5), (-9, -38 - h * 0.78), (-1, -40 - h * 0.4),
                        (4, -34)], darker(f.coat.skin, 0.25))
    elif b.ear in ("tip", "semi"):
        tall = h * (0.75 if b.ear == "semi" else 0.5)
        f.pen.blob([(-24 + dx, -30), (-22 + dx, -40 - tall * 0.7), (-8 + dx, -42 - tall),
                    (2 + dx, -36)], f.coat.ear, f.coat.line, LINE)
        f.pen.blob([(-18 + dx, -40 - tall * 0.8), (-6 + dx, -44 - tall),
                    (10 + dx, -40 - tall * 0.5), (13 + dx, -28 - tall * 0.2),
                    (0 + dx, -34 - tall * 0.3)], colour, f.coat.line, LINE)
    elif not far:
        _side_hanging(f, b, colour)


def _side_hanging(f: Figure, b: Breed, colour: str) -> None:
    size = {"drop": 46.0, "feather": 56.0, "long": 80.0, "wavy": 84.0, "puff": 72.0, "button": 30.0,
            "rose": 20.0}[b.ear]
    size *= b.ear_long
    if b.ear == "rose":
        f.pen.blob([(-6, -36), (-22, -40), (-38, -28), (-38, -14), (-20, -20)], colour, f.coat.line,
                   LINE)
        return
    points: list[Point] = [(-26, -32), (-10, -37), (2, -28), (4, -28 + size * 0.5),
                           (-6, -30 + size), (-20, -30 + size * 0.97), (-31, -28 + size * 0.55)]
    if b.ear in ("drop", "feather"):
        points = [(-24, -35), (-8, -40), (4, -28), (5, -8), (-3, -28 + size), (-14, -32 + size),
                  (-30, -14)]
    fringed = {"wavy": False, "feather": False, "puff": True}
    d = fringe(points, 5.5, curl=fringed[b.ear]) if b.ear in fringed else spline(points)
    f.pen.path(d, colour, f.coat.line, LINE)
