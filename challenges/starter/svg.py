"""Small helpers to write SVG: smooth outlines, tapering limbs, fur fringes and a pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, hypot, pi, sin

Point = tuple[float, float]


def num(value: float) -> str:
    """The number with one decimal: short, and the same on every machine."""
    return f"{value:.1f}"


def trace(*steps: str | float) -> str:
    """Path data from commands ("M", "Q", ...) and coordinates in units."""
    return " ".join(step if isinstance(step, str) else num(step) for step in steps)


def mirror(half: Sequence[Point]) -> list[Point]:
    """Close a right half (top to bottom) with its mirror image; points on x = 0 stay single."""
    left = [(-x, y) for x, y in reversed(half) if abs(x) > 0.01]
    return [*half, *left]


def shift(points: Sequence[Point], dx: float, dy: float) -> list[Point]:
    """The points moved by (dx, dy)."""
    return [(x + dx, y + dy) for x, y in points]


def bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the points."""
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _controls(a: Point, b: Point, c: Point, d: Point) -> tuple[Point, Point]:
    """The Bezier handles of a Catmull-Rom segment from b to c."""
    first = (b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6)
    second = (c[0] - (d[0] - b[0]) / 6, c[1] - (d[1] - b[1]) / 6)
    return first, second


def _quads(points: Sequence[Point], *, closed: bool) -> Iterator[tuple[Point, Point, Point, Point]]:
    count = len(points)
    for i in range(count if closed else count - 1):
        if closed:
            yield (points[i - 1], points[i], points[(i + 1) % count], points[(i + 2) % count])
        else:
            yield (points[max(i - 1, 0)], points[i], points[i + 1], points[min(i + 2, count - 1)])


def spline(points: Sequence[Point], *, closed: bool = True) -> str:
    """Path data of a smooth curve through the points."""
    parts = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for a, b, c, d in _quads(points, closed=closed):
        p, q = _controls(a, b, c, d)
        parts.append("C" + " ".join(num(v) for v in (*p, *q, *c)))
    return "".join(parts) + ("Z" if closed else "")


def sample(points: Sequence[Point], per: int = 6, *, closed: bool = False) -> list[Point]:
    """Points along the smooth curve, `per` of them on each segment."""
    out: list[Point] = []
    for a, b, c, d in _quads(points, closed=closed):
        p, q = _controls(a, b, c, d)
        for step in range(per):
            t = step / per
            u = 1 - t
            w = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            x, y = (sum(k * pt[i] for k, pt in zip(w, (b, p, q, c), strict=True)) for i in (0, 1))
            out.append((x, y))
    return out if closed else [*out, points[-1]]


