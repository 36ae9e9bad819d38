"""Whole dogs: every pose.

Units: the head's radius is about 50, feet stand at y = 100; all look to the right.
"""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from challenges.starter.dog_breeds import Breed
from challenges.starter.dog_heads import face
from challenges.starter.dog_profiles import profile
from challenges.starter.dog_tails import wag
from challenges.starter.figure import LINE, Figure
from challenges.starter.svg import Point, mirror


def head(f: Figure, b: Breed, x: float, y: float, scale: float, angle: float = 0.0,
         tilt: float = 0.0) -> None:
    """A head at (x, y), tilted by `tilt` degrees.

    It is turned by `angle` radians; from 1 radian on it is seen in profile.
    """
    with f.pen.group(f"translate({x:.1f} {y:.1f}) rotate({tilt:.1f}) scale({scale:.3f})"):
        if angle >= 1:
            profile(f, b)
        else:
            face(f, b, angle)


def _fold(f: Figure, points: list[Point]) -> None:
    """The line of a folded hind leg on the body."""
    f.pen.line(points, f.coat.line, LINE)


def _bust(f: Figure, b: Breed, angle: float) -> None:
    k, lean = b.girth, (10.0 if angle else 0.0)
    ring = mirror([(0, 10), (34 * k, 14), (44 * k, 50), (66 * k, 84), (92 * k, 116), (96 * k, 190),
                   (0, 196)])
    chest = mirror([(0, 30), (24, 34), (34 * k, 80), (26 * k, 130), (0, 150)])
    f.body([(x - lean, y) for x, y in ring], side=False, chest=chest)
    f.wear(-lean * 0.6, 46, 40 * k)
    head(f, b, 0, 0, 1.06, angle)


def head_front(f: Figure, b: Breed) -> None:
    """A portrait from the front."""
    _bust(f, b, f.rng.uniform(0, 0.12))


def head_turned(f: Figure, b: Breed) -> None:
    """A three-quarter portrait."""
    _bust(f, b, f.rng.uniform(0.28, 0.48))


def head_profile(f: Figure, b: Breed) -> None:
    """A portrait in profile."""
    k = b.girth
    ring: list[Point] = [(-50, -12), (-10, 10), (8, 34), (20 * k, 76), (44 * k, 118), (50 * k, 190),
                         (-100 * k, 190), (-96 * k, 120), (-74 * k, 50)]
    f.body(ring, side=True, chest=[(-8, 20), (20, 34), (70, 190), (0, 190), (-10, 100)])
    f.wear(-28, 40, 36 * k, -16)
    head(f, b, -16, 0, 0.98, 1.0)


def peeking(f: Figure, b: Breed) -> None:
    """Head above an edge (the edge is drawn by the scene at y = 66)."""
    k = b.girth
    f.body(mirror([(0, 10), (46 * k, 26), (66 * k, 70), (70 * k, 120), (0, 124)]), side=False)
    for side in (-1, 1):
        f.limb([(side * 44 * k, 52), (side * 62 * k, 58), (side * 66 * k, 74)], [34, 34, 32],
               sock=0.6)
    head(f, b, 0, 0, 1.08, f.rng.uniform(0, 0.3), f.rng.uniform(-8, 8))


def paws_over(f: Figure, b: Breed) -> None:
    """The two paws that hang over the edge, drawn after it."""
    for side in (-1, 1):
        f.paw(side * 66 * b.girth, 71, 20, 15)


def sitting_front(f: Figure, b: Breed) -> None:
    """Sitting, broad chest to the viewer, tail wagging beside."""
    _sit(f, b, raised=False)


def waving(f: Figure, b: Breed) -> None:
    """Sitting, giving a paw."""
    _sit(f, b, raised=True)


