"""What became of challenges, for people to look at: closed hours from sums, the latest live."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import add
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from challenges.flows.counting import BINS, BY_HOUR, COUNTS, HOUR, VISITS, Stretch, parameters
from challenges.flows.sums import DAY, floor, floor_day, summed_until
from challenges.models import Refusal, Site
from challenges.models.sums import SOLVE_BINS, Span

# How far apart the ends of two bins of the solving times are.
RESOLUTION: Final = "within 10 %"
# What counts as blocked: too many tries from one network, or of one site.
BLOCKED: Final = frozenset({"too_many_requests", "all_pictures_seen"})
REPLAYED: Final = "redeemed"

# Sums of days, and of the hours after each site's last day that is summed.
BY_DAY: Final = """
SELECT {columns} FROM {table}
WHERE site_id = ANY(%(sites)s) AND span = 'day' AND start >= %(since)s AND start < %(until)s
UNION ALL
SELECT {columns} FROM unnest(%(sites)s::bigint[]) AS chosen(site)
CROSS JOIN LATERAL (
  SELECT max(day.start) + interval '1 day' AS since FROM {table} AS day
  WHERE day.site_id = chosen.site AND day.span = 'day'
) AS last
JOIN {table} ON site_id = chosen.site AND span = 'hour'
  AND start >= greatest(last.since, %(since)s) AND start < %(until)s
