"""Whole cats: every pose.

Units: the head's radius is about 50, feet stand at y = 100; all look to the right.
"""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from challenges.starter.cat_heads import CatForm, face, profile
from challenges.starter.figure import LINE, Figure
from challenges.starter.svg import Point, mirror


def head(f: Figure, form: CatForm, x: float, y: float, scale: float, angle: float = 0.0,
         tilt: float = 0.0) -> None:
    """A head at (x, y), tilted by `tilt` degrees.

    It is turned by `angle` radians; from 1 radian on it is seen in profile.
    """
    s = scale * form.head
    with f.pen.group(f"translate({x:.1f} {y:.1f}) rotate({tilt:.1f}) scale({s:.3f})"):
        if angle >= 1:
            profile(f, form)
        else:
            face(f, form, angle)


def _haunch(f: Figure, points: list[Point]) -> None:
    """The line of a folded hind leg on the body."""
    f.pen.line(points, f.coat.line, LINE)


def _bust(f: Figure, form: CatForm, angle: float) -> None:
    k, lean = form.slim, (8.0 if angle else 0.0)
    ring = mirror([(0, 18), (28 * k, 24), (46 * k, 62), (66 * k, 96), (84 * k, 128), (86 * k, 190),
                   (0, 196)])
    chest = mirror([(0, 30), (20, 36), (30 * k, 80), (34 * k, 140), (0, 190)])
    f.body([(x - lean, y) for x, y in ring], side=False, chest=chest)
    f.wear(-lean * 0.4, 50, 33 * k)
    head(f, form, 0, 0, 1.04, angle)


def head_front(f: Figure, form: CatForm) -> None:
    """A portrait from the front."""
    _bust(f, form, f.rng.uniform(0, 0.12))


def head_turned(f: Figure, form: CatForm) -> None:
    """A three-quarter portrait."""
    _bust(f, form, f.rng.uniform(0.28, 0.5))


def head_profile(f: Figure, form: CatForm) -> None:
    """A portrait in profile."""
    k = form.slim
    ring: list[Point] = [(-34, -6), (0, 20), (22, 42), (36 * k, 84), (48 * k, 124), (52 * k, 190),
                         (-100 * k, 190), (-92 * k, 120), (-70 * k, 56), (-46, 22)]
    f.body(ring, side=True, chest=[(4, 22), (34, 40), (70, 190), (20, 190), (4, 100)])
    f.wear(-12, 44, 36 * k, -14)
    head(f, form, 0, 0, 1.04, 1.0)


def peeking(f: Figure, form: CatForm) -> None:
    """Head and paws above an edge (the edge is drawn by the scene at y = 66)."""
    k = form.slim
    f.body(mirror([(0, 10), (44 * k, 30), (62 * k, 70), (64 * k, 120), (0, 124)]), side=False)
    for side in (-1, 1):
        f.limb([(side * 40 * k, 52), (side * 58 * k, 58), (side * 62 * k, 74)], [30, 30, 28],
               sock=0.6)
    head(f, form, 0, 0, 1.08, f.rng.uniform(0, 0.3), f.rng.uniform(-6, 6))


def paws_over(f: Figure, form: CatForm) -> None:
    """The two paws that hang over the edge, drawn after it."""
    for side in (-1, 1):
        f.paw(side * 62 * form.slim, 71, 17, 14)


def sitting_front(f: Figure, form: CatForm) -> None:
    """Sitting, chest to the viewer, the tail curled beside or round the feet."""
    _sit(f, form, raised=False)


def waving(f: Figure, form: CatForm) -> None:
    """Sitting, one forepaw raised."""
    _sit(f, form, raised=True)


