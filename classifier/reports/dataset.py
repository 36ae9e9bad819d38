"""What a set of photos is like, as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string

from classifier.reports import charts
from classifier.reports.words import count, listed, percent

TEMPLATE: Final = "classifier/reports/dataset.html"
# Wider or higher than so many times the other side counts as this much in the chart.
RATIOS: Final = (0.4, 2.5)
# Files that are named one by one.
NAMED: Final = 200


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo to show; `picture` is a data URI, `note` what there is to say of it."""

    name: str
    label: str
    picture: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class: how many photos it has, and a few of them."""

    name: str
    n: int
    samples: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Photos that are the same, or nearly."""

    photos: tuple[Photo, ...]

    @property
    def conflict(self) -> bool:
        """Whether they are given different labels: some of those are wrong."""
        return len({photo.label for photo in self.photos}) > 1


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of photos: `groups` are shown, of `n` with `photos` photos in all.

    Of `conflicts` groups the photos are given different labels.
    """

    n: int
    photos: int
    conflicts: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Doubts:
    """Photos whose label is likely wrong: `shown` of `n`. `why_not` says why nobody looked."""

    n: int
    shown: tuple[Photo, ...]
    network: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything that was found. Sizes in pixels, `brightness` 0..255, in the order of `labels`."""

    said: str
    kinds: tuple[Kind, ...]
    labels: tuple[int, ...]
    widths: tuple[int, ...]
    heights: tuple[int, ...]
    brightness: tuple[float, ...]
    exact: Groups
    near: Groups
    broken: tuple[tuple[str, str], ...]
    doubts: Doubts
    darkest: tuple[Photo, ...]
    brightest: tuple[Photo, ...]


def page(found: Dataset) -> str:
    """Return a page that needs nothing but itself."""
    ratios = [w / h for w, h in zip(found.widths, found.heights, strict=True)]
    names = [kind.name for kind in found.kinds]
    most = max(kind.n for kind in found.kinds)
    return render_to_string(
        TEMPLATE,
        {
            "title": f"What is in {found.said}?",
            "found": found,
            "headline": headline(found),
            "facts": _facts(found),
            "bars": [
                {
                    "name": kind.name,
                    "n": f"{kind.n:,}",
                    "share": percent(kind.n / len(found.labels)),
                    "width": f"{100 * kind.n / most:.1f}",
                    "colour": charts.colour(place),
                }
                for place, kind in enumerate(found.kinds)
            ],
            "sizes": charts.sizes(found.widths, found.heights, found.labels),
            "ratios": charts.spread(
                _by_class(found, ratios), names, RATIOS, "width divided by height"
            ),
            "brightness": charts.spread(
                _by_class(found, found.brightness), names, (0, 255), "mean brightness, 0 to 255"
            ),
            "sides": _sides(found),
            "named": found.broken[:NAMED],
            "unnamed": max(0, len(found.broken) - NAMED),
        },
    )


def headline(found: Dataset) -> str:
    """Return what there is in one sentence."""
    kinds = listed([f"{kind.n:,} {kind.name}" for kind in found.kinds])
    return f"{count(len(found.labels), 'photo')} in {len(found.kinds)} classes: {kinds}."


def _facts(found: Dataset) -> list[tuple[str, str, str]]:
    total = len(found.labels)
    most, least = max(k.n for k in found.kinds), min(k.n for k in found.kinds)
    doubts = "not looked for" if found.doubts.why_not else f"{found.doubts.n:,}"
    return [
        ("Photos", f"{total:,}", f"the largest class is {most / least:.2f} times the smallest"),
        (
            "Repeats",
            f"{found.exact.photos - found.exact.n:,}",
            f"files with the very same bytes, {_different(found.exact)}",
        ),
        (
            "Near-duplicates",
            f"{found.near.photos:,}",
            f"photos in {count(found.near.n, 'group')}, {_different(found.near)}",
        ),
        ("Broken files", f"{len(found.broken):,}", "cannot be read as a photo"),
        (
            "Suspected labels",
            doubts,
            "" if found.doubts.why_not else percent(found.doubts.n / total),
        ),
    ]


def _different(groups: Groups) -> str:
    return f"{groups.conflicts or 'none'} labelled differently"


def _sides(found: Dataset) -> str:
    """Say how large photos are, in a sentence."""
    widths, heights = sorted(found.widths), sorted(found.heights)
    middle = len(widths) // 2
    return (
        f"Half are wider than {widths[middle]:,} and higher than {heights[middle]:,} pixels. "
        f"Widths go from {widths[0]:,} to {widths[-1]:,}, heights from {heights[0]:,} to "
        f"{heights[-1]:,}."
    )


def _by_class(found: Dataset, values: Any) -> list[list[float]]:
    rows: list[list[float]] = [[] for _ in found.kinds]
    for label, value in zip(found.labels, values, strict=True):
        rows[label].append(value)
    return rows
