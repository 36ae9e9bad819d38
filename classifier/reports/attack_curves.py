"""The report's curves: over tiles learned, over the age of tiles, over time, and reliability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from challenges import odds
from classifier.reports import attack_charts as charts
from classifier.reports import attack_summary, attack_words
from classifier.reports.attack_charts import Line, Point
from classifier.reports.attack_runs import HARDENED, PLAIN, Rate, Run
from classifier.reports.attack_summary import Report
from classifier.reports.words import between, day, percent

# Classes of the style sheet: so many lines are told apart.
KINDS: Final = ("one", "two", "three", "four", "five", "six")


def context(report: Report) -> dict[str, Any]:
    """Return what the page shows of curves."""
    return {
        "curves": learning(report),
        "ages": ages(report),
        "agreement": agreement(report),
        "served": served(report),
        "history": history(report),
    }


def spoken(tiles: int, photos: Rate) -> dict[str, str]:
    """Return a point of a learning curve in words."""
    return {
        "tiles": f"{tiles:,}",
        "rate": percent(photos.share),
        "within": between(photos.low, photos.high),
        "n": f"{photos.n:,}",
        "solves": percent(odds.solves(photos.share, 12)),
    }


def _floor(rates: Sequence[Rate]) -> float:
    """Return where the axis of shares of photos begins: guessing is 50 %."""
    return 0.4 if min((one.low for one in rates), default=1.0) >= 0.4 else 0.0


def learning(report: Report) -> dict[str, Any] | None:
    """Return how attackers get better with more of our pictures; None when none learned."""
    by_attacker: dict[str, dict[int, tuple[Rate, Run]]] = {}
    for run in report.ladder:
        if run.tiles != HARDENED or run.flaws:
            continue
        for one in run.curve:
            by_attacker.setdefault(run.attacker, {}).setdefault(one.tiles, (one.photos, run))
        if run.learned:
            by_attacker.setdefault(run.attacker, {})[run.learned] = (run.photos, run)
    # Those that get furthest.
    ranked = sorted(
        by_attacker.items(), key=lambda pair: -max(rate.share for rate, _ in pair[1].values())
    )
    found = dict(ranked[: len(KINDS)])
    most = max((tiles for points in found.values() for tiles in points), default=0)
    if not most:
        return None

    def across(tiles: int) -> float:
        return math.log10(1 + tiles / 10) / math.log10(1 + most / 10)

    rates = [rate for points in found.values() for rate, _ in points.values()]
    lines = [
        Line(
            name, kind, tuple(_point(across(n), n, rate) for n, (rate, _) in sorted(points.items()))
        )
        for kind, (name, points) in zip(KINDS, found.items(), strict=False)
    ]
    ticks = sorted({tiles for points in found.values() for tiles in points})
    rows = [
        {"attacker": name, "run": run, **spoken(tiles, rate)}
        for name, points in found.items()
        for tiles, (rate, run) in sorted(points.items())
    ]
    said = "; ".join(f"{one['attacker']} after {one['tiles']}: {one['rate']}" for one in rows)
    return {
        "lines": lines,
        "rows": rows,
        "chart": charts.plot(
            lines,
            f"Photos read rightly after learning from so many of our pictures. {said}.",
            ticks=_apart([(across(tiles), f"{tiles:,}") for tiles in ticks]),
            least=_floor(rates),
        ),
    }


def _point(x: float, tiles: int, rate: Rate) -> Point:
    said = f"{tiles:,} pictures: {percent(rate.share)}"
    return Point(x, rate.share, rate.low, rate.high, said)


def _apart(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return the ticks that are far enough from one another to be read; the last one is one."""
    kept: list[tuple[float, str]] = []
    for one in reversed(ticks):
        # The last one ends at its place, so it reaches further back than the others.
        if not kept or kept[-1][0] - one[0] >= (0.13 if len(kept) > 1 else 0.19):
            kept.append(one)
    return kept[::-1]


def ages(report: Report) -> dict[str, Any] | None:
    """Return how attackers do whose pictures are some rotations old; None when none was tried."""
    runs = attack_summary.ageing(report)
    if not runs:
        return None
    by_attacker: dict[tuple[str, int], list[Run]] = {}
    for one in runs:
        by_attacker.setdefault((one.attacker, one.learned), []).append(one)
    most = max(one.age for one in runs)
    lines = [
        Line(
            f"{name}, {learned:,} pictures",
            kind,
            tuple(
                Point(
                    one.age / most, one.photos.share, one.photos.low, one.photos.high,
                    f"{one.age} rotations later: {percent(one.photos.share)}",
                )
                for one in some
            ),
        )
        for kind, ((name, learned), some) in zip(KINDS, by_attacker.items(), strict=False)
    ]  # fmt: skip
    rows = [{"run": one, "age": one.age, **spoken(one.learned, one.photos)} for one in runs]
    said = "; ".join(f"{one['age']} rotations later {one['rate']}" for one in rows)
    return {
        "lines": lines,
        "rows": rows,
        "chart": charts.plot(
            lines,
            f"Photos read rightly by what was learned from older pictures. {said}.",
            ticks=_apart([(age / most, str(age)) for age in sorted({one.age for one in runs})]),
            least=_floor([one.photos for one in runs]),
        ),
    }


