"""What cat and dog drawings share: the drawing context, limbs, tails, collars and head turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, sin
from random import Random

from challenges.starter.coats import Coat
from challenges.starter.marks import paint_body, paint_limb
from challenges.starter.palettes import darker, lighter, luma, mix
from challenges.starter.svg import Pen, Point, Ribbon, bounds, fringe, polygon, shift, spline, trace

LINE = 2.3


@dataclass(frozen=True)
class Mood:
    """The expression.

    Eyes "open", "wide", "half", "happy" or "sleep"; mouth "closed", "smile" or "open".
    """

    eyes: str = "open"
    mouth: str = "smile"


@dataclass(frozen=True)
class Collar:
    """What the animal wears: kind "none", "band", "bell" or "scarf"."""

    kind: str
    colour: str


@dataclass(frozen=True)
class Turn:
    """A head turned to the right by `angle` radians: where points of its surface are seen."""

    angle: float = 0.0

    def x(self, x: float, depth: float) -> float:
        """The seen x of a point `depth` in front of the head's axis."""
        return x * cos(self.angle) + depth * sin(self.angle)

    def width(self, x: float, depth: float) -> float:
        """How much narrower (or wider) a feature there is seen."""
        return max(0.45, min(1.1, cos(self.angle) - x / depth * sin(self.angle)))