def _sit(f: Figure, b: Breed, *, raised: bool) -> None:
    k = b.girth
    wag(f, b, 40 * k, 80, 78)
    body = mirror([(0, -36), (27 * k, -26), (41 * k, 8), (44 * k, 44), (52 * k, 76), (46 * k, 98),
                   (0, 100)])
    f.body(body, side=False, chest=mirror([(0, -34), (22, -26), (28 * k, 8), (17 * k, 46),
                                           (0, 62)]))
    for side in (-1, 1):
        f.paw(side * 46 * k, 93, 21, 11)
        _fold(f, [(side * 31 * k, 84), (side * 32 * k, 58), (side * 46 * k, 46)])
    for side in (-1,) if raised else (-1, 1):
        f.limb([(side * 21 * k, 6), (side * 21 * k, 50), (side * 19 * k, 90)], [29 * k, 25 * k,
                22 * k])
        f.paw(side * 20 * k, 94, 17 * k, 10.5)
    _fold(f, [(-7 * k, 40), (0, 48), (7 * k, 40)])
    f.wear(0, -20, 30 * k)
    head(f, b, 0, -60, 0.96, f.rng.choice((0, 0.1, 0.3)), f.rng.uniform(-12, 12))
    if raised:
        high = f.rng.uniform(-14, 10)
        f.limb([(24 * k, 16), (50 * k, 26), (70 * k, 16 + high * 0.4), (76 * k, 4 + high)], [30 * k,
                26 * k, 23, 23])
        f.paw(77 * k, 1 + high, 15, 14)


def sitting_side(f: Figure, b: Breed) -> None:
    """Sitting sideways, deep chest, straight forelegs."""
    k = b.girth
    wag(f, b, -50 * k, 84, -34)
    f.limb([(34, 12), (42, 56), (42, 92)], [25 * k, 20 * k, 18], far=True)
    f.paw(47, 94, 15, 8.5, far=True)
    body: list[Point] = [(-14, -50), (18, -44), (44 * k, -16), (52 * k, 18), (38, 62), (30, 97),
                         (-30, 100), (-56 * k, 94), (-62 * k, 64), (-50 * k, 22), (-32 * k, -10)]
    f.body(body, side=True, chest=[(6, -46), (34, -46), (64, -8), (56, 30), (40, 46), (22, 8)])
    _fold(f, [(-46 * k, 56), (-20, 42), (2, 56), (6, 80), (-4, 92)])
    f.paw(4, 94, 23, 10.5)
    f.limb([(27, 6), (31, 52), (28, 90)], [32 * k, 24 * k, 21])
    f.paw(33, 93.5, 17.5, 10)
    f.wear(6, -32, 30 * k, 10)
    angle = f.rng.choice((0.25, 0.45, 1.0, 1.0))
    head(f, b, 6 if angle >= 1 else 14, -64, 0.84 if angle >= 1 else 0.92, angle, f.rng.uniform(-8,
            6))


def _trunk(b: Breed) -> list[Point]:
    """The body from the side: level back, deep chest, tucked-up belly."""
    k, n = b.girth, b.body
    return [(-74 * n, -26), (-40 * n, -34), (4, -33), (30, -40), (50, -60), (78, -46), (76, -12),
            (64, 26 * k), (36, 38 * k), (-14 * n, 22 * k), (-52 * n, 24), (-80 * n, 14),
            (-84 * n, -10)]


def _on_legs(f: Figure, b: Breed, step: float, angle: float) -> None:
    """A standing (`step` 0) or trotting dog; short legs bring the body down."""
    k, n, drop = b.girth, b.body, 66 * (1 - b.legs)
    thick = 1.0 if b.legs > 0.6 else 1.15
    top, knee = 6 + drop, 50 + drop * 0.5

    def leg(x: float, swing: float, width: float, *, far: bool) -> None:
        hind = x < 0
        bend = -9 if hind else 0
        foot = x + swing * (1.4 if b.legs > 0.6 else 0.7)
        f.limb([(x, top), (x + swing * 0.5 + bend, knee), (foot, 92)], [width * k, 20 * k * thick,
                17 * thick], far=far)
        f.paw(foot + 5, 93.5, 15 * thick, 8.5, far=far)

    with f.pen.group(f"translate(0 {drop:.1f})"):
        wag(f, b, -78 * n, -18)
    leg(58, step, 27, far=True)
    leg(-50 * n, -step, 34, far=True)
    with f.pen.group(f"translate(0 {drop:.1f})"):
        chest: list[Point] = [(44, -56), (88, -44), (80, 10), (62, 44), (10, 42), (-54, 36),
                              (-40, 20), (20, 24), (46, 8)]
        f.body(_trunk(b), side=True, chest=chest)
    leg(44, -step, 31, far=False)
    leg(-60 * n, step, 44, far=False)
    with f.pen.group(f"translate(0 {drop:.1f})"):
        f.wear(60, -42, 25 * k, 22)
        side = angle >= 1
        head(f, b, 60 if side else 68, -68, 0.72 if side else 0.82, angle, f.rng.uniform(-8, 8))


