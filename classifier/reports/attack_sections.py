"""Sections of the attack report: bots that choose, limits, money, people, the panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from classifier.reports import attack_charts as charts
from classifier.reports import attack_rules, attack_summary, attack_words
from classifier.reports.attack_charts import Mark, dollars, priced
from classifier.reports.attack_runs import LAB, Rate, Run
from classifier.reports.attack_summary import Report
from classifier.reports.words import between, count, percent

# Attackers that have a small chart of their own.
MOST: Final = 6


def surest(report: Report) -> list[dict[str, Any]]:
    """Return how each attacker does that answers only what it is sure of, on hardened pictures."""
    rows = []
    chosen = [one for step in attack_summary.steps(report) for one in step.served]
    telling = [one for one in chosen if one in report.telling]
    for run in sorted(telling, key=lambda one: -one.worst.solved.share)[:MOST]:
        ways = [one for one in run.ways if one.which != "reversed" and one.solved.n]
        if len(ways) < 2:
            continue
        rows.append(
            {
                "title": attack_words.title(run.rung, run.learned),
                "run": run,
                "ways": [
                    {
                        "name": _share(one.which),
                        "rate": percent(one.solved.share),
                        "within": between(one.solved.low, one.solved.high),
                        "few": not one.counts,
                        "strip": charts.strip([Mark(run.tiles, one.solved)]),
                    }
                    for one in ways
                ],
            }
        )
    return rows


def _share(which: str) -> str:
    return "all" if which == "plain" else which.removeprefix("surest ")


def limits(report: Report) -> dict[str, Any]:
    """Return what the limits make of the best bot, and of its neighbours."""
    top, rules = attack_summary.headline(report), report.rules
    kinds = [("plain", top.most_plain), ("hardened", top.most_hardened)]
    fresh = [
        {
            "kind": kind,
            "run": run,
            "solves": percent(run.before.share),
            "passes": [
                {"spent": spent, "passes": f"{passes:.{2 if passes < 10 else 1}f}"}
                for spent, passes in attack_rules.fresh(run.before.share, rules)
            ],
        }
        for kind, run in kinds
        if run
    ]
    first = report.people.first_try
    pays = attack_rules.neighbour(first.share, rules.refill) if first and first.hits else None
    return {
        "rules": rules,
        "spent": attack_rules.SPENT,
        "fresh": fresh,
        "chart": _fresh_chart(report, kinds),
        "neighbour": pays
        and {
            "solves": percent(pays.solves),
            "usual": f"{pays.usual:.1f}",
            "shared": f"{pays.shared:.1f}",
            "hot": f"{pays.hot:.1f}",
        },
        "door": [
            {
                "run": one,
                "title": attack_words.title(one.rung, one.learned),
                "tiles": attack_words.TILES[one.tiles],
                "passes": f"{one.per_1000:.1f}",
                "what": what_limits_did(one),
            }
            for one in report.ladder
            if one.door != LAB
        ],
    }


def _fresh_chart(report: Report, kinds: Sequence[tuple[str, Run | None]]) -> Any:
    last = attack_rules.SPENT[-1]
    lines = tuple(
        charts.Line(
            kind,
            kind,
            tuple(
                charts.Point(spent / last, passes, said=f"{spent} challenges, {passes:.2f} passes")
                for spent, passes in attack_rules.fresh(run.before.share, report.rules)
            ),
        )
        for kind, run in kinds
        if run
    )
    if not lines:
        return None
    top = max(one.y for line in lines for one in line.points)
    if not top:
        return None
    round_top = 10 ** math.ceil(math.log10(max(top, 0.1)))
    round_top = next(one for one in (0.2, 0.4, 0.8, 1) if top <= one * round_top) * round_top
    told = "; ".join(
        f"{line.name}: " + ", ".join(one.said for one in line.points) for line in lines
    )
    ticks = [(spent / last, str(spent)) for spent in attack_rules.SPENT]
    return charts.plot(
        lines, f"Passes on a fresh network. {told}.", ticks=ticks, top=round_top, unit=""
    )


def what_limits_did(run: Run) -> str:
    """Say what the limits did in a run at a door."""
    said = [f"{count(run.more, 'time')} one more round was asked for"]
    said += [f"{many:,} x {code.replace('_', ' ')}" for code, many in sorted(run.refused.items())]
    said.append(f"{run.waited:,.0f} s of waiting")
    return ", ".join(said) if run.limits else "The limits were off."


def money(report: Report) -> dict[str, Any] | None:
    """Return what 1,000 solves cost each attacker on what is served; None without any."""
    prices = report.prices
    best = [one for step in attack_summary.steps(report) for one in step.served or step.runs]
    found = [
        attack_summary.cost(report, one)
        for one in attack_summary.priced(best)
        if one in report.measured
    ]
    if not found:
        return None
    amounts = [one.after for one in found if math.isfinite(one.after)]
    least = min([*amounts, prices.people_least, 0.1])
    most = max([*amounts, prices.people_most, 10])
    ends = (10.0 ** math.floor(math.log10(least)), 10.0 ** math.ceil(math.log10(most)))
    band = (prices.people_least, prices.people_most)
    return {
        "rows": [
            {
                "title": attack_words.title(one.run.rung, one.run.learned),
                "tiles": attack_words.TILES[one.run.tiles],
                "run": one.run,
                "before": priced(one.before, more=one.more_before),
                "after": priced(one.after, more=one.more_after),
                "strip": charts.money(one.after, band, ends),
            }
            for one in found
        ],
        "scale": charts.money_scale(ends),
        "people": f"{dollars(band[0])} to {dollars(band[1])}",
        "a_try": dollars(prices.a_try),
        "an_hour": dollars(prices.an_hour),
    }


def people(report: Report) -> list[dict[str, Any]]:
    """Return how people do, with what is known."""
    people = report.people
    rows: list[tuple[str, str, Rate | None]] = [
        ("Visits that pass at the first try", "visits", people.first_try),
        ("Visits that pass within three", "visits", people.within_three),
        ("Photos that people take for the other animal", "photos judged", people.missed),
    ]
    return [
        {
            "title": title,
            "rate": percent(one.share),
            "within": between(one.low, one.high),
            "of": f"{one.hits:,} of {one.n:,} {things}",
            "strip": charts.strip([Mark("people", one)]),
        }
        for title, things, one in rows
        if one
    ]


def panel(report: Report) -> list[dict[str, Any]]:
    """Return the table of the networks."""
    return [
        {
            "judge": one,
            "used_to": attack_words.ROLES.get(one.role, one.role),
            "weak": one.weak and one.clean.n > 0,
            "clean": percent(one.clean.share) if one.clean.n else "not measured",
            "within": between(one.clean.low, one.clean.high) if one.clean.n else "",
        }
        for one in report.panel
    ]


def hardened(report: Report) -> str:
    """Say how much of what is shown is hardened."""
    covered = report.recipes.hardened
    if covered is None:
        return "There are no photos of your own in the pool."
    return f"{covered.hits:,} of {covered.n:,} photos in the pool are shown hardened now."