@dataclass
class Figure:
    """One animal being drawn in units of about a fiftieth of its head's radius."""

    pen: Pen
    coat: Coat
    rng: Random
    mood: Mood
    collar: Collar
    fur: str = "smooth"
    depth: float = 5.0

    def open_eyes(self) -> None:
        """Seen from the side a laughing eye says too little: open it."""
        if self.mood.eyes == "happy":
            self.mood = replace(self.mood, eyes="open")

    def outline(self, points: Sequence[Point], *, fluffy: bool = True, scale: float = 1.0) -> str:
        """The closed shape with this animal's fur: smooth, tufted or curly."""
        if self.fur == "smooth" or not fluffy:
            return spline(points)
        return fringe(points, self.depth * scale, curl=self.fur == "curl")

    def part(
        self, points: Sequence[Point], fill: str = "", *, fluffy: bool = False, scale: float = 1.0
    ) -> str:
        """A plain filled part with its outline; gives back the path data."""
        d = self.outline(points, fluffy=fluffy, scale=scale)
        self.pen.path(d, fill or self.coat.base, self.coat.line, LINE)
        return d

    def body(
        self,
        points: Sequence[Point],
        *,
        side: bool,
        chest: Sequence[Point] = (),
        fluffy: bool = True,
    ) -> None:
        """A body with marks, pale chest (its points), shade below and light above."""
        d = self.outline(points, fluffy=fluffy)
        pen, coat = self.pen, self.coat
        pen.path(d, coat.base)
        with pen.clip(d):
            paint_body(pen, coat, self.rng, bounds(points), side=side)
            if chest and coat.chest:
                pen.path(self.outline(chest, fluffy=fluffy, scale=0.8), coat.chest)
            if not side:
                left, top, right, _ = bounds(points)
                self.pen.ellipse(
                    (left + right) / 2, top + 20, 42, 24, darker(coat.line, 0.3), opacity=0.15
                )
            self.ticks(points, 22)
            self.shade(points)
        pen.path(d, "none", coat.line, LINE)

    def ticks(self, points: Sequence[Point], count: int) -> None:
        """Short strokes of fur here and there inside a clip."""
        left, top, right, bottom = bounds(points)
        d = []
        for _ in range(count):
            x, y = self.rng.uniform(left, right), self.rng.uniform(top, bottom)
            d.append(
                trace("M", x, y, "q", self.rng.uniform(-2, 2), "3.5", self.rng.uniform(-4, 1), "7")
            )
        self.pen.path(
            "".join(d), "none", self.coat.line, 1.5, 0.2 if luma(self.coat.base) > 0.75 else 0.3
        )

    def shade(self, points: Sequence[Point], deep: float = 13.0) -> None:
        """Cel shading inside a clip: the lower right rim dark, the upper left one light."""
        near, far = (
            shift(points, -deep * 0.35, -deep * 0.5),
            shift(points, deep * 0.25, deep * 0.32),
        )
        self.pen.path(spline(near), "none", darker(self.coat.line, 0.2), deep, 0.16)
        self.pen.path(spline(far), "none", lighter(self.coat.base, 0.7), deep * 0.55, 0.22)

    def limb(
        self,
        spine: Sequence[Point],
        widths: Sequence[float],
        *,
        far: bool = False,
        sock: float = 0.66,
    ) -> Ribbon:
        """A leg growing out of the body; `far` ones lie in shade; the sock begins at `sock`."""
        leg, coat = Ribbon(spine, widths), self.coat
        base = mix(coat.base, coat.line, 0.25) if far else coat.base
        self.pen.path(leg.path(), base)
        if not far:
            paint_limb(self.pen, coat, leg)
        if coat.sock:
            self.pen.path(leg.path(sock, 1.0), mix(coat.sock, coat.line, 0.2) if far else coat.sock)
        self.pen.path(leg.path(0.12, 1.0, closed=False), "none", coat.line, LINE)
        return leg

    def paw(self, x: float, y: float, rx: float, ry: float, *, far: bool = False) -> None:
        """A paw with its centre at (x, y)."""
        colour = self.coat.sock or self.coat.base
        self.pen.ellipse(
            x,
            y,
            rx,
            ry,
            mix(colour, self.coat.line, 0.22) if far else colour,
            stroke=self.coat.line,
            width=LINE,
        )
        for k in (-0.3, 0.3):
            self.pen.line(
                [(x + rx * k, y + ry * 0.1), (x + rx * k * 1.1, y + ry * 0.8)], self.coat.line, 1.6
            )

    def tail(self, spine: Sequence[Point], widths: Sequence[float], *, bushy: bool = False) -> None:
        """A tail from its root to its tip, ringed or tipped as the coat says."""
        tail, coat = Ribbon(spine, widths), self.coat
        d = (
            fringe(tail.ring()[::3], self.depth * 0.9, curl=self.fur == "curl")
            if bushy
            else tail.path()
        )
        self.pen.path(d, coat.tail, coat.line, LINE)
        if coat.marks == "stripes":
            for k in range(5):
                self.pen.path(
                    tail.path(0.2 + k * 0.14, 0.27 + k * 0.14, -LINE), coat.dark, opacity=0.9
                )
        if coat.tip:
            end = tail.ring(0.78, 1.0, -LINE)
            self.pen.path(fringe(end[::2], self.depth * 0.6) if bushy else polygon(end), coat.tip)

    def ear_point(self, points: Sequence[Point], fill: str) -> None:
        """A pointed ear: straight-sided with a slightly rounded tip."""
        self.pen.path(polygon(points), fill, self.coat.line, LINE)

    def wear(self, x: float, y: float, rx: float, tilt: float = 0.0) -> None:
        """The collar round the neck: a band drooping from (x - rx, y) to (x + rx, y)."""
        if self.collar.kind == "none":
            return
        c, edge = self.collar.colour, darker(self.collar.colour, 0.45)
        drop = rx * 0.34
        with self.pen.group(f"rotate({tilt:.0f} {x:.0f} {y:.0f})"):
            if self.collar.kind == "scarf":
                scarf = trace(
                    "M",
                    x - rx,
                    y,
                    "Q",
                    x,
                    y + drop * 1.6,
                    x + rx,
                    y,
                    "L",
                    x + rx * 0.15,
                    y + rx * 1.05,
                    "Q",
                    x,
                    y + rx * 1.2,
                    x - rx * 0.15,
                    y + rx * 1.05,
                    "Z",
                )
                self.pen.path(scarf, c, edge, LINE)
                for k in (-0.35, 0.0, 0.35):
                    self.pen.ellipse(
                        x + rx * k, y + rx * (0.52 - abs(k) * 0.4), 2.6, 2.6, lighter(c, 0.75)
                    )
                return
            band = Ribbon([(x - rx, y), (x, y + drop), (x + rx, y)], [9, 10, 9])
            self.pen.path(band.path(), c, edge, LINE)
            gold = "#f0c648" if self.collar.kind == "bell" else "#dfe4ea"
            self.pen.ellipse(x, y + drop + 9, 6.2, 6.6, gold, stroke="#7a5a1e", width=1.8)