def _sit(f: Figure, form: CatForm, *, raised: bool) -> None:
    k, w = form.slim, form.tail
    bushy = form.fur == "tuft"
    wrap = f.rng.random() < 0.5
    if not wrap:
        bend = f.rng.uniform(-10, 14)
        f.tail([(30, 84), (66, 92), (84 + bend, 62), (74, 30), (86 + bend, 2)], [w, w, w, w * 0.95,
                w * 0.7], bushy=bushy)
    body = mirror([(0, -36), (20 * k, -30), (31 * k, 0), (41 * k, 40), (49 * k, 76), (38 * k, 98),
                   (0, 100)])
    f.body(body, side=False, chest=mirror([(0, -34), (17, -26), (20 * k, 10), (13 * k, 42),
                                           (0, 54)]))
    for side in (-1, 1):
        f.paw(side * 36 * k, 94, 19, 9.5)
        _haunch(f, [(side * 24 * k, 84), (side * 27 * k, 60), (side * 42 * k, 48)])
    for side in (-1,) if raised else (-1, 1):
        f.limb([(side * 13 * k, 14), (side * 14 * k, 54), (side * 13 * k, 92)], [22 * k, 19 * k,
                17])
        f.paw(side * 13.5 * k, 95, 13.5, 8.5)
    if wrap:
        f.tail([(44 * k, 84), (62, 98), (36, 106), (0, 106), (-24, 100)], [w, w, w, w, w * 0.7],
               bushy=bushy)
    f.wear(0, -24, 24 * k)
    head(f, form, 0, -58, 0.94, f.rng.choice((0, 0.1, 0.3)), f.rng.uniform(-7, 7))
    if raised:
        high = f.rng.uniform(-26, 0)
        f.limb([(20 * k, 22), (46 * k, 24), (60 * k, 2 + high * 0.4), (58 * k, -14 + high)],
               [22 * k, 20 * k, 18, 18])
        f.paw(58 * k, -18 + high, 12.5, 13)


def sitting_side(f: Figure, form: CatForm) -> None:
    """Sitting sideways, upright, the tail on the floor behind or held up."""
    k, w = form.slim, form.tail
    up = f.rng.random() < 0.5
    spine: list[Point] = ([(-44, 86), (-76, 94), (-98, 76), (-92, 44),
                           (-108, 22)] if up else [(-42, 88), (-74, 96), (-102, 94), (-120, 82),
                                                   (-126, 66)])
    f.tail(spine, [w, w, w, w * 0.95, w * 0.7], bushy=form.fur == "tuft")
    f.limb([(30, 20), (38, 60), (38, 93)], [20 * k, 16 * k, 14], far=True)
    f.paw(42, 95, 12, 7, far=True)
    body: list[Point] = [(-2, -44), (24, -40), (38 * k, -10), (40 * k, 30), (30, 66), (24, 98),
                         (-30, 100), (-58 * k, 92), (-64 * k, 62), (-50 * k, 18), (-28 * k, -14)]
    f.body(body, side=True, chest=[(8, -42), (34, -42), (54, -6), (46, 30), (36, 46), (20, 10)])
    _haunch(f, [(-44 * k, 52), (-22, 42), (-2, 54), (4, 78), (-6, 92)])
    f.paw(4, 95, 21, 8.5)
    f.limb([(24, 10), (27, 56), (25, 92)], [23 * k, 18 * k, 16])
    f.paw(29, 95, 14, 8)
    f.wear(13, -30, 24 * k, 8)
    head(f, form, 18, -62, 0.9, f.rng.choice((0.2, 0.4, 0.5, 1.0)), f.rng.uniform(-5, 5))


def _side_body(k: float) -> list[Point]:
    return [(-70, -14), (-44, -32), (0, -30), (34, -34), (56, -52), (76, -40), (66, -4),
            (54, 22 * k), (10, 26 * k), (-30, 18 * k), (-58, 26), (-78, 12)]


def _on_legs(f: Figure, form: CatForm, legs: list[list[Point]], angle: float) -> None:
    """A standing or walking cat; its legs: far fore, far hind, near fore, near hind."""
    k, w = form.slim, form.tail
    tall = f.rng.choice((0, 1, 2))
    tails: tuple[list[Point], ...] = ([(-66, -14), (-94, -30), (-98, -66), (-86, -92), (-96, -112)],
                                      [(-66, -14), (-88, -40), (-86, -78), (-66, -96), (-56, -84)],
                                      [(-66, -12), (-96, -6), (-110, 24), (-116, 52), (-132, 60)])
    f.tail(tails[tall], [w, w, w, w * 0.95, w * 0.65], bushy=form.fur == "tuft")
    for leg in legs[:2]:
        f.limb(leg, [24 * k, 15 * k, 12.5], far=True)
        f.paw(leg[-1][0] + 4, leg[-1][1] + 2, 11.5, 6.5, far=True)
    chest: list[Point] = [(52, -46), (84, -40), (76, 0), (56, 34), (10, 34), (-50, 32), (-40, 16),
                          (20, 16), (48, 4)]
    f.body(_side_body(k), side=True, chest=chest)
    for i, leg in enumerate(legs[2:]):
        f.limb(leg, [26 * k, 16.5 * k, 13.5] if i == 0 else [36 * k, 17 * k, 13.5])
        f.paw(leg[-1][0] + 4, leg[-1][1] + 2, 12.5, 7)
    f.wear(62, -38, 20 * k, 24)
    head(f, form, 70, -56, 0.8, angle, f.rng.uniform(-5, 7))