"""
BY_HOURS: Final = """
SELECT {columns} FROM {table}
WHERE site_id = ANY(%(sites)s) AND span = 'hour' AND start >= %(since)s AND start < %(until)s
"""
_COLUMNS: Final = (*COUNTS, *VISITS, "solve_times", "languages", "dialects")
_SUMMED: Final = (*_COLUMNS, "open")


@dataclass(frozen=True, slots=True)
class Range:
    """From `since` to before `until`, hour by hour or day by day (UTC)."""

    since: datetime
    until: datetime
    span: Span

    @property
    def step(self) -> timedelta:
        """Return how long one row is."""
        return HOUR if self.span is Span.HOUR else DAY

    def starts(self) -> list[datetime]:
        """Return the start of each row."""
        number = -(-(self.until - self.since) // self.step)
        return [self.since + place * self.step for place in range(number)]

    def start_of(self, moment: datetime) -> datetime:
        """Return the start of the row that this moment is in."""
        return floor(moment) if self.span is Span.HOUR else floor_day(moment)


def last_hours(number: int) -> Range:
    """Return the last so many hours; the one that goes on is one of them."""
    until = floor(timezone.now()) + HOUR
    return Range(until - number * HOUR, until, Span.HOUR)


def last_days(number: int) -> Range:
    """Return the last so many days; today is one of them."""
    until = floor_day(timezone.now()) + DAY
    return Range(until - number * DAY, until, Span.DAY)


@dataclass(slots=True)
class Numbers:
    """What became of some challenges. All are counted by the time of their issue.

    `visits` are runs of answers from one network, at most ten minutes apart; `first_try` of them
    passed at once, `within_three` by the third answer. `solve_times` has a number for each bin.
    `more` were right and had to solve one more, which is a challenge of its own.
    `blocked`, `replayed` and the `errors` of each door are counted by their own time.
    """

    issued: int = 0
    passed: int = 0
    failed: int = 0
    more: int = 0
    abandoned: int = 0
    expired: int = 0
    lost: int = 0
    open: int = 0
    verified: int = 0
    visits: int = 0
    first_try: int = 0
    within_three: int = 0
    solve_times: list[int] = field(default_factory=lambda: [0] * BINS)
    languages: Counter[str] = field(default_factory=Counter)
    dialects: Counter[str] = field(default_factory=Counter)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def answered(self) -> int:
        """Return how many were answered, right or wrong."""
        return self.passed + self.failed + self.more

    @property
    def blocked(self) -> int:
        """Return how many tries to ask or to answer were too many."""
        return sum(
            number
            for (door, code), number in self.errors.items()
            if code in BLOCKED and door != Refusal.Door.VERIFY
        )

    @property
    def replayed(self) -> int:
        """Return how often somebody tried to redeem a token again."""
        return self.errors[Refusal.Door.VERIFY.value, REPLAYED]

    @property
    def missing(self) -> int:
        """Return how many challenges the sums do not account for: 0, or something is wrong."""
        ended = self.answered + self.abandoned + self.expired + self.lost + self.open
        return self.issued - ended

    @property
    def pass_rate(self) -> float | None:
        """Return the share of the answers that passed."""
        return _share(self.passed, self.answered)

    @property
    def right_rate(self) -> float | None:
        """Return the share of the answers that were right, whether or not they passed."""
        return _share(self.passed + self.more, self.answered)

    @property
    def first_try_rate(self) -> float | None:
        """Return the share of the visits that passed at once."""
        return _share(self.first_try, self.visits)

    @property
    def within_three_rate(self) -> float | None:
        """Return the share of the visits that passed by the third answer."""
        return _share(self.within_three, self.visits)

    @property
    def median(self) -> float | None:
        """Return how long half of those who passed took at most, in seconds, within 10 %."""
        return quantile(self.solve_times, 0.5)

    @property
    def p90(self) -> float | None:
        """Return how long nine of ten who passed took at most, in seconds, within 10 %."""
        return quantile(self.solve_times, 0.9)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add one row of sums."""
        for name in (*COUNTS, *VISITS, "open"):
            setattr(self, name, getattr(self, name) + row[name])
        self.solve_times = list(map(add, self.solve_times, row["solve_times"]))
        self.languages.update(row["languages"])
        self.dialects.update(row["dialects"])

    def join(self, other: Numbers) -> None:
        """Add all of the other's numbers."""
        self.add({name: getattr(other, name) for name in _SUMMED})
        self.errors.update(other.errors)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def quantile(histogram: Sequence[int], share: float) -> float | None:
    """Return the time that this share took at most: the upper end of its bin, in seconds.

    None when nobody passed. What took longer than the last end counts as that end.
    """
    total = sum(histogram)
    if not total:
        return None
    reached = 0
    for place, number in enumerate(histogram):
        reached += number
        if reached >= share * total:
            return SOLVE_BINS[min(place, len(SOLVE_BINS) - 1)]
    return SOLVE_BINS[-1]


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers of a range: all together, row by row, and site by site."""

    range: Range
    total: Numbers
    rows: dict[datetime, Numbers]
    sites: dict[int, Numbers]


def sites_counted(*, simulated: bool = False) -> QuerySet[Site]:
    """Return the sites that enter the statistics, real ones or simulated ones."""
    return Site.objects.filter(reserved=False, simulated=simulated)


def report(sites: Iterable[int], wanted: Range) -> Report:
    """Return what became of the challenges that these sites issued in this range."""
    chosen = sorted(set(sites))
    found = Report(
        range=wanted,
        total=Numbers(),
        rows={start: Numbers() for start in wanted.starts()},
        sites={site: Numbers() for site in chosen},
    )
    for row in [*_kept(chosen, wanted), *_live(chosen, wanted)]:
        for numbers in _places(found, row):
            numbers.add(row)
    for row in _refused(chosen, wanted):
        for numbers in _places(found, row):
            numbers.errors[row["door"], row["code"]] += row["number"]
    for numbers in found.rows.values():
        found.total.join(numbers)
    return found


def _places(found: Report, row: dict[str, Any]) -> tuple[Numbers, Numbers]:
    return found.rows[found.range.start_of(row["start"])], found.sites[row["site_id"]]


def _kept(sites: list[int], wanted: Range) -> list[dict[str, Any]]:
    return _rows("challenges_sum", _COLUMNS, sites, wanted)


def _refused(sites: list[int], wanted: Range) -> list[dict[str, Any]]:
    return _rows("challenges_refusal", ("door", "code", "number"), sites, wanted)


def _rows(
    table: str, names: Sequence[str], sites: list[int], wanted: Range
) -> list[dict[str, Any]]:
    """Return the rows of a table of sums: of hours, or of days where there are some."""
    columns = ", ".join(("site_id", "start", *names))
    query = BY_HOURS if wanted.span is Span.HOUR else BY_DAY
    asked = {"sites": sites, "since": wanted.since, "until": wanted.until}
    return _ask(query.format(columns=columns, table=table), asked)


def _live(sites: list[int], wanted: Range) -> list[dict[str, Any]]:
    """Count the outcomes that are not summed yet."""
    done = summed_until(sites)
    stretches = [
        Stretch(site, since, wanted.until)
        for site in sites
        if (since := max(wanted.since, done.get(site, wanted.since))) < wanted.until
    ]
    return _ask(BY_HOUR, parameters(stretches)) if stretches else []


def _ask(query: str, asked: Any) -> list[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling these queries to machine code would take longer than they do.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(query, asked)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        # A cursor of Django's gives JSON as text.
        for name in {"languages", "dialects"} & row.keys():
            row[name] = json.loads(row[name])
        # In a sum there is none.
        row["open"] = row.pop("still_open", 0)
    return rows
