"""Charts of the attack report as inline SVG: no script, no style attribute, no code of others.

Across, everything is in percent of the width, so that a chart is as wide as the page lets it be
while its letters keep their size; down, in pixels. Colours come from the style sheet by class.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from classifier.reports.attack_runs import Rate
from classifier.reports.words import percent

# Pixels.
STRIP: Final = 28
PLOT: Final = 240
_HALF: Final = 6


@dataclass(slots=True)
class Drawing:
    """An SVG that grows: `height` in pixels, `text` for those who cannot see it."""

    height: int
    text: str = ""
    parts: list[str] = field(default_factory=list)

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        """Draw a line: x in percent, y in pixels."""
        self.parts.append(
            f'<line class="{kind}" x1="{x1:.2f}%" y1="{y1:.1f}" x2="{x2:.2f}%" y2="{y2:.1f}"/>'
        )

    def dot(self, kind: str, x: float, y: float, radius: float = _HALF, said: str = "") -> None:
        """Draw a dot; `said` is shown when the mouse rests on it."""
        told = f"<title>{escape(said)}</title>" if said else ""
        self.parts.append(
            f'<circle class="{kind}" cx="{x:.2f}%" cy="{y:.1f}" r="{radius}">{told}</circle>'
        )

    def box(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        """Draw a box."""
        self.parts.append(
            f'<rect class="{kind}" x="{x:.2f}%" y="{y:.1f}" width="{max(width, 0):.2f}%" '
            f'height="{max(height, 0):.1f}"/>'
        )

    def words(self, kind: str, x: float, y: float, text: str, *, dx: int = 0) -> None:
        """Write text at a place, moved by `dx` pixels; the class says how it is aligned."""
        self.parts.append(
            f'<text class="{kind}" x="{x:.2f}%" y="{y:.1f}" dx="{dx}">{escape(text)}</text>'
        )

    def svg(self, kind: str) -> SafeString:
        """Return it. Without a text it is left out by screen readers: words stand beside it."""
        role = mark_safe('aria-hidden="true"')
        if self.text:
            role = format_html('role="img" aria-label="{}"', self.text)
        inside = mark_safe("".join(self.parts))  # noqa: S308  all text in it is escaped above
        return format_html(
            '<svg class="{}" width="100%" height="{}" {}>{}</svg>', kind, self.height, role, inside
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """A share on a strip: how it looks (plain, hardened, people), and the share."""

    kind: str
    rate: Rate


def strip(
    marks: Iterable[Mark], at_most: float | None = None, goal: float | None = None
) -> SafeString:
    """Draw shares with their intervals on a line from 0 to 100 %, and the targets as ticks."""
    drawing = Drawing(STRIP)
    middle = STRIP / 2
    drawing.line("axis", 0, middle, 100, middle)
    for share in (0.25, 0.5, 0.75):
        drawing.line("grid", 100 * share, 4, 100 * share, STRIP - 4)
    if goal is not None:
        drawing.line("goal", 100 * goal, 3, 100 * goal, STRIP - 3)
    if at_most is not None:
        drawing.line("target", 100 * at_most, 1, 100 * at_most, STRIP - 1)
    for one in marks:
        found = one.rate
        drawing.line(f"whisker {one.kind}", 100 * found.low, middle, 100 * found.high, middle)
        drawing.dot(one.kind, 100 * found.share, middle)
    return drawing.svg("strip")


def scale() -> SafeString:
    """Draw the numbers under a column of strips."""
    drawing = Drawing(18)
    for share in (0, 25, 50, 75, 100):
        kind = "start" if share == 0 else "end" if share == 100 else "mid"
        drawing.words(f"tick {kind}", share, 13, f"{share} %" if share in (0, 100) else f"{share}")
    return drawing.svg("scale")


# --- plots with two axes -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a plot; `low` to `high` is its interval, if there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Points of one thing, drawn as a line in the style of its class."""

    name: str
    kind: str
    points: tuple[Point, ...]


def plot(
    lines: Sequence[Line],
    text: str,
    *,
    ticks: Sequence[tuple[float, str]],
    top: float = 1.0,
    least: float = 0.0,
    unit: str = "%",
    joined: bool = True,
) -> SafeString:
    """Draw lines: x is 0..1 of the width, y from `least` to `top`. `ticks` name places of x.

    Without `joined` there are dots only: what stands beside one another is not one thing.
    """
    drawing = Drawing(PLOT + 28, text)
    _rules(drawing, least, top, unit)
    for x, name in ticks:
        drawing.line("grid", 100 * x, 0, 100 * x, PLOT)
        kind = "start" if x < 0.06 else "end" if x > 0.94 else "mid"
        drawing.words(f"tick {kind}", 100 * x, PLOT + 20, name)
    for one in lines:
        _draw(drawing, one, least, top, joined=joined)
    return drawing.svg("plot")