def standing(f: Figure, form: CatForm) -> None:
    """Standing sideways on four straight legs."""
    legs: list[list[Point]] = [[(56, 4), (60, 48), (58, 93)], [(-46, 4), (-40, 50), (-44, 93)],
                               [(44, 2), (44, 50), (42, 93)], [(-58, 4), (-64, 50), (-58, 93)]]
    _on_legs(f, form, legs, f.rng.choice((0, 0.25, 0.5)))


def walking(f: Figure, form: CatForm) -> None:
    """Walking to the right, legs apart."""
    a = f.rng.uniform(10, 24)
    legs: list[list[Point]] = [[(54, 6), (58 + a, 48), (54 + a * 1.5, 92)], [(-46, 4), (-36, 48),
            (-30 + a, 93)], [(44, 4), (38 - a * 0.4, 50), (28 - a, 92)], [(-58, 2),
            (-68 - a * 0.3, 48), (-70 - a, 92)]]
    _on_legs(f, form, legs, f.rng.choice((0.3, 0.5, 1.0)))


def lying_front(f: Figure, form: CatForm) -> None:
    """The loaf: a round body, paws tucked or laid out in front, face to the viewer."""
    k, w = form.slim, form.tail
    f.tail([(58, 78), (92, 86), (104, 98), (70, 104), (34, 102)], [w, w, w, w, w * 0.7],
           bushy=form.fur == "tuft")
    body = mirror([(0, 0), (38 * k, 4), (66 * k, 30), (78 * k, 66), (70 * k, 94), (0, 100)])
    f.body(body, side=False, chest=mirror([(0, 10), (24, 20), (28, 60), (18, 96), (0, 100)]))
    _haunch(f, [(-70 * k, 52), (-48 * k, 52), (-40 * k, 76), (-48 * k, 96)])
    _haunch(f, [(70 * k, 52), (48 * k, 52), (40 * k, 76), (48 * k, 96)])
    for side in (-1, 1):
        f.limb([(side * 22, 70), (side * 24, 84), (side * 22, 95)], [24, 25, 22], sock=0.3)
        f.paw(side * 22, 95, 16, 9)
    f.wear(0, 42, 28 * k)
    head(f, form, 0, 10, 1.0, f.rng.choice((0, 0.12, 0.3)), f.rng.uniform(-8, 8))


def lying_side(f: Figure, form: CatForm) -> None:
    """Lying sideways like a sphinx, head up."""
    k, w = form.slim, form.tail
    f.tail([(-76, 80), (-104, 74), (-118, 52), (-108, 30), (-122, 14)], [w, w, w, w * 0.9,
            w * 0.65], bushy=form.fur == "tuft")
    f.limb([(46, 74), (74, 90), (104, 92)], [22, 17, 14], far=True, sock=0.6)
    body: list[Point] = [(30, 4), (56, 8), (62, 44), (58, 88), (40, 98), (-40, 100), (-84, 96),
                         (-94, 70), (-78, 34), (-40, 16), (0, 14 - 4 * k)]
    f.body(body, side=True, chest=[(40, 0), (74, 8), (76, 60), (56, 92), (38, 70), (44, 30)])
    _haunch(f, [(-74, 58), (-48, 44), (-24, 58), (-22, 84), (-32, 98)])
    f.paw(-12, 95, 20, 8)
    f.limb([(38, 66), (58, 92), (92, 95)], [28 * k, 19, 15], sock=0.6)
    f.paw(94, 94, 14, 8.5)
    f.wear(42, 18, 26 * k, 8)
    head(f, form, 46, -12, 0.88, f.rng.choice((0, 0.3, 0.5, 1.0)), f.rng.uniform(-5, 5))


def sleeping(f: Figure, form: CatForm) -> None:
    """Curled up asleep, the tail round to the nose."""
    k, w = form.slim, form.tail * 1.15
    body: list[Point] = [(-10, 2), (40, 6), (80 * k, 30), (92 * k, 62), (78 * k, 92), (0, 101),
                         (-76 * k, 95), (-94 * k, 66), (-80 * k, 28), (-46, 8)]
    f.body(body, side=True, chest=[(-10, 60), (30, 50), (60, 100), (0, 106)])
    _haunch(f, [(-78, 44), (-54, 34), (-30, 48), (-22, 76)])
    f.tail([(-84, 74), (-70, 96), (-34, 99), (0, 97), (24, 90)], [w, w, w, w, w * 0.7],
           bushy=form.fur == "tuft")
    head(f, form, 36, 44, 0.92, f.rng.choice((0, 0.25)), f.rng.uniform(4, 16))
    f.paw(4, 88, 17, 10)


