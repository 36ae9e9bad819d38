"""The attack report as a page: what its template shows, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.template.loader import render_to_string

from classifier.reports import (
    attack_aims,
    attack_control,
    attack_curves,
    attack_sections,
    attack_summary,
    attack_words,
)
from classifier.reports import attack_charts as charts
from classifier.reports.attack_charts import Mark, dollars, priced
from classifier.reports.attack_runs import HARDENED, LAB, Run, told
from classifier.reports.attack_summary import Report
from classifier.reports.words import at_most, between, day, percent

TEMPLATE: Final = "classifier/report/report.html"
TOO_FEW: Final = "not measured enough yet"


def page(report: Report, **more: Any) -> str:
    """Return the page. `more` says where it is shown: see the views and the command."""
    return render_to_string(TEMPLATE, {**context(report), **more})


def context(report: Report) -> dict[str, Any]:
    """Return all that the page shows."""
    return {
        "report": report,
        "made": f"{day(report.made_at)}, {report.made_at:%H:%M} UTC",
        "title": "How well do bots do?",
        "lead": lead(report),
        "cards": cards(report),
        "ladder": ladder(report),
        "scale": charts.scale(),
        "table": [table_row(report, one) for one in report.ladder],
        "aims": _aims(report),
        **attack_curves.context(report),
        "control": attack_control.rows(report),
        "surest": attack_sections.surest(report),
        "limits": attack_sections.limits(report),
        "money": attack_sections.money(report),
        "people": attack_sections.people(report),
        "panel": attack_sections.panel(report),
        "weak": any(one.weak for one in report.panel),
        "proxies": attack_words.PROXIES,
        "never": attack_words.NEVER,
        "untested": report.untested,
        "hardened": attack_sections.hardened(report),
        "since": report.recipes.since and day(report.recipes.since),
    }


def lead(report: Report) -> str:
    """Return the headline in a sentence or two."""
    top = attack_summary.headline(report)
    if top.served is None and report.empty:
        return "Nothing was measured yet."
    if top.served is None:
        return (
            "Not measured enough yet: no attacker who looks at the pictures has tried "
            f"{attack_summary.MEASURED} challenges."
        )
    said = []
    if top.hardened:
        said.append(_best(top.most_hardened or top.hardened, top.hardened, "hardened pictures"))
    if top.plain:
        said.append(_best(top.most_plain or top.plain, top.plain, "plain photos"))
    return _unbroken(
        " ".join(said or [_best(top.served, top.served, "pictures as they are served")])
    )


def _best(most: Run, chooses: Run, what: str) -> str:
    """Say how the bot does that solves most, and how the one that does best when it chooses."""
    every, way = most.before, chooses.worst
    sentence = (
        f"On {what} the best bot that we tried solves {told(every)} of challenges "
        f"(95 %: {between(every.low, every.high)})"
    )
    if not way.which.startswith("surest"):
        return f"{sentence}."
    other = "" if chooses is most else "another one "
    return f"{sentence}, and {other}{told(way.solved)} of {attack_words.CHOSEN[way.which]}."


def _unbroken(text: str) -> str:
    """Return the text with numbers and their percent signs on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def cards(report: Report) -> list[dict[str, Any]]:
    """Return the four large numbers, each with its run."""
    top = attack_summary.headline(report)
    prices = report.prices
    paid = f"{dollars(prices.people_least)} to {dollars(prices.people_most)}"
    found = [
        _card("Hardened pictures", top.hardened, "solved by the best bot"),
        _card("Plain photos", top.plain, "solved by the best bot"),
    ]
    late = top.after
    found.append(
        {
            "name": "Past the limits",
            "value": _late(late) if late else "–",
            "text": "of challenges issued pass" if late else TOO_FEW,
            "note": ("counted at the front door" if late.counted else "worked out from the rules")
            if late
            else "",
            "run": late and late.run,
        }
    )
    money = top.cost
    found.append(
        {
            "name": "Cost of 1,000 solves",
            "value": priced(money.after, more=money.more_after) if money else "–",
            "text": f"paid people ask {paid}",
            "note": _against_people(money, prices.people_least) if money else "",
            "run": money and money.run,
        }
    )
    return found


def _card(name: str, run: Run | None, text: str) -> dict[str, Any]:
    if run is None:
        return {"name": name, "value": "–", "text": TOO_FEW, "note": "", "run": None}
    way = run.worst
    note = f"95 %: {between(way.solved.low, way.solved.high)}."
    if way.which.startswith("surest"):
        of = attack_words.CHOSEN[way.which]
        note = f"Of {of}. {note} Of all: {told(run.before)}."
    return {
        "name": name,
        "value": told(way.solved),
        "text": text,
        "note": _unbroken(note),
        "run": run,
    }


def _late(late: attack_summary.After) -> str:
    return percent(late.share) if late.share else at_most(late.high)