def polygon(points: Sequence[Point], *, closed: bool = True) -> str:
    """Path data of straight lines through the points."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + ("Z" if closed else "")


def _resample(ring: Sequence[Point], count: int) -> list[Point]:
    """`count` points at equal distances along the closed ring."""
    lengths = [
        hypot(b[0] - a[0], b[1] - a[1]) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    ]
    gap, out, i, done = sum(lengths) / count, [], 0, 0.0
    for k in range(count):
        while i < len(ring) - 1 and done + lengths[i] < k * gap:
            done += lengths[i]
            i += 1
        t = (k * gap - done) / (lengths[i] or 1.0)
        a, b = ring[i], ring[(i + 1) % len(ring)]
        out.append((a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t))
    return out


def fringe(points: Sequence[Point], depth: float, *, curl: bool = False) -> str:
    """The closed outline (clockwise) as fur: pointed tufts, or round curls; `depth` in units."""
    ring = sample(points, 6, closed=True)
    around = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring))
    ring = _resample(ring, max(10, round(around / (depth * (2.4 if curl else 2.1)))))
    parts = [f"M{num(ring[0][0])} {num(ring[0][1])}"]
    for i, (a, b) in enumerate(zip(ring, [*ring[1:], ring[0]], strict=True)):
        dx, dy = b[0] - a[0], b[1] - a[1]
        span = hypot(dx, dy) or 1.0
        if curl:
            r = num(span * 0.56)
            parts.append(f"A{r} {r} 0 0 1 {num(b[0])} {num(b[1])}")
            continue
        reach = depth * (0.55 + 0.45 * ((i * 7) % 5) / 4)
        # Fur falls: tufts on the right half point on along the outline, on the left half back.
        lean = 0.35 if dy > 0 else -0.35
        tip = (
            a[0] + dx * (0.5 + lean) + dy / span * reach,
            a[1] + dy * (0.5 + lean) - dx / span * reach,
        )
        mid = (
            a[0] + dx * 0.5 + dy / span * reach * 0.35,
            a[1] + dy * 0.5 - dx / span * reach * 0.35,
        )
        parts.append("Q" + " ".join(num(v) for v in (*mid, *tip)))
        parts.append("Q" + " ".join(num(v) for v in (*mid, *b)))
    return "".join(parts) + "Z"


@dataclass(frozen=True)
class Ribbon:
    """A limb or tail: a smooth spine with a width at each of its points."""

    spine: Sequence[Point]
    widths: Sequence[float]

    def _sides(self, start: float, end: float, grow: float) -> tuple[list[Point], list[Point]]:
        line = sample(self.spine, 6)
        wide = sample([(float(i), w) for i, w in enumerate(self.widths)], 6)
        last = len(line) - 1
        lo, hi = round(start * last), max(round(start * last) + 1, round(end * last))
        left: list[Point] = []
        right: list[Point] = []
        for i in range(lo, hi + 1):
            a, b = line[max(i - 1, 0)], line[min(i + 1, last)]
            span = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
            nx, ny = -(b[1] - a[1]) / span, (b[0] - a[0]) / span
            half = (wide[round(i * (len(wide) - 1) / last)][1] + grow) / 2
            x, y = line[i]
            left.append((x + nx * half, y + ny * half))
            right.append((x - nx * half, y - ny * half))
        return left, right

    def _cap(self, left: Point, right: Point) -> list[Point]:
        """A round end between the two sides."""
        cx, cy = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2
        rx, ry = left[0] - cx, left[1] - cy
        turns = [pi * k / 6 for k in range(1, 6)]
        return [(cx + rx * cos(t) + ry * sin(t), cy + ry * cos(t) - rx * sin(t)) for t in turns]

    def ring(self, start: float = 0.0, end: float = 1.0, grow: float = 0.0) -> list[Point]:
        """The outline between two fractions of the length; root and tip are rounded."""
        left, right = self._sides(start, end, grow)
        cap = self._cap(left[-1], right[-1]) if end >= 1.0 else []
        root = self._cap(right[0], left[0]) if start <= 0.0 else []
        return [*left, *cap, *reversed(right), *root]

    def path(
        self, start: float = 0.0, end: float = 1.0, grow: float = 0.0, *, closed: bool = True
    ) -> str:
        """Path data of `ring`; left open at the start when it is to grow out of a body."""
        return polygon(self.ring(start, end, grow), closed=closed)


@dataclass
class Pen:
    """Collects SVG elements; group() and clip() nest them."""

    parts: list[str] = field(default_factory=list)
    names: int = 0

    def path(
        self, d: str, fill: str = "none", stroke: str = "", width: float = 0.0, opacity: float = 1.0
    ) -> None:
        """One path; round joins and caps."""
        line = f' stroke="{stroke}" stroke-width="{num(width)}"' if stroke and width else ""
        share = f"{opacity:.2f}"
        veil = f' fill-opacity="{share}" stroke-opacity="{share}"' if opacity < 1 else ""
        self.parts.append(f'<path d="{d}" fill="{fill}"{line}{veil}/>')

    def blob(
        self,
        points: Sequence[Point],
        fill: str,
        stroke: str = "",
        width: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """A smooth closed shape through the points."""
        self.path(spline(points), fill, stroke, width, opacity)

    def line(
        self, points: Sequence[Point], stroke: str, width: float, opacity: float = 1.0
    ) -> None:
        """A smooth open line through the points."""
        self.path(spline(points, closed=False), "none", stroke, width, opacity)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str,
        round_: float = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """A rectangle with corners rounded by `round_`."""
        veil = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        self.parts.append(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(w)}" height="{num(h)}"'
            f' rx="{num(round_)}" fill="{fill}"{veil}/>'
        )

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: str,
        turn: float = 0.0,
        opacity: float = 1.0,
        stroke: str = "",
        width: float = 0.0,
    ) -> None:
        """An ellipse turned by `turn` degrees about its centre."""
        spin = f' transform="rotate({num(turn)} {num(x)} {num(y)})"' if turn else ""
        veil = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        line = f' stroke="{stroke}" stroke-width="{num(width)}"' if stroke and width else ""
        self.parts.append(
            f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}"'
            f' fill="{fill}"{line}{veil}{spin}/>'
        )

    def glow(self, x: float, y: float, rx: float, ry: float, colour: str, opacity: float) -> None:
        """A soft spot: full in the middle, nothing at the rim."""
        self.names += 1
        name = f"g{self.names}"
        self.parts.append(
            f'<radialGradient id="{name}">'
            f'<stop offset=".35" stop-color="{colour}" stop-opacity="{opacity:.2f}"/>'
            f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></radialGradient>'
        )
        self.ellipse(x, y, rx, ry, f"url(#{name})")

    @contextmanager
    def group(self, transform: str) -> Iterator[None]:
        """Everything drawn inside is moved, turned or scaled."""
        self.parts.append(f'<g transform="{transform}">')
        yield
        self.parts.append("</g>")

    @contextmanager
    def clip(self, d: str) -> Iterator[None]:
        """Everything drawn inside is cut at the path."""
        self.names += 1
        name = f"c{self.names}"
        self.parts.append(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        self.parts.append(f'<g clip-path="url(#{name})">')
        yield
        self.parts.append("</g>")

    def document(self, width: int, height: int) -> str:
        """The whole SVG, `width` by `height` pixels."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' stroke-linecap="round" stroke-linejoin="round">{"".join(self.parts)}</svg>'
        )