def _stand(f: Figure, b: Breed, step: float, angle: float) -> None:
    """Long dogs are drawn a little smaller, low ones moved up into the picture's middle."""
    scale = 1.12 if b.legs < 0.6 and b.body < 1.2 else 1.0
    x, y = 10 * (b.body - 1), 100 * (1 - scale)
    with f.pen.group(f"translate({x:.1f} {y:.1f}) scale({scale:.2f})"):
        _on_legs(f, b, step, angle)


def standing(f: Figure, b: Breed) -> None:
    """Standing sideways on four straight legs."""
    _stand(f, b, f.rng.uniform(-3, 3), f.rng.choice((0.1, 0.3, 0.45, 1.0)))


def walking(f: Figure, b: Breed) -> None:
    """Trotting to the right."""
    _stand(f, b, f.rng.uniform(12, 22), f.rng.choice((0.35, 0.45, 1.0, 1.0)))


def lying_front(f: Figure, b: Breed) -> None:
    """Lying with both forelegs stretched towards the viewer."""
    k = b.girth
    wag(f, b, 66 * k, 64, 60)
    for side in (-1, 1):
        f.part([(side * 40, 44), (side * 74 * k, 40), (side * 92 * k, 70), (side * 90 * k, 96),
                (side * 50, 98)])
        f.paw(side * 82 * k, 94, 19, 10)
    body = mirror([(0, -10), (34 * k, -2), (54 * k, 30), (60 * k, 70), (52 * k, 92), (0, 96)])
    f.body(body, side=False, chest=mirror([(0, 0), (26, 10), (30, 56), (16, 90), (0, 96)]))
    for side in (-1, 1):
        f.limb([(side * 38 * k, 60), (side * 38 * k, 80), (side * 34, 93)], [34, 33, 31], sock=0.35)
        f.paw(side * 34, 94, 21, 12)
    f.wear(0, 32, 34 * k)
    head(f, b, 0, -6, 1.0, f.rng.choice((0, 0.12, 0.3)), f.rng.uniform(-12, 12))


def lying_side(f: Figure, b: Breed) -> None:
    """Lying sideways, head up, forelegs laid out in front."""
    k = b.girth
    wag(f, b, -84, 80, -30)
    f.limb([(44, 66), (74, 88), (110, 90)], [28, 23, 20], far=True, sock=0.6)
    body: list[Point] = [(22, -8), (52, -2), (70 * k, 34), (66, 80), (40, 97), (-40, 100),
                         (-82, 97), (-96, 74), (-82, 40), (-44, 24), (0, 14)]
    f.body(body, side=True, chest=[(34, -10), (66, -4), (84, 40), (66, 86), (44, 64), (40, 24)])
    _fold(f, [(-76, 60), (-48, 46), (-22, 60), (-20, 86), (-32, 97)])
    f.paw(-10, 93.5, 22, 10)
    f.limb([(40, 58), (60, 90), (100, 93)], [36 * k, 26, 22], sock=0.6)
    f.paw(104, 92, 18, 10.5)
    f.wear(38, 16, 32 * k, 8)
    angle = f.rng.choice((0.1, 0.35, 0.45, 1.0))
    head(f, b, 34 if angle >= 1 else 42, -20, 0.84 if angle >= 1 else 0.92, angle, f.rng.uniform(-6,
            6))


def sleeping(f: Figure, b: Breed) -> None:
    """Asleep on the side of the chest, chin on the forepaws."""
    k = b.girth
    wag(f, b, -84, 84, -60)
    body: list[Point] = [(-20, 16), (30, 18), (58 * k, 36), (64, 76), (44, 98), (-40, 101),
                         (-82 * k, 97), (-96 * k, 72), (-84 * k, 36), (-54, 18)]
    f.body(body, side=True, chest=[(30, 30), (70, 36), (72, 90), (20, 104), (20, 70)])
    _fold(f, [(-74, 58), (-48, 44), (-24, 58), (-20, 84), (-32, 97)])
    f.paw(-10, 94, 22, 9.5)
    f.limb([(30, 80), (56, 93), (88, 94)], [26, 24, 21], sock=0.4)
    f.paw(92, 93, 18, 9.5)
    side = f.rng.random() < 0.5
    head(f, b, 40 if side else 44, 50, 0.8 if side else 0.86,
         1.0 if side else f.rng.choice((0.15, 0.35)), f.rng.uniform(2, 9))


