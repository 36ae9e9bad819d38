"""Numbers as charts: what Chart.js is given. Each stands beside a table with the same numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# Told apart by people who see no red or no green, on white and on black.
COLOURS: Final = {
    "passed": "#0d9488",
    "more": "#84cc16",
    "failed": "#e11d48",
    "expired": "#f59e0b",
    "abandoned": "#94a3b8",
    "lost": "#7c3aed",
    "open": "#38bdf8",
}
FIRST, SECOND = "#0d9488", "#f59e0b"
# Readable on white and on black.
INK: Final = "#7d8590"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its kind (bar or line), what it shows in words, and what Chart.js needs."""

    kind: str
    title: str
    text: str
    data: str
    options: str


def _options(*, stacked: bool = False, unit: str = "", across: bool = False) -> str:
    number = {
        "stacked": stacked,
        "beginAtZero": True,
        "ticks": {"color": INK, "precision": 0, "maxTicksLimit": 6},
        "grid": {"tickWidth": 0},
        "title": {"display": bool(unit), "text": unit, "color": INK},
    }
    name = {
        "stacked": stacked,
        "ticks": {"color": INK, "maxRotation": 0, "autoSkipPadding": 12},
        "grid": {"display": False},
    }
    return json.dumps(
        {
            "animation": False,
            "responsive": True,
            "maintainAspectRatio": False,
            "indexAxis": "y" if across else "x",
            "interaction": {"mode": "index", "intersect": False, "axis": "y" if across else "x"},
            "scales": {"x": number, "y": name} if across else {"x": name, "y": number},
            "plugins": {
                "legend": {
                    "display": not across,
                    "position": "bottom",
                    "labels": {"color": INK, "boxWidth": 12, "boxHeight": 12},
                }
            },
        }
    )


def stacked(
    title: str, text: str, labels: Sequence[str], parts: Mapping[str, Sequence[int]]
) -> Chart:
    """Return bars that are made of parts. The names of the parts have colours."""
    sets = [
        {
            "label": name.capitalize(),
            "data": list(numbers),
            "backgroundColor": COLOURS[name],
            "maxBarThickness": 36,
        }
        for name, numbers in parts.items()
    ]
    return _chart("bar", title, text, labels, sets, _options(stacked=True))


def lines(
    title: str,
    text: str,
    labels: Sequence[str],
    parts: Mapping[str, Sequence[float | None]],
    unit: str,
) -> Chart:
    """Return two lines. Where nothing is known there is a gap."""
    sets = [
        {
            "label": name,
            "data": list(numbers),
            "borderColor": colour,
            "backgroundColor": colour,
            "borderDash": dash,
            "borderWidth": 2,
            "pointRadius": 2,
            "tension": 0.2,
        }
        for (name, numbers), colour, dash in zip(
            parts.items(), (FIRST, SECOND), ([], [6, 4]), strict=True
        )
    ]
    return _chart("line", title, text, labels, sets, _options(unit=unit))


def bars(title: str, text: str, numbers: Mapping[str, int]) -> Chart:
    """Return bars that lie, with their names beside them."""
    sets = [
        {
            "label": title,
            "data": list(numbers.values()),
            "backgroundColor": FIRST,
            "maxBarThickness": 22,
        }
    ]
    return _chart("bar", title, text, list(numbers), sets, _options(across=True))


def _chart(
    kind: str,
    title: str,
    text: str,
    labels: Sequence[str],
    sets: list[dict[str, Any]],
    options: str,
) -> Chart:
    data = json.dumps({"labels": list(labels), "datasets": sets})
    return Chart(kind, title, text, data, options)
