"""Cat heads: from the front, turned by any angle, and in profile (all looking right)."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass

from challenges.starter.faces import cat_eye, cat_mouth, cat_nose, mouth_ink, shadowed, whiskers
from challenges.starter.figure import LINE, Figure, Turn
from challenges.starter.marks import splotch
from challenges.starter.palettes import darker, lighter, mix
from challenges.starter.svg import Point, Ribbon, mirror, polygon


@dataclass(frozen=True)
class CatForm:
    """The build of a kind of cat; lengths in units where the head's radius is about 50."""

    name: str
    wide: float = 1.0
    jaw: float = 1.0
    cheek: float = 0.0
    ear_height: float = 42.0
    ear_width: float = 38.0
    ear_apart: float = 29.0
    ear_splay: float = 8.0
    eye: float = 12.5
    lynx: bool = False
    fur: str = "smooth"
    depth: float = 5.0
    slim: float = 1.0
    tail: float = 13.0
    head: float = 1.0


FORMS = (
    CatForm("house cat"),
    CatForm("shorthair", wide=1.1, jaw=1.25, cheek=5, ear_height=31, ear_width=34, ear_apart=33,
            eye=13.5, slim=1.14, tail=16),
    CatForm("oriental", wide=0.9, jaw=0.72, cheek=-6, ear_height=47, ear_width=44, ear_apart=29,
            ear_splay=18, eye=12, slim=0.82, tail=9.5, head=0.94),
    CatForm("longhair", wide=1.1, jaw=1.1, cheek=8, ear_height=36, ear_width=36, ear_apart=31,
            fur="tuft", depth=7, slim=1.12, tail=27, eye=13),
    CatForm("forest cat", wide=1.02, jaw=1.05, cheek=5, ear_height=46, ear_width=36,
            ear_apart=28, lynx=True, fur="tuft", depth=6, slim=1.08, tail=24),
    CatForm("kitten", wide=1.06, jaw=0.95, cheek=2, ear_height=38, ear_width=38, ear_apart=31,
            eye=15.5, slim=0.86, tail=11, head=1.16),
)


def _ear(f: Figure, form: CatForm, side: int, turn: Turn) -> None:
    """One pointed ear with its pink inside; `side` +1 is the right one."""
    hw, squeeze = form.ear_width / 2, turn.width(side * form.ear_apart, 60)
    cx = turn.x(side * form.ear_apart, -4)
    tip = (cx + side * form.ear_splay * squeeze, -36 - form.ear_height)
    inner = (cx - side * hw * 1.15 * squeeze, -37.0)
    outer = (cx + side * min(hw * 0.95, 47 * form.wide - form.ear_apart) * squeeze, -10.0)

    def flap(k: float, lift: float) -> list[Point]:
        mid = ((inner[0] + outer[0]) / 2, -26.0)
        a, b, c = ((mid[0] + (p[0] - mid[0]) * k,
                    mid[1] + (p[1] - mid[1]) * k + lift) for p in (inner, tip, outer))
        bow = 2.5 * side * k
        return [a, ((a[0] + b[0]) / 2 - bow, (a[1] + b[1]) / 2 - 2), (b[0] - side * 2, b[1] + 1),
                (b[0] + side * 1.5, b[1] + 1.5), ((b[0] + c[0]) / 2 + bow, (b[1] + c[1]) / 2 - 2),
                c]

    f.ear_point(flap(1.0, 0), f.coat.ear)
    f.pen.path(polygon(flap(0.66, 3)), f.coat.skin)
    pale = lighter(f.coat.muzzle, 0.35)
    root = inner[0] + side * 6 * squeeze
    for k in range(3):
        end = (root + side * (7 + k * 4) * squeeze, -48 - form.ear_height * (0.12 + 0.1 * k))
        f.pen.path(Ribbon([(root + side * k * 3, -32), end], [5, 1]).path(), pale)
    if form.lynx:
        f.pen.path(Ribbon([(tip[0], tip[1] + 5), (tip[0] + side * 3, tip[1] - 11)], [5,
                0.8]).path(), f.coat.line)


