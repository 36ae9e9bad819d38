"""Dog heads in profile, looking right: stop, long muzzle, nose at its tip."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from challenges.starter.dog_breeds import Breed
from challenges.starter.dog_ears import side_ear
from challenges.starter.faces import dog_eye, mouth_ink, tongue
from challenges.starter.figure import LINE, Figure
from challenges.starter.marks import splotch
from challenges.starter.palettes import darker, lighter
from challenges.starter.svg import Point, Ribbon, fringe, spline


def muzzle_depth(b: Breed) -> float:
    """How far down the muzzle reaches at its tip."""
    return max(16.5, b.muzzle_wide * b.muzzle_high)


def outline(b: Breed) -> list[Point]:
    """The head with its muzzle, clockwise from the back of the skull."""
    m = 20 + b.muzzle * 0.82
    h = muzzle_depth(b)
    stop = 7.0 if b.muzzle > 36 else 12.0
    return [(-40, -8), (-34, -30), (-14, -43), (6, -43), (20, -34), (26, -22),
            (29 + stop * 0.3, -22 + stop), (24 + m * 0.5, -8), (23 + m * 0.86, -8), (26 + m, -2),
            (27 + m, 10), (23 + m * 0.94, h + 4), (20 + m * 0.5, h + 10), (12, 36), (-8, 46),
            (-34, 40), (-43, 16)]


def _jaw(f: Figure, m: float, h: float) -> None:
    """The lower jaw hanging open, and the tongue."""
    f.pen.blob([(10, h + 2), (22 + m * 0.6, h), (22 + m * 0.72, h + 15), (12 + m * 0.5, h + 21),
                (4, h + 18)], f.coat.muzzle, f.coat.line, LINE)
    f.pen.blob([(14, h + 1), (20 + m * 0.62, h), (20 + m * 0.6, h + 10), (12 + m * 0.3, h + 10)],
               "#6d2c38")
    tongue(f, 16 + m * 0.52, h + 8, 8, 26, tilt=-8)


def _flecks(f: Figure) -> None:
    """Merle patches or dalmatian spots."""
    if f.coat.marks == "mottle":
        for x, y in ((-20, -28), (8, -36), (-10, 20), (18, 12)):
            f.pen.blob(splotch(f.rng, x, y, 9), f.coat.other)
        return
    places = ((-24, -24), (-4, -36), (12, -30), (-20, 26), (4, 22), (20, 12), (34, 4), (48, 6))
    for x, y in places:
        f.pen.ellipse(x, y, f.rng.uniform(2.2, 4.4), f.rng.uniform(2.2, 4), f.coat.dark)


def _colours(f: Figure, b: Breed, m: float) -> None:
    """Muzzle, mask, blaze and patches (drawn inside a clip)."""
    pen, coat = f.pen, f.coat
    if coat.mask:
        pen.glow(40, 4, 34, 38, coat.mask, 0.95)
    if coat.marks == "patches":
        pen.blob(splotch(f.rng, 6, -22, 26), coat.other)
    if coat.marks in ("mottle", "spots"):
        _flecks(f)
    if coat.marks in ("cap", "saddle"):
        pen.blob([(-46, -50), (20, -50), (30, -22), (16, -18), (-4, -4), (-18, 30), (-50, 30)],
                 coat.dark, opacity=1.0 if coat.marks == "cap" else 0.5)
    if coat.muzzle != coat.base:
        edge = 30 if coat.mask else 22
        pen.blob([(edge + 8, -10), (40 + m, -16), (40 + m, 40), (10, 54), (edge - 6, 24)],
                 coat.muzzle)
    if coat.blaze:
        pen.blob([(-2, -52), (16, -40), (24, -24), (34, -10), (44, -16), (24, -44), (10, -56)],
                 coat.blaze)
    if coat.marks == "brows":
        pen.ellipse(19, -24, 4.6, 3.4, coat.light)


def profile(f: Figure, b: Breed) -> None:
    """A dog's head in profile at (0, 0), looking right."""
    f.open_eyes()
    pen, coat = f.pen, f.coat
    m, h = 20 + b.muzzle * 0.82, muzzle_depth(b)
    side_ear(f, b, far=True)
    if f.mood.mouth == "open":
        _jaw(f, m, h)
    ring = outline(b)
    d = spline(ring)
    pen.path(d, coat.base)
    with pen.clip(d):
        _colours(f, b, m)
        f.shade(ring, 9)
    pen.path(d, "none", coat.line, LINE)
    if b.beard:
        beard: list[Point] = [(22 + m * 0.3, 6), (26 + m * 0.95, 8), (24 + m * 0.95, h + 14),
                              (20 + m * 0.6, h + 26), (20, h + 18)]
        pen.path(fringe(beard, 6), lighter(coat.muzzle, 0.35), coat.line, LINE * 0.8)
    pen.line([(24 + m * 0.96, 13), (20 + m * 0.8, h - 2), (16 + m * 0.45, h + 2),
              (16 + m * 0.22, h - 3)], mouth_ink(f), 2.5)
    _nose(f, 24 + m, -2, b.nose)
    dog_eye(f, 20, b.eye_y - 3, b.eye, 0.86)
    if b.beard:
        pen.path(Ribbon([(14, -24), (24, -25), (33, -14)], [4, 8, 2]).path(), lighter(coat.base,
                0.4), coat.line, 1.2)
    if b.topknot:
        pen.path(fringe([(-26, -34), (-22, -60), (0, -72), (22, -60), (25, -38), (4, -30)], 6,
                        curl=True), coat.base, coat.line, LINE * 0.9)
    if b.wrinkles:
        for x in (30, 37):
            pen.line([(x, -16), (x + 3, -6), (x - 1, 4)], coat.line, 2.0, 0.6)
    side_ear(f, b)


def _nose(f: Figure, x: float, y: float, size: float) -> None:
    """The dark leather at the tip, seen from the side."""
    c = f.coat.nose
    f.pen.blob([(x - size * 0.7, y - size * 0.75), (x + size * 0.15, y - size * 0.8),
                (x + size * 0.6, y - size * 0.1), (x + size * 0.2, y + size * 0.7),
                (x - size * 0.5, y + size * 0.35)], c, darker(c, 0.5), LINE * 0.7)
    f.pen.ellipse(x - size * 0.1, y - size * 0.42, size * 0.34, size * 0.16, lighter(c, 0.6),
                  opacity=0.85)
