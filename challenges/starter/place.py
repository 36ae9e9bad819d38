"""The picture that a background fills, and the strokes that backgrounds share."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from challenges.starter.palettes import darker, lighter, mix
from challenges.starter.svg import Pen, Point, trace


@dataclass(frozen=True)
class Place:
    """The picture to fill, in pixels.

    The ground begins at `floor`; the animal stands at `feet`.
    """

    pen: Pen
    rng: Random
    width: float
    height: float
    floor: float
    feet: float

    def wall(self, colour: str) -> None:
        """Everything above the floor (and a little more)."""
        self.pen.rect(0, 0, self.width, self.floor + 2, colour)

    def ground(self, colour: str) -> None:
        """Everything from the floor line down."""
        self.pen.rect(0, self.floor, self.width, self.height - self.floor + 2, colour)

    def sky(self, top: str, low: str) -> None:
        """Three bands of sky down to the floor, their edges curved."""
        self.wall(top)
        for k in (1, 2):
            y, bend = self.floor * k / 3, self.rng.uniform(-25, 25)
            d = trace("M0", y, "Q", self.width / 2, y + bend, self.width, y, "V", self.floor, "H0Z")
            self.pen.path(d, mix(top, low, k / 2))

    def hills(self, y: float, rise: float, colour: str, humps: int = 3) -> None:
        """A rolling line at y, filled down to the picture's bottom."""
        step = self.width / humps
        points: list[Point] = [(-20, self.height + 20), (-20, y)]
        for i in range(humps + 1):
            points.append(
                (i * step + self.rng.uniform(-0.3, 0.3) * step, y - self.rng.uniform(0, rise))
            )
        points += [(self.width + 20, y), (self.width + 20, self.height + 20)]
        self.pen.blob(points, colour)

    def cloud(
        self, x: float, y: float, size: float, colour: str = "#ffffff", opacity: float = 0.85
    ) -> None:
        """A heap of round puffs."""
        for dx, dy, r in (
            (-0.9, 0.1, 0.5),
            (-0.3, -0.25, 0.7),
            (0.4, -0.1, 0.6),
            (0.95, 0.15, 0.42),
            (0.1, 0.2, 0.75),
        ):
            self.pen.ellipse(
                x + dx * size, y + dy * size, r * size, r * size * 0.62, colour, opacity=opacity
            )

    def tree(self, x: float, y: float, size: float, leaves: str, trunk: str = "#7a5a44") -> None:
        """A round-crowned tree standing at (x, y)."""
        self.pen.rect(x - size * 0.07, y - size * 0.55, size * 0.14, size * 0.56, trunk)
        for dx, dy, r in (
            (-0.26, -0.6, 0.26),
            (0.27, -0.62, 0.27),
            (0, -0.85, 0.32),
            (0.02, -0.55, 0.3),
        ):
            self.pen.ellipse(x + dx * size, y + dy * size, r * size, r * size, leaves)
        self.pen.ellipse(
            x - size * 0.1,
            y - size * 0.88,
            size * 0.17,
            size * 0.14,
            lighter(leaves, 0.3),
            opacity=0.5,
        )

    def grass(self, y: float, count: int, colour: str, tall: float = 14.0) -> None:
        """Blades scattered from y down to the bottom."""
        d = []
        for _ in range(count):
            x, base = self.rng.uniform(0, self.width), self.rng.uniform(y, self.height)
            h, lean = tall * self.rng.uniform(0.5, 1.0), self.rng.uniform(-4, 4)
            d.append(trace("M", x - 2, base, "L", x + lean, base - h, "L", x + 2, base, "Z"))
        self.pen.path("".join(d), colour)

    def dots(
        self, top: float, bottom: float, count: int, colours: tuple[str, ...], size: float
    ) -> None:
        """Flowers, leaves or flakes scattered in a band."""
        for _ in range(count):
            x, y = self.rng.uniform(0, self.width), self.rng.uniform(top, bottom)
            r = size * self.rng.uniform(0.6, 1.2)
            self.pen.ellipse(x, y, r, r * 0.85, self.rng.choice(colours))

    def plant(self, x: float, y: float, size: float) -> None:
        """A pot with broad leaves standing at (x, y)."""
        green = self.rng.choice(("#5f8f5a", "#4d7f6a", "#7ba05b"))
        for lean in (-0.55, -0.25, 0.05, 0.3, 0.55):
            tip = (x + lean * size * 1.1, y - size * (1.25 - abs(lean) * 0.7))
            mid = (x + lean * size * 0.35, y - size * 0.75)
            self.pen.blob(
                [
                    (x, y - size * 0.3),
                    (mid[0] - size * 0.12, mid[1]),
                    tip,
                    (mid[0] + size * 0.13, mid[1] + size * 0.06),
                ],
                mix(green, "#2f4a3c", abs(lean) * 0.6),
            )
        pot = self.rng.choice(("#c9764d", "#e3ddd2", "#6f8fa0", "#d9a24a"))
        w = size * 0.3
        d = trace(
            "M", x - w, y - size * 0.42, "H", x + w, "L", x + w * 0.72, y, "H", x - w * 0.72, "Z"
        )
        self.pen.path(d, pot)
        self.pen.rect(x - w * 1.12, y - size * 0.46, w * 2.24, size * 0.1, lighter(pot, 0.2), 2)

    def picture(self, x: float, y: float, w: float, h: float) -> None:
        """A framed picture with its middle at (x, y)."""
        frame = self.rng.choice(("#8a6a4c", "#f2eee6", "#3f3b40", "#c9a25a"))
        inner = self.rng.choice(("#a8c6cf", "#e7c9a9", "#c7d3b0", "#d9b3b8"))
        self.pen.rect(x - w / 2, y - h / 2, w, h, frame, 2)
        self.pen.rect(x - w / 2 + 5, y - h / 2 + 5, w - 10, h - 10, inner)
        self.pen.ellipse(x, y + h * 0.12, w * 0.24, h * 0.2, darker(inner, 0.25))
        self.pen.ellipse(x + w * 0.16, y - h * 0.18, w * 0.08, w * 0.08, lighter(inner, 0.7))

    def boards(self, colour: str, gap: float = 26.0) -> None:
        """A wooden floor: boards running to a vanishing point."""
        self.ground(colour)
        self.pen.rect(0, self.floor, self.width, 3, darker(colour, 0.35), opacity=0.5)
        d, mid = [], self.width / 2
        for k in range(-9, 10):
            x = mid + k * gap
            d.append(trace("M", x, self.floor, "L", mid + (x - mid) * 2.6, self.height))
        self.pen.path("".join(d), "none", darker(colour, 0.3), 1.6, 0.55)
