"""The report as data: one list of figures for CSV, one object for JSON, and the badge."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from xml.sax.saxutils import escape

from classifier.reports import (
    attack_aims,
    attack_control,
    attack_rules,
    attack_runs,
    attack_summary,
    attack_words,
)
from classifier.reports.attack_runs import Rate, Run
from classifier.reports.attack_summary import Report

SCHEMA: Final = 1
# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
LABEL: Final = "solved by the worst bot"
UNKNOWN: Final = "not measured"
TOO_FEW: Final = "not measured enough yet"
# From this share on, which it may be at most (95 %), a badge has this colour.
_COLOURS: Final = ((0.5, "red"), (0.15, "orange"), (0.05, "yellow"), (0.0, "brightgreen"))
_PAINT: Final = {
    "red": "#c0392b", "orange": "#b9580f", "yellow": "#8a6d00", "brightgreen": "#2e7d32",
    "lightgrey": "#6b6b6b",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is, of whom, its value with interval and counts, and its run."""

    what: str
    attacker: str = ""
    rung: str = ""
    tiles: str = ""
    door: str = ""
    learned: int = 0
    value: float = 0.0
    low: float | None = None
    high: float | None = None
    hits: int | None = None
    n: int | None = None
    run: int | None = None


def figures(report: Report) -> list[Figure]:
    """Return all figures of the report."""
    return [*_of_runs(report), *_of_pictures_served(report)]


def _of_runs(report: Report) -> Iterator[Figure]:
    for run in report.ladder:
        for what, one in _rates(run):
            yield _figure(run, what, one)
        for what, value in _values(report, run):
            yield Figure(what, **_whose(run), value=value)
        for point in run.curve:
            yield _figure(run, f"photos right after {point.tiles}", point.photos)
    for compared in attack_control.compared(report):
        for what, one in _rates(compared.noise):
            yield _figure(compared.noise, what, one)
    for run in attack_summary.ageing(report):
        yield _figure(run, f"photos right, {run.age} rotations later", run.photos)


def _whose(run: Run) -> dict[str, Any]:
    return {
        "attacker": run.attacker, "rung": run.rung, "tiles": run.tiles, "door": run.door,
        "learned": run.learned, "run": run.id,
    }  # fmt: skip


def _figure(run: Run, what: str, one: Rate) -> Figure:
    return Figure(
        what, **_whose(run), value=one.share, low=one.low, high=one.high, hits=one.hits, n=one.n
    )


def _rates(run: Run) -> Iterator[tuple[str, Rate]]:
    yield "solved", run.solved
    yield "solved reversed", run.reversed
    yield "photos right", run.photos
    if run.clean:
        yield "plain photos right", run.clean
    if run.passed:
        yield "passed", run.passed
    if run.bought:
        yield "pictures that people were paid for", run.bought
    for share, one in run.surest.items():
        yield f"solved of the surest {share} %", one
    for wrong, one in run.tolerance.items():
        yield f"at most {wrong} wrong", one


def _values(report: Report, run: Run) -> Iterator[tuple[str, float]]:
    yield "predicted", run.predicted
    yield "passes per 1,000 issued", run.per_1000
    yield "seconds a photo", run.seconds_per_photo
    if run.auc is not None:
        yield "area under the curve", run.auc
    if run not in report.measured:
        return
    money = attack_summary.cost(report, run)
    for what, value, more in (
        ("before limits", money.before, money.more_before),
        ("after limits", money.after, money.more_after),
    ):
        if math.isfinite(value):
            yield f"dollars for 1,000 solves {what}" + ", at least" * more, value


def _of_pictures_served(report: Report) -> Iterator[Figure]:
    for day in report.days:
        yield Figure(
            f"expected on {day.day.isoformat()}", value=day.mean, low=day.low, high=day.high,
            n=day.n,
        )  # fmt: skip
    for one in report.believed:
        hits = one.hits
        yield Figure("expected by a network", attacker=one.network, value=one.belief, n=hits.n)
        yield Figure(
            "solved by a network", attacker=one.network, value=hits.share, low=hits.low,
            high=hits.high, hits=hits.hits, n=hits.n,
        )  # fmt: skip
    for what, rate in _people(report):
        yield Figure(what, value=rate.share, low=rate.low, high=rate.high, hits=rate.hits, n=rate.n)


def _people(report: Report) -> Iterator[tuple[str, Rate]]:
    people = report.people
    for what, one in (
        ("photos missed by people", people.missed),
        ("visits that pass at the first try", people.first_try),
        ("visits that pass within three", people.within_three),
    ):
        if one:
            yield what, one


