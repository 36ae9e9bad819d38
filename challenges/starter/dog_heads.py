"""Dog heads seen from the front, turned by any angle (looking right)."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from math import cos, pi, sin

from challenges.starter.dog_breeds import Breed
from challenges.starter.dog_ears import ear
from challenges.starter.faces import dog_eye, dog_mouth, dog_nose
from challenges.starter.figure import LINE, Figure, Turn
from challenges.starter.marks import splotch
from challenges.starter.palettes import darker, lighter, mix
from challenges.starter.svg import Point, Ribbon, fringe, mirror, polygon


def skull(b: Breed, turn: Turn) -> list[Point]:
    """The outline of the head without the muzzle."""
    w, j = b.wide, b.jaw
    ring = mirror([(0, -49), (21 * w, -45.5), (38 * w, -32), (44 * w, -6), (40 * w, 18),
                   (28 * j, 36), (0, 44)])
    s = turn.x(0, 1)
    return [(x + s * 4, y) for x, y in ring]


def _hull(points: list[Point]) -> list[Point]:
    """The convex hull, clockwise on the screen."""
    points = sorted(points)
    out: list[Point] = []
    for run in (points, points[::-1]):
        chain: list[Point] = []
        for p in run:
            while len(chain) > 1 and _left(chain[-2], chain[-1], p):
                chain.pop()
            chain.append(p)
        out += chain[:-1]
    return out


def _left(a: Point, b: Point, c: Point) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) <= 0


def _round(x: float, y: float, rx: float, ry: float) -> list[Point]:
    return [(x + rx * cos(pi * k / 12), y + ry * sin(pi * k / 12)) for k in range(24)]


def _flecks(f: Figure) -> None:
    """Merle patches or dalmatian spots on the face."""
    if f.coat.marks == "mottle":
        for x, y in ((-28, -28), (26, -30), (-36, 6), (34, 2)):
            f.pen.blob(splotch(f.rng, x, y, f.rng.uniform(7, 13)), f.coat.other)
        return
    for x, y in ((-26, -30), (-6, -38), (22, -34), (36, -8), (-36, -4), (10, -26), (-32, 18)):
        f.pen.ellipse(x, y, f.rng.uniform(2.5, 5), f.rng.uniform(2.5, 4.5), f.coat.dark)


def _marks(f: Figure, b: Breed, turn: Turn) -> None:
    """Face colours on the skull (drawn inside a clip)."""
    pen, coat, nx = f.pen, f.coat, turn.x(0, 44)
    if coat.mask:
        pen.glow(nx, 14, 40 * b.wide, 40, coat.mask, 0.95)
    if coat.marks == "patches":
        side = f.rng.choice((-1, 1))
        pen.blob(splotch(f.rng, turn.x(side * 20, 36), -12, 25), coat.other)
    if coat.marks in ("mottle", "spots"):
        _flecks(f)
    if coat.marks in ("saddle", "cap"):
        pen.blob([(nx, -52), (44, -50), (50, 0), (40, 6), (turn.x(22, 36), -20), (nx, -14),
                  (turn.x(-22, 36), -20), (-40, 6), (-50, 0), (-44, -50)],
                 coat.dark if coat.marks == "cap" else mix(coat.base, coat.dark, 0.4))
    if coat.marks == "brindle":
        for x in (-26, -15, -5, 5, 15, 26):
            pen.path(Ribbon([(x, -50), (x * 0.9, -36), (x * 0.8, -26)], [4, 3.5, 0.6]).path(),
                     coat.dark)
    if coat.blaze or coat.marks == "cap":
        white = coat.blaze or coat.light
        half = 6 if coat.blaze else 4
        pen.blob([(nx, -50), (nx + half, -24), (nx + half + 3, 0), (nx + 26, 20), (nx + 20, 46),
                  (nx - 20, 46), (nx - 26, 20), (nx - half - 3, 0), (nx - half, -24)], white)


def _cheeks(f: Figure, turn: Turn) -> None:
    """A husky's white cheeks and brows."""
    if f.coat.marks != "cap":
        return
    for side in (-1, 1):
        x = turn.x(side * 26, 34)
        f.pen.blob(splotch(f.rng, x, 20, 17), f.coat.light)
        f.pen.ellipse(turn.x(side * 15, 40), -19, 6, 4.5, f.coat.light, turn=-side * 20)


