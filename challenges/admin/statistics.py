"""The page of the statistics: charts first, then the same numbers as a table and as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.admin import charts
from challenges.admin.asked import MOST_HOURLY, RANGES, Asked, read
from challenges.admin.charts import Chart
from challenges.flows import statistics
from challenges.flows.figures import day, grouped, percent, seconds
from challenges.flows.statistics import Numbers, Report
from challenges.flows.sums import DAY
from challenges.models import Refusal, Site
from challenges.models.sums import Span

# With no more rows than these a time of day names an hour.
HOURS_OF_DAY: Final = 24
# So many languages have bars of their own.
MOST_BARS: Final = 10
PARTS: Final = ("passed", "more", "failed", "expired", "abandoned", "lost", "open")
COLUMNS: Final = (
    "issued",
    "answered",
    "passed",
    "failed",
    "more",
    "abandoned",
    "expired",
    "lost",
    "open",
    "verified",
    "blocked",
    "replayed",
)
# What a spreadsheet would take for a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# What clients say when they say nothing.
UNSAID: Final = "not said"

MEANING: Final = {
    "too_many_requests": "Too many tries from one network or of one site.",
    "all_pictures_seen": "The network has seen every picture within the hour.",
    "no_challenge_ready": "No challenge was ready: look at the health of the pool.",
    "host_not_allowed": "A page that is not among the site's hosts. Add it if it is yours.",
    "unknown_ticket": "An attack of your own came without a ticket that counts.",
    "host_required": "A client that names no page; the site accepts none.",
    "invalid_request": "A request that is not of the right form.",
    "invalid_picks": "No picture, or one that there is not, was picked.",
    "already_answered": "Somebody answered a challenge again.",
    "challenge_expired": "The answer came too late.",
    "unavailable": "PostgreSQL or Redis did not answer.",
    "redeemed": "Somebody tried to use a token again.",
    "expired": "The site's server asked too late.",
    "response_unknown": "A token that Pawcha did not make, or made for another site.",
    "other_sitekey": "The site key sent along is another site's.",
    "test_with_real": "A test key with a real token, or the other way round.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to look at it: what it is called, its address, and whether it is the present one."""

    name: str
    address: str
    chosen: bool


class StatisticsPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """What became of the challenges of one site or of all, over a range of time."""

    title = "Statistics"
    permission_required = ("challenges.see_statistics",)
    template_name = "admin/challenges/outcome/statistics.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the page, or the table of it as CSV."""
        if request.GET.get("format") == "csv":
            return as_csv(read(request))
        page: HttpResponse = super().get(request, *args, **kwargs)
        return page

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return charts, tables and the choices."""
        asked = read(self.request)
        report = statistics.report([site.pk for site in asked.sites], asked.range)
        words = labels(report)
        found: dict[str, Any] = super().get_context_data(
            asked=asked,
            ranges=_ranges(asked),
            spans=_spans(asked),
            sites=Site.objects.filter(reserved=False, simulated=False).order_by("name", "pk"),
            simulated=Site.objects.filter(simulated=True).order_by("name", "pk"),
            since=f"{asked.range.since:%Y-%m-%d}",
            until=f"{asked.range.until - asked.range.step:%Y-%m-%d}",
            total=report.total,
            charts=all_charts(report, words),
            columns=COLUMNS,
            rows=[
                (name, cells(numbers), numbers)
                for name, numbers in zip(words, report.rows.values(), strict=True)
            ],
            by_site=_by_site(asked, report),
            errors=_errors(report.total),
            resolution=statistics.RESOLUTION,
            csv=f"?{urlencode({**asked.query, 'format': 'csv'})}",
            **more,
        )
        return found


def _ranges(asked: Asked) -> list[Choice]:
    site = {"site": asked.query["site"]} if "site" in asked.query else {}
    return [
        Choice(words, f"?{urlencode({'range': name, **site})}", name == asked.name)
        for name, words in RANGES.items()
    ]


def _spans(asked: Asked) -> list[Choice]:
    """Return the choice between hours and days, where there is one."""
    length = asked.range.until - asked.range.since
    if asked.name == "24h" or length > MOST_HOURLY * DAY:
        return []
    return [
        Choice(words, f"?{urlencode({**asked.query, 'by': span.value})}", span == asked.range.span)
        for span, words in ((Span.HOUR, "By hour"), (Span.DAY, "By day"))
    ]


def labels(report: Report) -> list[str]:
    """Return a name for each row."""
    if report.range.span is Span.DAY:
        return [day(start) for start in report.rows]
    if len(report.rows) <= HOURS_OF_DAY:
        return [f"{start:%H:%M}" for start in report.rows]
    return [f"{start.day} {start:%b, %H:%M}" for start in report.rows]


def cells(numbers: Numbers) -> list[int]:
    """Return the numbers of a row, one for each of COLUMNS."""
    return [getattr(numbers, name) for name in COLUMNS]


def _by_site(asked: Asked, report: Report) -> list[tuple[Site, Numbers]]:
    if len(asked.sites) < 2:
        return []
    found = [(site, report.sites[site.pk]) for site in asked.sites]
    return sorted(found, key=lambda pair: -pair[1].issued)


def _errors(total: Numbers) -> list[tuple[str, str, str, int]]:
    """Return what was refused where, why, and how often; most often first."""
    doors = dict(Refusal.Door.choices)
    return [
        (str(doors.get(door, door)), code, MEANING.get(code, ""), number)
        for (door, code), number in total.errors.most_common()
    ]


def all_charts(report: Report, words: list[str]) -> list[Chart]:
    """Return the charts of the page; none when there is nothing to draw."""
    rows, total = list(report.rows.values()), report.total
    if not total.issued:
        return []
    parts = {name: [getattr(row, name) for row in rows] for name in PARTS}
    shown = {name: numbers for name, numbers in parts.items() if any(numbers) or name == "passed"}
    return [
        charts.stacked(
            "What became of the challenges",
            f"{grouped(total.issued)} challenges: "
            + ", ".join(f"{grouped(sum(numbers))} {name}" for name, numbers in shown.items())
            + ".",
            words,
            shown,
        ),
        charts.lines(
            "Visits that passed",
            f"{percent(total.first_try_rate)} at the first try, "
            f"{percent(total.within_three_rate)} within three."
            if total.visits
            else "No answers yet.",
            words,
            {
                "First try": [_hundred(row.first_try_rate) for row in rows],
                "Within three": [_hundred(row.within_three_rate) for row in rows],
            },
            "%",
        ),
        charts.lines(
            "Time to solve",
            f"Half took {seconds(total.median)} at most, nine of ten {seconds(total.p90)}."
            if total.median is not None
            else "Nobody has passed yet.",
            words,
            {"Median": [row.median for row in rows], "90 of 100": [row.p90 for row in rows]},
            "seconds",
        ),
        _bars("Languages", total.languages),
        _bars("Dialects", total.dialects),
    ]


def _bars(title: str, numbers: Counter[str]) -> Chart:
    common = numbers.most_common(MOST_BARS)
    rest = sum(numbers.values()) - sum(number for _, number in common)
    named = {word or UNSAID: number for word, number in common}
    if rest:
        named["all others"] = named.get("all others", 0) + rest
    text = ", ".join(f"{word} {grouped(number)}" for word, number in named.items())
    text = f"{text}." if text else "No answers yet."
    return charts.bars(title, text, named)


def _hundred(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def as_csv(asked: Asked) -> HttpResponse:
    """Return the rows, one for each time, or for each time and site when there are several."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"pawcha-{asked.range.since:%Y%m%d}-{asked.range.until:%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    writer = csv.writer(response)
    writer.writerow(
        ["start_utc", "site", *COLUMNS, "visits", "first_try", "within_three", "median_s", "p90_s"]
    )
    writer.writerows(_csv_rows(asked))
    return response


def _csv_rows(asked: Asked) -> Iterator[list[Any]]:
    for site in asked.sites:
        report = statistics.report([site.pk], asked.range)
        for start, row in report.rows.items():
            visits = [row.visits, row.first_try, row.within_three]
            times = ["" if one is None else one for one in (row.median, row.p90)]
            yield [f"{start:%Y-%m-%dT%H:%MZ}", plain(site.name), *cells(row), *visits, *times]


def plain(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