def to_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain data, for JSON."""
    top = attack_summary.headline(report)
    return {
        "schema": SCHEMA,
        "made_at": report.made_at.isoformat(),
        "empty": report.empty,
        "headline": {
            "served": _told(top.served),
            "plain": _told(top.plain),
            "hardened": _told(top.hardened),
            "past_the_limits": top.after
            and {
                "share": top.after.share, "high": top.after.high, "counted": top.after.counted,
                "run": top.after.run.id,
            },
            "dollars_for_1000_solves": top.cost
            and {
                "value": _finite(top.cost.after), "at_least": top.cost.more_after,
                "run": top.cost.run.id,
            },
            "people_dollars_for_1000": [report.prices.people_least, report.prices.people_most],
        },
        "targets": [
            {
                "title": one.target.title, "at_most": one.target.at_most, "goal": one.target.goal,
                "value": one.solved and one.solved.share, "run": one.run and one.run.id,
                "verdict": one.verdict,
            }
            for one in attack_aims.aims(report)
        ],
        "figures": [asdict(one) for one in figures(report)],
        "runs": [_dates(report, one) for one in report.ladder],
        "panel": [
            {
                "key": one.key, "family": one.family, "package": one.package, "role": one.role,
                "trained_on": one.trained_on, "plain_photos_right": one.clean.share,
                "tested": one.clean.n, "weak": one.weak,
            }
            for one in report.panel
        ],
        "recipes": {
            "fingerprint": report.recipes.fingerprint,
            "since": report.recipes.since and report.recipes.since.isoformat(),
            "hardened": report.recipes.hardened and asdict(report.recipes.hardened),
        },
        "limits": _limits(report, top.served),
        "prices": asdict(report.prices),
        "proxies": list(attack_words.PROXIES),
        "not_tested": [*attack_words.NEVER, *(one.title for one in report.untested)],
    }  # fmt: skip


def _told(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    way = run.worst
    return {
        "value": way.solved.share, "low": way.solved.low, "high": way.solved.high,
        "which": way.which, "attacker": run.attacker, "rung": run.rung, "run": run.id,
    }  # fmt: skip


def _dates(report: Report, run: Run) -> dict[str, Any]:
    return {
        "run": run.id, "attacker": run.attacker, "rung": run.rung, "tiles": run.tiles,
        "door": run.door, "recipes": run.recipes, "older_recipes": report.older_recipes(run),
        "finished_at": run.finished.isoformat(), "weak": run.weak, "flaws": list(run.flaws),
    }  # fmt: skip


def _limits(report: Report, run: Run | None) -> dict[str, Any]:
    found: dict[str, Any] = {"rules": asdict(report.rules), "fresh_network": []}
    if run:
        found["fresh_network"] = [
            {"challenges": spent, "passes": passes}
            for spent, passes in attack_rules.fresh(run.before.share, report.rules)
        ]
    first = report.people.first_try
    if first and first.hits:
        found["neighbours"] = asdict(attack_rules.neighbour(first.share, report.rules.refill))
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_json(report: Report) -> str:
    """Return the report as JSON."""
    return json.dumps(to_dict(report), indent=2, allow_nan=False)


def as_csv(report: Report) -> str:
    """Return all figures as CSV, a row each."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = [one.name for one in fields(Figure)]
    writer.writerow(names)
    for one in figures(report):
        writer.writerow([_cell(getattr(one, name)) for name in names])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else repr(value) if isinstance(value, float) else value


def read_csv(text: str) -> list[Figure]:
    """Return the figures of what `as_csv` wrote. Raises ValueError when it is something else."""
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames != [one.name for one in fields(Figure)]:
        raise ValueError("This is no table of the attack report.")
    return [_read(row) for row in rows]


def _read(row: Mapping[str, str]) -> Figure:
    def whole(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    words = {name: row[name].removeprefix("'") for name in ("what", "attacker", "rung", "tiles")}
    return Figure(
        **words, door=row["door"], learned=int(row["learned"]), value=float(row["value"]),
        low=number("low"), high=number("high"), hits=whole("hits"), n=whole("n"), run=whole("run"),
    )  # fmt: skip


# --- the badge -----------------------------------------------------------------------------------


def badge(report: Report) -> dict[str, Any]:
    """Return the worst figure as shields.io reads it, which refuses every other key."""
    run = attack_summary.headline(report).served
    if run is None:
        message, colour = UNKNOWN if report.empty else TOO_FEW, "lightgrey"
    else:
        found = run.worst.solved
        message = attack_runs.told(found)
        colour = next(name for least, name in _COLOURS if found.high >= least)
    return {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}


def badge_svg(report: Report) -> str:
    """Return the badge as a picture, with its words for those who cannot see it."""
    said = badge(report)
    left, right = _width(LABEL), _width(said["message"])
    words = escape(f"{LABEL}: {said['message']}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{words}"><title>{words}</title>'
        f'<rect width="{left}" height="20" fill="#3d3450"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_PAINT[said["color"]]}"/>'
        f'<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        f'font-size="11"><text x="{left / 2}" y="14" textLength="{left - 12}">{escape(LABEL)}'
        f'</text><text x="{left + right / 2}" y="14" textLength="{right - 12}">'
        f"{escape(said['message'])}</text></g></svg>"
    )


def _width(text: str) -> int:
    """Return how wide a part of the badge is, in pixels: about 6.2 for each letter."""
    return round(6.2 * len(text)) + 12
