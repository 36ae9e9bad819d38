"""Parts of faces: eyes, lids, whiskers, noses and mouths of both animals."""

from __future__ import annotations

from challenges.starter.figure import LINE, Figure
from challenges.starter.palettes import darker, lighter, luma, mix
from challenges.starter.svg import trace

INK = "#241a22"


def closed_eye(f: Figure, x: float, y: float, w: float, *, happy: bool) -> None:
    """A shut eye: an arch when happy, a bow when asleep."""
    bend = -w * 0.75 if happy else w * 0.6
    colour = INK if luma(f.coat.mask or f.coat.base) > 0.3 else lighter(f.coat.base, 0.55)
    f.pen.line(
        [
            (x - w, y),
            (x - w * 0.5, y + bend * 0.75),
            (x, y + bend),
            (x + w * 0.5, y + bend * 0.75),
            (x + w, y),
        ],
        colour,
        3.4,
    )


def cat_eye(f: Figure, x: float, y: float, w: float, h: float, outer: int) -> None:
    """An almond eye `w` wide each way with a slit pupil.

    `outer` (+1 or -1) is the side of its outer corner.
    """
    if f.mood.eyes in ("happy", "sleep"):
        closed_eye(f, x, y, w, happy=f.mood.eyes == "happy")
        return
    if f.mood.eyes == "half":
        h *= 0.62
    o, top = outer * w, -h * 1.25
    d = trace(
        "M",
        x - o,
        y + h * 0.42,
        "C",
        x - o * 0.6,
        y + top,
        x + o * 0.55,
        y + top,
        x + o,
        y - h * 0.38,
        "C",
        x + o * 0.8,
        y + h * 1.1,
        x - o * 0.35,
        y + h * 1.2,
        x - o,
        y + h * 0.42,
        "Z",
    )
    rim = darker(f.coat.dark, 0.55) if luma(f.coat.base) > 0.35 else "#17131a"
    f.pen.path(d, f.coat.eye, rim, 4.2)
    f.pen.path(d, f.coat.eye, lighter(f.coat.eye, 0.35), 1.0)
    pupil = w * (0.52 if f.mood.eyes == "wide" else 0.27)
    f.pen.ellipse(x, y, pupil, h * 0.86, INK)
    f.pen.ellipse(x + w * 0.3, y - h * 0.36, w * 0.24, h * 0.26, "#ffffff")


def dog_eye(f: Figure, x: float, y: float, r: float, squeeze: float = 1.0) -> None:
    """A round dark eye of radius `r` with a soft lid."""
    if f.mood.eyes in ("happy", "sleep"):
        closed_eye(f, x, y, r * 1.25 * squeeze, happy=f.mood.eyes == "happy")
        return
    coat = f.coat
    rim = INK if luma(coat.mask or coat.base) > 0.33 else lighter(coat.base, 0.25)
    f.pen.ellipse(x, y, r * 1.12 * squeeze + 1.2, r * 1.1 + 1.2, rim)
    f.pen.ellipse(x, y, r * 1.05 * squeeze, r * 1.02, coat.eye)
    f.pen.ellipse(x, y, r * 0.72 * squeeze, r * 0.74, "#17110f")
    f.pen.ellipse(x + r * 0.3, y - r * 0.36, r * 0.32, r * 0.32, "#ffffff")
    if f.mood.eyes == "half":
        f.pen.path(
            trace(
                "M", x - r * 1.4, y - r * 0.1, "Q", x, y - r * 2.7, x + r * 1.4, y - r * 0.1, "Z"
            ),
            coat.mask or coat.base,
            rim,
            1.6,
        )


def cat_nose(f: Figure, x: float, y: float, size: float) -> None:
    """A small pink triangle with the split lip under it."""
    s = size
    f.pen.path(
        trace(
            "M",
            x - s,
            y - s * 0.5,
            "Q",
            x,
            y - s * 0.95,
            x + s,
            y - s * 0.5,
            "Q",
            x + s * 0.6,
            y + s * 0.5,
            x,
            y + s * 0.75,
            "Q",
            x - s * 0.6,
            y + s * 0.5,
            x - s,
            y - s * 0.5,
            "Z",
        ),
        f.coat.nose,
        darker(f.coat.nose, 0.45),
        1.5,
    )