def _rules(drawing: Drawing, least: float, top: float, unit: str) -> None:
    for step in range(5):
        value = least + (top - least) * step / 4
        y = _down(value, least, top)
        drawing.line("axis" if step == 0 else "grid", 0, y, 100, y)
        shown = f"{100 * value:.4g}" if unit == "%" else f"{value:g}"
        drawing.words("tick end", 0, y + 4, f"{shown} {unit}".strip(), dx=-8)


def _down(value: float, least: float, top: float) -> float:
    return PLOT * (1 - (value - least) / ((top - least) or 1))


def _draw(drawing: Drawing, line: Line, least: float, top: float, *, joined: bool) -> None:
    spots = [(100 * one.x, _down(one.y, least, top)) for one in line.points]
    for (x1, y1), (x2, y2) in itertools.pairwise(spots) if joined else ():
        drawing.line(f"curve {line.kind}", x1, y1, x2, y2)
    for one, (x, y) in zip(line.points, spots, strict=True):
        if one.low is not None and one.high is not None:
            lowest, highest = _down(one.low, least, top), _down(one.high, least, top)
            drawing.line(f"whisker {line.kind}", x, lowest, x, highest)
        drawing.dot(line.kind, x, y, 4.5, one.said)


def reliability(pairs: Sequence[tuple[str, float, Rate]]) -> SafeString:
    """Draw what was predicted (across) against what was measured (up); on the diagonal they agree.

    Each is a kind, the prediction and the measured share.
    """
    top = _above(max((max(said, one.high) for _, said, one in pairs), default=1.0))
    text = "; ".join(
        f"predicted {percent(said)}, measured {percent(one.share)}" for _, said, one in pairs
    )
    drawing = Drawing(PLOT + 28, f"Predicted against measured. {text}.")
    _rules(drawing, 0, top, "%")
    for step in range(5):
        kind = "start" if step == 0 else "end" if step == 4 else "mid"
        drawing.line("grid", 25 * step, 0, 25 * step, PLOT)
        shown = f"{25 * step * top:.4g} %"
        drawing.words(f"tick {kind}", 25 * step, PLOT + 20, shown)
    drawing.line("diagonal", 0, PLOT, 100, 0)
    for kind, said, one in pairs:
        x = 100 * said / top
        drawing.line(f"whisker {kind}", x, _down(one.low, 0, top), x, _down(one.high, 0, top))
        spoken = f"Predicted {percent(said)}, measured {percent(one.share)}"
        drawing.dot(kind, x, _down(one.share, 0, top), 5, spoken)
    return drawing.svg("plot")


def _above(value: float) -> float:
    """Return the next round share at or above this one."""
    for round_one in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        if value <= round_one:
            return round_one
    return 1.0


def above(values: Iterable[float]) -> float:
    """Return a round top of an axis for these shares."""
    return _above(max(values, default=1.0))


# --- money ---------------------------------------------------------------------------------------


def money(amount: float, band: tuple[float, float], ends: tuple[float, float]) -> SafeString:
    """Draw an amount on a line of powers of ten; the band is what people are paid."""
    drawing = Drawing(STRIP)

    def across(value: float) -> float:
        low, high = map(math.log10, ends)
        at = (math.log10(min(max(value, ends[0]), ends[1])) - low) / ((high - low) or 1)
        return 100 * at

    left, right = across(band[0]), across(band[1])
    drawing.box("band", left, 2, max(right - left, 0.6), STRIP - 4)
    drawing.line("axis", 0, STRIP / 2, 100, STRIP / 2)
    if math.isfinite(amount):
        drawing.dot("hardened", across(amount), STRIP / 2)
    return drawing.svg("strip")


def money_scale(ends: tuple[float, float]) -> SafeString:
    """Draw the powers of ten under a column of such lines."""
    low, high = (round(math.log10(one)) for one in ends)
    drawing = Drawing(18)
    step = max(1, math.ceil((high - low) / 5))
    for power in range(low, high + 1, step):
        x = 100 * (power - low) / ((high - low) or 1)
        kind = "start" if power == low else "end" if power + step > high else "mid"
        drawing.words(f"tick {kind}", x, 13, f"${10.0**power:,g}")
    return drawing.svg("scale")


def priced(amount: float, *, more: bool) -> str:
    """Return a price; with `more` one that is only known to be higher."""
    return f"more than {dollars(amount)}" if more else dollars(amount)


def dollars(amount: float) -> str:
    """Return an amount as people write it: $0.004, $1.20, $15,000."""
    if not math.isfinite(amount):
        return "not known"
    if amount >= 100:
        return f"${amount:,.0f}"
    if amount >= 0.995:
        return f"${amount:.2f}"
    digits = 1 - math.floor(math.log10(amount)) if amount else 2
    return f"${amount:.{digits}f}".rstrip("0").rstrip(".") if amount else "$0"