@dataclass(frozen=True, slots=True)
class Pair:
    """What was predicted and what was measured: of a run, or of a network on what is served."""

    kind: str
    title: str
    tiles: str
    run: Run | None
    predicted: float
    measured: Rate

    @property
    def fits(self) -> bool:
        """Return whether the prediction is within the interval of what was measured."""
        return self.measured.low <= self.predicted <= self.measured.high


def agreement(report: Report) -> dict[str, Any] | None:
    """Return what was predicted against what was measured, of runs and of what is served."""
    pairs = [
        Pair(
            run.tiles,
            attack_words.title(run.rung, run.learned),
            attack_words.TILES[run.tiles],
            run,
            run.predicted,
            run.solved,
        )
        for run in report.ladder
        if not run.flaws
    ]
    pairs += [
        Pair("served", one.network, "as served", None, one.belief, one.hits)
        for one in report.believed
    ]
    if not pairs:
        return None
    return {
        "chart": charts.reliability([(one.kind, one.predicted, one.measured) for one in pairs]),
        "rows": [
            {
                "pair": one,
                "predicted": percent(one.predicted),
                "rate": percent(one.measured.share),
                "within": between(one.measured.low, one.measured.high),
            }
            for one in pairs
        ],
    }


def served(report: Report) -> dict[str, Any] | None:
    """Return how easy the challenges were that visitors got, day by day."""
    if not report.days:
        return None
    first, last = report.days[0].day, report.days[-1].day
    span = (last - first).days or 1
    alone = len(report.days) == 1

    def across(one: attack_summary.Day) -> float:
        return 0.5 if alone else (one.day - first).days / span

    lines = [
        Line(
            "on average", "one",
            tuple(
                Point(across(one), one.mean, said=_said(one.day, one.mean)) for one in report.days
            ),
        ),
        Line(
            "the easiest tenth, at least", "two",
            tuple(
                Point(across(one), one.tenth, said=_said(one.day, one.tenth)) for one in report.days
            ),
        ),
    ]  # fmt: skip
    ticks = [(across(one), _short(one.day)) for one in report.days]
    newest = report.days[-1]
    return {
        "lines": lines,
        "rows": [
            {
                "day": _short(one.day),
                "n": f"{one.n:,}",
                "mean": percent(one.mean),
                "tenth": percent(one.tenth),
                "sites": between(one.low, one.high),
            }
            for one in reversed(report.days)
        ],
        "newest": percent(newest.mean),
        "chart": charts.plot(
            lines,
            f"What the worst network was expected to solve, from {_short(first)} to "
            f"{_short(last)}: lately {percent(newest.mean)} on average.",
            ticks=_apart(ticks),
            top=charts.above(one.tenth for one in report.days),
        ),
    }


def _said(when: Any, share: float) -> str:
    return f"{_short(when)}: {percent(share)}"


def _short(when: Any) -> str:
    return f"{when.day} {when:%b}"


def history(report: Report) -> dict[str, Any] | None:
    """Return the runs on what is not plain by their time; None when there are fewer than two."""
    runs = [
        one
        for one in reversed(report.runs)
        if one.tiles != PLAIN
        and not one.age
        and not one.flaws
        and attack_words.rung(one.rung).attacks
    ]
    if len(runs) < 2:
        return None
    first, last = runs[0].finished, max(one.finished for one in runs)
    span = (last - first).total_seconds() or 1
    best: dict[str, float] = {}
    for one in runs:
        name = attack_words.rung(one.rung).title
        best[name] = max(best.get(name, 0.0), one.before.share)
    rungs = sorted(best, key=lambda name: -best[name])[: len(KINDS)]
    lines = [
        Line(
            name, kind,
            tuple(
                Point(
                    (one.finished - first).total_seconds() / span, one.before.share,
                    one.before.low, one.before.high,
                    f"{day(one.finished)}: {percent(one.before.share)}",
                )
                for one in runs
                if attack_words.rung(one.rung).title == name
            ),
        )
        for kind, name in zip(KINDS, rungs, strict=False)
    ]  # fmt: skip
    top = charts.above(one.before.high for one in runs)
    return {
        "lines": lines,
        "chart": charts.plot(
            lines,
            f"{len(runs)} runs from {day(first)} to {day(last)}.",
            ticks=[(0.0, day(first))] if first == last else [(0.0, day(first)), (1.0, day(last))],
            top=top,
            joined=False,
        ),
    }
