"""Charts as inline SVG that follows the page's colours, light or dark. No global state."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    MaxNLocator,
    NullLocator,
    PercentFormatter,
)

if TYPE_CHECKING:
    from classifier.cnn.calibration import Bin
    from classifier.cnn.metrics import Roc
    from classifier.reports.evaluation import Epoch

# Stand-ins that become variables of the page's style sheet.
INK: Final = "#010203"
SOFT: Final = "#010204"
LINE: Final = "#010205"
_VARIABLES: Final = {INK: "var(--ink)", SOFT: "var(--soft)", LINE: "var(--line)"}
# One for each class, to be told apart on light and on dark, and by people who see few colours.
COLOURS: Final = ("#7c5ce0", "#e0792b", "#1e9c83", "#c94f8f", "#4a8fd6", "#9a8a24")
WIDTH: Final = 4.5
HEIGHT: Final = 3.2
# More dots than this become one picture within the chart.
MANY: Final = 500


def colour(place: int) -> str:
    """Return the colour of a class."""
    return COLOURS[place % len(COLOURS)]


def roc(curves: Sequence[Roc]) -> SafeString:
    """Draw how many are found for how many false alarms."""
    figure, axes = _open()
    axes.plot([0, 1], [0, 1], color=LINE, linestyle="--")
    for place, one in enumerate(curves):
        label = f"{one.name} (area {one.auc:.4f})"
        axes.plot(one.false_positive, one.true_positive, color=colour(place), lw=2, label=label)
    _percent(axes, "x")
    _percent(axes, "y")
    axes.set(xlabel="called so, but is not", ylabel="called so, and is")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    _legend(axes, "lower right")
    return _svg(figure, "ROC curve: " + "; ".join(f"{one.name} {one.auc:.4f}" for one in curves))


def calibration(bins: Sequence[Bin], classes: int, title: str) -> SafeString:
    """Draw how sure the network was against how often it was right; larger dots, more photos."""
    figure, axes = _open()
    axes.plot([0, 1], [0, 1], color=LINE, linestyle="--")
    full = [one for one in bins if one.n]
    most = max((one.n for one in full), default=1)
    axes.vlines(
        [one.confidence for one in full],
        [one.confidence for one in full],
        [one.accuracy for one in full],
        color=COLOURS[1],
        lw=2,
    )
    axes.scatter(
        [one.confidence for one in full],
        [one.accuracy for one in full],
        s=[20 + 140 * (one.n / most) ** 0.5 for one in full],
        color=COLOURS[0],
        zorder=3,
        alpha=0.9,
    )
    _percent(axes, "x")
    _percent(axes, "y")
    # Nobody is less sure of the likeliest class than if all were equally likely.
    axes.set(xlim=(1 / classes - 0.05, 1.03), ylim=(-0.04, 1.04))
    axes.set(xlabel="how sure it was", ylabel="how often it was right")
    return _svg(figure, title)


def history(epochs: Sequence[Epoch], what: str) -> SafeString:
    """Draw the "loss" or the "accuracy" of every epoch, of training and of validation photos."""
    figure, axes = _open()
    at = [one.epoch for one in epochs]
    for place, side in enumerate(("train", "val")):
        label = "training photos" if side == "train" else "validation photos"
        values = [getattr(one, f"{side}_{what}") for one in epochs]
        axes.plot(at, values, color=colour(place), marker="o", ms=4, lw=2, label=label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if what == "accuracy":
        _percent(axes, "y", 1)
    axes.set(xlabel="epoch", ylabel="named right" if what == "accuracy" else "loss")
    _legend(axes, "best")
    return _svg(figure, f"{what.capitalize()} of every epoch")


def sizes(widths: Sequence[int], heights: Sequence[int], labels: Sequence[int]) -> SafeString:
    """Draw the width and height of every photo, in pixels; larger dots, more photos."""
    figure, axes = _open()
    # The commonest first, so that they hide no others.
    dots = Counter(zip(widths, heights, labels, strict=True)).most_common()
    axes.scatter(
        [width for (width, _, _), _ in dots],
        [height for (_, height, _), _ in dots],
        s=[min(14 * n**0.5, 600) for _, n in dots],
        c=[colour(label) for (_, _, label), _ in dots],
        alpha=0.5,
        linewidths=0,
        rasterized=len(dots) > MANY,
    )
    axes.set(xscale="log", yscale="log", xlabel="width in pixels", ylabel="height in pixels")
    for axis, values in ((axes.xaxis, widths), (axes.yaxis, heights)):
        axis.set_major_locator(FixedLocator(_steps(min(values), max(values))))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return _svg(figure, "Width and height of every photo")


def spread(
    values: Sequence[Sequence[float]],
    names: Sequence[str],
    limits: tuple[float, float],
    xlabel: str,
) -> SafeString:
    """Draw how often each value occurs, a line for each class, in shares of the class."""
    figure, axes = _open()
    edges = np.linspace(*limits, 41)
    for place, (some, name) in enumerate(zip(values, names, strict=True)):
        counts, _ = np.histogram(np.clip(some, *limits), bins=edges)
        shares = counts / max(len(some), 1)
        axes.stairs(shares, edges, color=colour(place), lw=1.8, label=name)
        axes.stairs(shares, edges, color=colour(place), alpha=0.18, fill=True)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None, symbol=" %"))
    axes.set(xlabel=xlabel, ylabel="share of the class", xlim=limits)
    axes.set_ylim(bottom=0)
    _legend(axes, "best")
    return _svg(figure, xlabel.capitalize())


def _open() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    axes.grid(color=LINE, lw=0.8)
    axes.tick_params(colors=SOFT, length=0, labelsize=10)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(LINE)
    return figure, axes


def _percent(axes: Axes, axis: str, digits: int = 0) -> None:
    ruler: Any = axes.xaxis if axis == "x" else axes.yaxis
    ruler.set_major_formatter(PercentFormatter(1, decimals=digits or None, symbol=" %"))


def _legend(axes: Axes, place: Literal["best", "lower right"]) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc=place, frameon=False, labelcolor=INK, fontsize=10)


def _steps(low: float, high: float) -> list[float]:
    """Return round numbers around a range, so few that they can be read."""
    steps = [base * 10**power for power in range(1, 5) for base in (1, 2, 5)]
    near = [step for step in steps if low / 2 <= step <= high * 2]
    return near or [low, high]


def _svg(figure: Figure, title: str) -> SafeString:
    """Return the figure as SVG with text as text, and colours that follow the page."""
    for text in figure.findobj(Text):
        if isinstance(text, Text):
            # A class may be called "$5": that is no formula.
            text.set_parse_math(False)
            # What is black by default would vanish at night.
            if str(text.get_color()) == "black":
                text.set_color(INK)
    out = io.BytesIO()
    FigureCanvasSVG(figure)
    # Text as text: in the page's own letters, and a tenth of the size of outlines.
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return mark_safe(_clean(out.getvalue().decode(), title))  # noqa: S308  no text of users in it


def _clean(svg: str, title: str) -> str:
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', 'class="chart" role="img"', body, count=1)
    body = re.sub(r"font-family: [^;]+;", "font-family: inherit;", body)
    for stand_in, variable in _VARIABLES.items():
        body = body.replace(stand_in, variable)
    # Several charts share a page, and their parts have the same names.
    mark = re.sub(r"\W+", "-", title.lower()).strip("-")
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{mark}-", body)
    return body.replace(">", f"><title>{escape(title)}</title>", 1)