def _beard(f: Figure, b: Breed, x: float, y: float) -> None:
    """A terrier's moustache and beard."""
    w = b.muzzle_wide
    ring = mirror([(0, -14), (w * 0.9, -9), (w * 1.3, 6), (w * 1.12, 25), (w * 0.6, 36), (0, 40)])
    tone = lighter(f.coat.muzzle, 0.35)
    f.pen.path(fringe([(x + px, y + py) for px, py in ring], 6), tone, f.coat.line, LINE * 0.8)


def _wrinkles(f: Figure, x: float, y: float, w: float) -> None:
    ink = darker(f.coat.line, 0.2)
    f.pen.line([(x - w * 0.8, y - 16), (x - w * 0.4, y - 21), (x, y - 18), (x + w * 0.4, y - 21),
                (x + w * 0.8, y - 16)], ink, 2.2, 0.75)
    for side in (-1, 1):
        f.pen.line([(x + side * 4, y - 50), (x + side * 9, y - 42), (x + side * 7, y - 34)], ink,
                   2.2, 0.6)


def _muzzle(f: Figure, b: Breed, turn: Turn) -> None:
    """The muzzle standing out of the face, with nose, mouth and tongue."""
    pen, coat, w = f.pen, f.coat, b.muzzle_wide
    y, tip = b.muzzle_y, turn.x(0, 36 + b.muzzle)
    base, low = turn.x(0, 38), y + b.muzzle * 0.14
    ring = _hull([*_round(base, y, w * 0.94, w * 0.95), *_round(tip, low, w, w * b.muzzle_high)])
    if b.beard:
        _beard(f, b, tip, low)
    else:
        d = polygon(ring)
        pen.path(d, coat.muzzle, mix(coat.line, coat.muzzle, 0.25), LINE * 0.8)
        pen.blob([(base - 8, y - w * 0.6), (base + 8, y - w * 0.6), (tip + 7, low - w * 0.2),
                  (tip - 7, low - w * 0.2)], lighter(coat.muzzle, 0.3), opacity=0.35)
    if b.wrinkles:
        _wrinkles(f, base, y, w)
    k = max(0.6, cos(turn.angle * 1.3))
    nose_y = low - w * b.muzzle_high * (0.35 if b.wrinkles else 0.5)
    dog_mouth(f, tip, nose_y + b.nose * 0.55, w * 0.72, k)
    dog_nose(f, tip + turn.x(0, 1) * 3, nose_y, b.nose, b.nose * 0.72)
    if not b.beard:
        for side, kx in ((-1, 1.0), (1, k)):
            for dx, dy in ((0.62, 2), (0.78, -3), (0.82, 4)):
                pen.ellipse(tip + side * w * dx * kx, nose_y + 11 + dy, 1.1, 1.1, coat.line,
                            opacity=0.5)


def _brows(f: Figure, b: Breed, turn: Turn) -> None:
    for side in (-1, 1):
        x = turn.x(side * (b.eye_apart - 1), 40)
        if f.coat.marks == "brows":
            f.pen.ellipse(x, -20, 5.5, 4.2, f.coat.light)
        if b.beard:
            f.pen.path(Ribbon([(x - side * 9, -17), (x + side * 2, -21), (x + side * 15, -9)], [4,
                    9, 2]).path(), lighter(f.coat.base, 0.4), f.coat.line, 1.2)


def face(f: Figure, b: Breed, angle: float = 0.0) -> None:
    """A dog's head at (0, 0), turned right by `angle` radians (0 to 0.6)."""
    turn, pen = Turn(angle), f.pen
    for side in (1, -1):
        ear(f, b, side, turn, behind=True)
    ring = skull(b, turn)
    d = f.outline(ring, fluffy=b.fur != "smooth" and b.head_fur, scale=0.8)
    pen.path(d, f.coat.base)
    with pen.clip(d):
        _marks(f, b, turn)
        _cheeks(f, turn)
        f.ticks(ring, 10)
        f.shade(ring, 9)
    pen.path(d, "none", f.coat.line, LINE)
    if b.topknot:
        top = mirror([(0, -74), (20, -72), (34, -58), (33, -40), (18, -30), (0, -27)])
        pen.path(fringe([(x + turn.x(0, 6), y) for x, y in top], 6, curl=True), f.coat.base,
                 f.coat.line, LINE * 0.9)
    for side in (-1, 1):
        ex, ek = turn.x(side * b.eye_apart, 42), turn.width(side * b.eye_apart * 0.8, 46)
        dog_eye(f, ex, b.eye_y, b.eye, ek)
    _muzzle(f, b, turn)
    _brows(f, b, turn)
    for side in (1, -1):
        ear(f, b, side, turn, behind=False)