def cat_mouth(f: Figure, x: float, y: float, w: float, squeeze: float = 1.0) -> None:
    """The w-shaped mouth below the nose at (x, y); open when the mood says so."""
    ink = mouth_ink(f)
    if f.mood.mouth == "open":
        f.pen.blob(
            [(x - w * 0.55, y + 7), (x, y + 5), (x + w * 0.55 * squeeze, y + 7), (x, y + 17)],
            "#8b3b46",
            ink,
            1.8,
        )
        f.pen.ellipse(x, y + 12.5, w * 0.3, 3.2, "#ea8f98")
    up = 1.5 if f.mood.mouth == "closed" else 4.0
    for side, k in ((-1, 1.0), (1, squeeze)):
        f.pen.line(
            [(x, y), (x, y + 4), (x + side * w * 0.5 * k, y + 8), (x + side * w * k, y + 8 - up)],
            ink,
            2.2,
        )


def mouth_ink(f: Figure) -> str:
    """A line that shows on the muzzle."""
    return "#3a2730" if luma(f.coat.muzzle) > 0.33 else lighter(f.coat.muzzle, 0.55)


def whiskers(f: Figure, x: float, y: float, reach: float, side: int) -> None:
    """Three long whiskers to one side (+1 right, -1 left), with the dots they grow from."""
    for k, (rise, drop) in enumerate(((-5, -12), (0, 1), (5, 14))):
        r = reach * (1.0, 1.06, 0.92)[k]
        f.pen.line(
            [
                (x, y + rise),
                (x + side * r * 0.5, y + rise + drop * 0.35 - 3),
                (x + side * r, y + rise + drop),
            ],
            f.coat.whisker,
            1.7,
            0.92,
        )
        f.pen.ellipse(x - side * 2, y + rise * 0.8, 1.2, 1.2, mouth_ink(f), opacity=0.7)


def dog_nose(f: Figure, x: float, y: float, w: float, h: float) -> None:
    """A big dark nose with a shine and two nostrils."""
    c = f.coat.nose
    f.pen.path(
        trace(
            "M",
            x - w * 0.7,
            y - h * 0.8,
            "Q",
            x,
            y - h * 1.15,
            x + w * 0.7,
            y - h * 0.8,
            "Q",
            x + w * 1.2,
            y - h * 0.2,
            x + w * 0.6,
            y + h * 0.55,
            "Q",
            x,
            y + h * 1.2,
            x - w * 0.6,
            y + h * 0.55,
            "Q",
            x - w * 1.2,
            y - h * 0.2,
            x - w * 0.7,
            y - h * 0.8,
            "Z",
        ),
        c,
        darker(c, 0.5),
        LINE * 0.7,
    )
    f.pen.ellipse(x + w * 0.12, y - h * 0.52, w * 0.42, h * 0.2, lighter(c, 0.6), opacity=0.85)
    for side in (-1, 1):
        f.pen.ellipse(x + side * w * 0.42, y + h * 0.12, w * 0.16, h * 0.2, darker(c, 0.75))


def tongue(f: Figure, x: float, y: float, w: float, length: float, tilt: float = 0.0) -> None:
    """A tongue hanging from (x, y)."""
    with f.pen.group(f"rotate({tilt:.0f} {x:.1f} {y:.1f})"):
        f.pen.blob(
            [
                (x - w, y),
                (x, y - 3),
                (x + w, y),
                (x + w * 1.02, y + length * 0.7),
                (x, y + length),
                (x - w * 1.02, y + length * 0.7),
            ],
            "#ee8590",
            "#a84a58",
            1.9,
        )
        f.pen.line([(x, y + 2), (x + 0.5, y + length * 0.65)], "#c9616e", 1.7)


def dog_mouth(f: Figure, x: float, y: float, w: float, squeeze: float = 1.0) -> None:
    """Flews meeting under the nose at (x, y), each `w` wide; open mouths let the tongue hang."""
    ink = mouth_ink(f)
    if f.mood.mouth == "open":
        f.pen.blob(
            [
                (x - w * 0.8, y + 8),
                (x, y + 5),
                (x + w * 0.8 * squeeze, y + 8),
                (x + w * 0.5 * squeeze, y + 21),
                (x, y + 25),
                (x - w * 0.5, y + 21),
            ],
            "#6d2c38",
            f.coat.line,
            LINE,
        )
        tongue(f, x + 1, y + 14, w * 0.42, 21)
    for side, k in ((-1, 1.0), (1, squeeze)):
        f.pen.line(
            [
                (x, y - 1),
                (x + side * 1.5, y + 6),
                (x + side * w * 0.5 * k, y + 11),
                (x + side * w * k, y + 6),
                (x + side * w * 1.12 * k, y + 1),
            ],
            ink,
            2.5,
        )


def shadowed(colour: str, line: str) -> str:
    """The colour of a part that lies in the shade of another."""
    return mix(colour, line, 0.22)
