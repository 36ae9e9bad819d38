"""One run of an attacker as a page, with all its figures."""

from __future__ import annotations

from typing import Any, Final

from django.template.loader import render_to_string

from classifier.reports import attack_charts as charts
from classifier.reports import attack_curves, attack_page, attack_sections, attack_words
from classifier.reports.attack_charts import Mark
from classifier.reports.attack_runs import LAB, Run
from classifier.reports.attack_summary import Report
from classifier.reports.words import between, day, percent

TEMPLATE: Final = "classifier/report/run.html"


def page(run: Run, report: Report, **more: Any) -> str:
    """Return the page of one run, with all its figures."""
    words = attack_words.rung(run.rung)
    shown = {
        "run": run,
        "row": attack_page.table_row(report, run),
        "words": words,
        "title": f"{attack_words.title(run.rung, run.learned)}: run {run.id}",
        "strips": [
            {
                "name": attack_words.WAYS.get(one.which, one.which),
                "rate": percent(one.solved.share),
                "within": between(one.solved.low, one.solved.high),
                "of": f"{one.solved.hits:,} of {one.solved.n:,}",
                "few": not one.counts,
                "strip": charts.strip([Mark(run.tiles, one.solved)]),
            }
            for one in run.ways
            if one.solved.n
        ],
        "scale": charts.scale(),
        "curve": [attack_curves.spoken(one.tiles, one.photos) for one in run.curve],
        "tuning": [{"what": one.what, "rate": percent(one.photos.share)} for one in run.tuning],
        "tolerance": [
            {"wrong": wrong, "rate": percent(one.share)}
            for wrong, one in run.tolerance.items()
            if wrong
        ],
        "doubling": None if run.doubling is None else f"{100 * run.doubling:+.1f} points",
        "limits": attack_sections.what_limits_did(run) if run.door != LAB else "",
        "passed": run.passed and f"{run.passed.hits:,} of {run.passed.n:,}",
        "bought": _bought(run),
        "took": f"{run.seconds:,.0f} s",
        "config": [(attack_words.CONFIG.get(name, name), one) for name, one in run.config.items()],
        "older": report.older_recipes(run),
        "started": f"{day(run.started)}, {run.started:%H:%M}",
        "finished": f"{day(run.finished)}, {run.finished:%H:%M} UTC",
    }
    return render_to_string(TEMPLATE, {**shown, **more})


def _bought(run: Run) -> str:
    one = run.bought
    return f"{one.hits:,} of {one.n:,}, {percent(one.share)}; the rest it knew" if one else ""