def skull(form: CatForm, turn: Turn) -> list[Point]:
    """The outline of the head, fuller at the near cheek when turned."""
    w, j, c = form.wide, form.jaw, form.cheek
    ring = mirror([(0, -45), (23 * w, -41.5), (43 * w, -24), (50 * w, 2), (46 * w + c, 23),
                   (29 * j, 40), (0, 46)])
    s = turn.x(0, 1)
    return [(x + s * (9 - abs(x) * 0.06 if x > 0 else 4) - (s * 7 if x > 30 and y > 15 else 0),
             y) for x, y in ring]


def _mask(f: Figure, form: CatForm, turn: Turn) -> None:
    """Face colours: points, blaze, patches or the tabby's M (drawn inside a clip)."""
    pen, coat, w = f.pen, f.coat, form.wide
    nx = turn.x(0, 44)
    if coat.mask:
        pen.glow(nx, 12, 42 * w, 46, coat.mask, 0.95)
    if coat.marks == "patches":
        pen.blob(splotch(f.rng, -34 * w, -24, 32), coat.other)
        pen.blob(splotch(f.rng, 36 * w, -30, 27), coat.dark)
    if coat.marks == "mottle":
        for x, y in ((-30, -26), (26, -34), (38, 4), (-40, 14), (4, -14), (14, 36)):
            pen.blob(splotch(f.rng, x * w, y, f.rng.uniform(7, 15)), coat.other)
    if coat.marks in ("stripes", "spots"):
        for at, lean, low in ((-18, -3, -21), (-6.5, 0, -18), (6.5, 0, -18), (18, 3, -21)):
            a = turn.x(at, 38)
            pen.path(Ribbon([(a + lean, -48), (a, -34), (a - lean * 0.4, low)], [7, 6.4, 1]).path(),
                     coat.dark)
        for side in (-1, 1):
            for y in (8, 21):
                rim = side * 54 * w
                pen.path(Ribbon([(rim, y - 5), (rim * 0.76, y), (rim * 0.58, y - 1)], [7, 5.5,
                        0.8]).path(), coat.dark)
    if coat.blaze:
        pen.blob([(nx, -44), (nx + 7, -18), (nx + 17, 6), (nx + 34, 26), (nx + 20, 50),
                  (nx - 20, 50), (nx - 34, 26), (nx - 17, 6), (nx - 7, -18)], coat.blaze)


def _muzzle(f: Figure, form: CatForm, turn: Turn) -> None:
    """Whisker pads, chin, nose, mouth and whiskers."""
    pen, coat, k = f.pen, f.coat, turn.width(12, 50)
    x, y = turn.x(0, 54), 15.0
    pen.ellipse(x, y + 17, 12, 8, mix(coat.muzzle, coat.line, 0.08))
    pen.ellipse(x - 10, y + 7, 13.5, 10, coat.muzzle)
    pen.ellipse(x + 10 * k, y + 7, 13.5 * k, 10, coat.muzzle)
    cat_mouth(f, x, y + 4, 12, k)
    cat_nose(f, x, y, 6.4 if form.eye < 15 else 5.4)
    whiskers(f, x - 15, y + 8, 50, -1)
    whiskers(f, x + 15 * k, y + 8, 50 * max(0.7, k), 1)


def face(f: Figure, form: CatForm, angle: float = 0.0) -> None:
    """A cat's head at (0, 0), turned right by `angle` radians (0 to 0.6)."""
    turn = Turn(angle)
    for side in (-1, 1):
        _ear(f, form, side, turn)
    ring = skull(form, turn)
    d = f.outline(ring, scale=0.9)
    f.pen.path(d, f.coat.base)
    with f.pen.clip(d):
        _mask(f, form, turn)
        f.ticks(ring, 12)
        f.shade(ring, 9)
    f.pen.path(d, "none", f.coat.line, LINE)
    for side in (-1, 1):
        ex, ek = turn.x(side * 21.5, 42), turn.width(side * 20, 46)
        cat_eye(f, ex, -4, form.eye * ek, form.eye * 0.88, side)
    _muzzle(f, form, turn)