def stretching(f: Figure, b: Breed) -> None:
    """The play bow: chest on the ground, rump and tail in the air."""
    k = b.girth
    wag(f, b, -62, -34, 24)
    f.limb([(-44, 4), (-38, 50), (-42, 92)], [40 * k, 22, 18], far=True)
    f.paw(-37, 94, 15, 8.5, far=True)
    f.limb([(46, 48), (70, 84), (104, 90)], [27, 21, 19], far=True)
    body: list[Point] = [(-62, -44), (-32, -48), (2, -22), (32, -14), (62, 6), (74, 40), (60, 78),
                         (28, 84), (-10, 48 * k), (-46, 36), (-76, 14), (-80, -22)]
    f.body(body, side=True, chest=[(52, -4), (86, 14), (76, 84), (20, 96), (-10, 64), (24, 54),
                                   (56, 40)])
    f.limb([(-56, 0), (-66, 48), (-60, 91)], [48 * k, 24, 20])
    f.paw(-54, 94, 16.5, 9.5)
    f.limb([(42, 54), (60, 88), (96, 93)], [34 * k, 24, 21])
    f.paw(100, 92, 18, 10)
    f.wear(48, 14, 26 * k, 30)
    angle = f.rng.choice((0.1, 0.35, 0.45, 1.0))
    head(f, b, 56, 4, 0.76 if angle >= 1 else 0.84, angle, f.rng.uniform(-10, 8))


def leaping(f: Figure, b: Breed) -> None:
    """Galloping: all four feet off the ground, tongue flying."""
    k = b.girth
    wag(f, b, -70, 6, 10)
    f.limb([(54, 18), (84, 26), (112, 10)], [28 * k, 20, 17], far=True)
    f.limb([(-52, 34), (-84, 58), (-108, 78)], [34 * k, 20, 16], far=True)
    body: list[Point] = [(-72, 2), (-44, -12), (0, -22), (28, -36), (48, -60), (78, -48), (78, -8),
                         (62, 26 * k), (34, 40 * k), (-16, 34), (-54, 46), (-80, 32)]
    f.body(body, side=True, chest=[(46, -56), (90, -44), (84, 12), (60, 44), (-20, 50), (10, 28),
                                   (48, 8)])
    f.limb([(46, 14), (74, 48), (106, 46)], [33 * k, 23, 19])
    f.paw(111, 44, 15.5, 9.5)
    f.limb([(-60, 24), (-70, 64), (-96, 92)], [46 * k, 24, 18])
    f.paw(-98, 93, 14, 9.5)
    f.wear(58, -44, 26 * k, 24)
    angle = f.rng.choice((0.15, 0.35, 0.45, 1.0))
    head(f, b, 58 if angle >= 1 else 66, -64, 0.74 if angle >= 1 else 0.84, angle,
         f.rng.uniform(-12, 4))


def facing(f: Figure, b: Breed) -> None:
    """Standing square, chest to the viewer, tail up behind."""
    k, low = b.girth, 40 * (1 - b.legs)
    wag(f, b, 24, 10, 40)
    for side in (-1, 1):
        f.limb([(side * 36 * k, 30), (side * 40 * k, 60), (side * 37 * k, 84)], [32 * k, 22 * k,
                20], far=True)
        f.paw(side * 37 * k, 87, 15, 8.5, far=True)
    body = mirror([(0, -34), (30 * k, -24), (46 * k, 6), (46 * k, 36 + low), (26 * k, 58 + low),
                   (0, 62 + low)])
    f.body(body, side=False, chest=mirror([(0, -30), (24, -24), (29 * k, 10), (16, 44), (0, 52)]))
    for side in (-1, 1):
        f.limb([(side * 26 * k, 14), (side * 26 * k, 58), (side * 24 * k, 90)], [32 * k, 26 * k,
                23 * k])
        f.paw(side * 24 * k, 94, 18 * k, 10.5)
    f.wear(0, -18, 32 * k)
    head(f, b, 0, -54, 0.98, f.rng.choice((0, 0.1, 0.3)), f.rng.uniform(-12, 12))