def _against_people(money: attack_summary.Cost, least: float) -> str:
    if money.after >= least:
        return "A bot is no cheaper than people."
    # A lower bound says nothing about what is above it.
    return "" if money.more_after else "A bot is cheaper than people."


# --- the ladder ----------------------------------------------------------------------------------


def ladder(report: Report) -> list[dict[str, Any]]:
    """Return a row for each rung with its best attacker: plain and hardened on one line."""
    return [_row(report, one) for one in attack_summary.steps(report)]


def _row(report: Report, step: attack_summary.Step) -> dict[str, Any]:
    runs, first = step.runs, step.runs[0]
    words = attack_words.rung(first.rung)
    aim = next((one for one in attack_aims.TARGETS if _aimed(one, runs)), None)
    marks = [Mark(one.tiles, one.before) for one in runs]
    return {
        "title": attack_words.title(first.rung, first.learned),
        "text": words.text,
        "attacker": first.attacker,
        "others": f"the best of {step.others + 1}" if step.others else "",
        "door": attack_words.DOORS[first.door] if first.door != LAB else "",
        "values": [
            {
                "kind": one.tiles,
                "name": attack_words.TILES[one.tiles],
                "rate": percent(one.before.share),
                "within": between(one.before.low, one.before.high),
                "run": one,
            }
            for one in runs
        ],
        "strip": charts.strip(marks, *((aim.at_most, aim.goal) if aim else ())),
        "warnings": _warnings(runs),
        "notes": _notes(report, runs),
    }


def _aimed(target: attack_aims.Target, runs: Sequence[Run]) -> bool:
    first = runs[0]
    return (
        any(one.tiles == HARDENED for one in runs)
        and first.rung.startswith(target.rungs[0])
        and (not target.learned or first.learned == target.learned)
    )


def _warnings(runs: Sequence[Run]) -> list[str]:
    """Return what speaks against believing these runs."""
    said = []
    for one in runs:
        if one.flaws:
            said.append(f"Left out of every headline, since it contradicts itself: {one.flaws[0]}")
        if one.weak and one.clean:
            said.append(
                f"Weak: it reads only {percent(one.clean.share)} of plain photos rightly, so it "
                "shows no aim as met."
            )
    return list(dict.fromkeys(said))


def _notes(report: Report, runs: Sequence[Run]) -> list[str]:
    """Return what else to know of these runs."""
    said = []
    if not attack_words.rung(runs[0].rung).attacks:
        said.append("A yardstick: it is told the truth, so it is in no headline.")
    for one in runs:
        if one.seen:
            said.append("It stands on a network that took part in hardening or choosing.")
        if one.learns_on:
            said.append("Twice the data or epochs would still make it better.")
        if report.older_recipes(one):
            said.append(f"Of pictures hardened by older recipes, on {day(one.finished)}.")
    return list(dict.fromkeys(said))


def table_row(report: Report, run: Run) -> dict[str, Any]:
    """Return all numbers of a run as text."""
    passes = attack_summary.after(run, report.rules)
    return {
        "run": run,
        "title": attack_words.title(run.rung, run.learned),
        "tiles": attack_words.TILES[run.tiles],
        "door": attack_words.DOORS[run.door],
        "place": attack_words.PLACES[run.door],
        "solved": percent(run.solved.share),
        "within": between(run.solved.low, run.solved.high),
        "of": f"{run.solved.hits:,} of {run.challenges:,}",
        "reversed": percent(run.reversed.share),
        "photos": percent(run.photos.share),
        "auc": "–" if run.auc is None else f"{run.auc:.3f}",
        "clean": "–" if run.clean is None else percent(run.clean.share),
        "weak": run.weak,
        "passes": f"{run.per_1000:.{1 if run.per_1000 >= 1 else 3}f}",
        "counted": passes.counted,
        "surest": [
            {"share": share, "rate": percent(one.share) if one.n else "–", "n": f"{one.n:,}"}
            for share, one in sorted(run.surest.items(), reverse=True)
        ],
        "predicted": percent(run.predicted),
        "seconds": f"{run.seconds_per_photo:.3f} s",
        "date": day(run.finished),
        "recipes": run.recipes or "–",
    }


def _aims(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "title": one.target.title,
            "at_most": "published" if one.target.at_most is None else percent(one.target.at_most),
            "goal": percent(one.target.goal),
            "value": percent(one.solved.share) if one.solved else "–",
            "within": between(one.solved.low, one.solved.high) if one.solved else "",
            "passes": f"{one.run.per_1000:.2f}" if one.run else "–",
            "worst": percent(one.run.worst.solved.share) if one.run else "–",
            "run": one.run,
            "verdict": one.verdict,
            "kind": one.verdict.split(":")[0].replace(" ", "-"),
        }
        for one in attack_aims.aims(report)
    ]