def _profile_ears(f: Figure, form: CatForm) -> None:
    h, w = form.ear_height, form.ear_width
    far = [(4.0, -36.0), (16.0, -38 - h * 0.5), (22.0, -36 - h * 0.95), (30.0, -34 - h * 0.4),
           (32.0, -24.0)]
    f.ear_point(far, shadowed(f.coat.ear, f.coat.line))
    near = [(-30.0, -30.0), (-24.0, -38 - h * 0.55), (-15.0, -40 - h),
            (-4 + w * 0.1, -40 - h * 0.5), (8.0, -34.0)]
    f.ear_point(near, f.coat.ear)
    inner = [(-17.0, -33.0), (-15.0, -40 - h * 0.45), (-11.0, -36 - h * 0.8), (-3.0, -38 - h * 0.4),
             (3.0, -33.0)]
    f.pen.path(polygon(inner), f.coat.skin)


def _profile_mask(f: Figure) -> None:
    """Face colours seen from the side (drawn inside a clip)."""
    pen, coat = f.pen, f.coat
    if coat.mask:
        pen.glow(36, 8, 46, 44, coat.mask, 0.95)
    if coat.marks in ("patches", "mottle"):
        pen.blob(splotch(f.rng, -22, -16, 28), coat.other)
        pen.blob(splotch(f.rng, 22, -40, 18), coat.dark)
    if coat.marks in ("stripes", "spots"):
        for at in (-6, 8, 20):
            pen.path(Ribbon([(at - 5, -50), (at, -34), (at + 3, -24)], [7, 6, 1]).path(),
                     coat.dark)
        for y in (2, 14, 26):
            pen.path(Ribbon([(-46, y), (-22, y + 5), (0, y + 1)], [7, 6, 1]).path(), coat.dark)


def profile(f: Figure, form: CatForm) -> None:
    """A cat's head in profile at (0, 0), looking right: round skull, short flat muzzle."""
    w, c = form.wide, form.cheek
    f.open_eyes()
    long = 4 if form.jaw < 0.8 else (-3 if form.jaw > 1.2 else 0)
    _profile_ears(f, form)
    ring: list[Point] = [(-26 * w, -38), (0, -45), (22, -39), (34, -27), (40 + long * 0.5, -13),
                         (49 + long, -4), (53 + long, 4), (52 + long, 14), (45 + long, 25),
                         (33, 31), (18, 37), (-6, 43 + c), (-32 * w, 33 + c), (-44 * w, 9),
                         (-40 * w, -18)]
    d = f.outline(ring, scale=0.8)
    pen, coat = f.pen, f.coat
    pen.path(d, coat.base)
    with pen.clip(d):
        _profile_mask(f)
        f.ticks(ring, 10)
        pen.ellipse(38 + long, 23, 14, 9, mix(coat.muzzle, coat.line, 0.08))
        pen.ellipse(43 + long, 9, 15, 11, coat.muzzle, turn=12)
        f.shade(ring, 9)
    pen.path(d, "none", coat.line, LINE)
    cat_eye(f, 26, -9, form.eye * 0.84, form.eye * 0.95, -1)
    nose = [(44 + long, -2), (49 + long, -4.5), (55 + long, 1), (52.5 + long, 7), (48 + long, 5)]
    pen.blob(nose, coat.nose, darker(coat.nose, 0.45), 1.5)
    lips = [(52 + long, 7), (49.5 + long, 14), (43 + long, 18.5), (35 + long, 16)]
    pen.line(lips, mouth_ink(f), 2.3)
    for k in range(3):
        pen.line([(2 - k * 6, 24 + k * 3), (-1 - k * 6, 31 + k * 3), (4 - k * 6, 36 + k * 3)],
                 coat.line, 1.8, 0.45)
    whiskers(f, 40 + long, 9, 46, 1)
    whiskers(f, 36 + long, 11, 42, -1)