def stretching(f: Figure, form: CatForm) -> None:
    """The morning stretch: chest low, rump high, forelegs far out."""
    k, w = form.slim, form.tail
    f.tail([(-58, -34), (-82, -58), (-78, -92), (-56, -106), (-44, -96)], [w, w, w, w * 0.9,
            w * 0.65], bushy=form.fur == "tuft")
    f.limb([(-42, 4), (-34, 46), (-40, 93)], [34 * k, 16, 13], far=True)
    f.paw(-36, 95, 12, 7, far=True)
    f.limb([(44, 54), (76, 82), (108, 92)], [22, 15, 13], far=True)
    body: list[Point] = [(-60, -40), (-30, -44), (6, -10), (44, 14), (66, 28), (66, 62), (46, 80),
                         (14, 62), (-18, 36), (-48, 34), (-72, 14), (-74, -20)]
    f.body(body, side=True, chest=[(60, 20), (80, 40), (60, 92), (10, 74), (-30, 46), (20, 50)])
    f.limb([(-56, 0), (-64, 46), (-58, 92)], [42 * k, 18, 14])
    f.paw(-53, 95, 13, 7.5)
    f.limb([(40, 58), (64, 88), (98, 95)], [27 * k, 17, 14])
    f.paw(100, 95, 14, 8)
    f.wear(54, 30, 20 * k, 32)
    head(f, form, 66, 26, 0.82, f.rng.choice((0, 0.25, 0.5)), f.rng.uniform(-4, 8))


def leaping(f: Figure, form: CatForm) -> None:
    """In the air: stretched out, forelegs reaching, hind legs trailing."""
    k, w = form.slim, form.tail
    f.tail([(-66, 18), (-92, 14), (-110, -14), (-106, -44), (-120, -62)], [w, w, w, w * 0.9,
            w * 0.65], bushy=form.fur == "tuft")
    f.limb([(52, 10), (84, 16), (112, 2)], [22 * k, 15, 12.5], far=True)
    f.limb([(-50, 34), (-78, 62), (-108, 72)], [28 * k, 15, 12], far=True)
    body: list[Point] = [(-70, 10), (-48, -8), (0, -22), (36, -40), (62, -50), (78, -34), (66, 4),
                         (44, 28 * k), (4, 36 * k), (-34, 40), (-62, 48), (-80, 32)]
    f.body(body, side=True, chest=[(58, -46), (88, -36), (72, 10), (44, 38), (-20, 48), (10, 26),
                                   (48, 6)])
    f.limb([(42, 10), (70, 36), (102, 32)], [27 * k, 17, 14])
    f.paw(106, 31, 12.5, 8)
    f.limb([(-58, 30), (-72, 66), (-100, 92)], [38 * k, 18, 13.5])
    f.paw(-102, 93, 11, 8)
    f.wear(62, -34, 20 * k, 26)
    head(f, form, 68, -52, 0.82, f.rng.choice((0, 0.25, 0.5)), f.rng.uniform(-10, 2))


def facing(f: Figure, form: CatForm) -> None:
    """Standing on four legs, coming towards the viewer, tail up."""
    k, w = form.slim, form.tail
    a = f.rng.uniform(-8, 8)
    spine: list[Point] = [(24, 10), (46, -20), (56, -64), (44 + a, -96), (56 + a, -118)]
    f.tail(spine, [w, w, w, w * 0.95, w * 0.7], bushy=form.fur == "tuft")
    for side in (-1, 1):
        f.limb([(side * 28 * k, 34), (side * 33 * k, 62), (side * 31 * k, 86)], [24 * k, 17 * k,
                15], far=True)
        f.paw(side * 31 * k, 88, 12, 7, far=True)
    body = mirror([(0, -32), (22 * k, -26), (37 * k, 4), (39 * k, 32), (22 * k, 54), (0, 58)])
    f.body(body, side=False, chest=mirror([(0, -30), (18, -24), (21 * k, 10), (10, 40), (0, 46)]))
    for side, lift in ((-1, max(a, 0)), (1, max(-a, 0))):
        f.limb([(side * 17 * k, 20), (side * 17 * k, 60), (side * 15 * k, 93 - lift)], [24 * k,
                19 * k, 17])
        f.paw(side * 15 * k, 95 - lift, 13.5, 8.5)
    f.wear(0, -20, 25 * k)
    head(f, form, 0, -50, 0.98, f.rng.choice((0, 0.1, 0.25)), f.rng.uniform(-6, 6))
