"""Summing outcomes by hour and day, so that the outcomes themselves may go."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from challenges.flows.counting import (
    BY_HOUR,
    COUNTS,
    HOUR,
    VISITS,
    WORDS,
    Stretch,
    histogram,
    parameters,
    words,
)
from challenges.locks import Lock, try_lock
from challenges.models import Outcome, Refusal, Site, Sum
from challenges.models.outcomes import ATTACK
from challenges.models.sums import Span

# An hour is summed when nothing of it can change any more: a challenge lives for 20 minutes at
# most, and a visit's third answer comes 20 minutes after its first; a token lives for 10.
SETTLED: Final = timedelta(minutes=50)
DAY: Final = timedelta(days=1)
# Refusals may be taken over late; the days for which that is so are summed again.
LATE_DAYS: Final = 3

_COLUMNS: Final = (*COUNTS, *VISITS, "solve_times", *WORDS)
# Visits are counted by networks, whose hashes are removed after two days: never fewer than before.
_AGAIN: Final = ", ".join(
    f"{name} = greatest(kept.{name}, excluded.{name})"
    if name in VISITS
    else f"{name} = excluded.{name}"
    for name in _COLUMNS
)
_KEEP: Final = f"""
ON CONFLICT ON CONSTRAINT one_sum_per_span DO UPDATE SET {_AGAIN}"""

SUM_HOURS: Final = f"""
INSERT INTO challenges_sum AS kept (site_id, span, start, {", ".join(_COLUMNS)})
SELECT site_id, 'hour', start, {", ".join(_COLUMNS)} FROM ({BY_HOUR}) AS fresh
{_KEEP}
"""  # noqa: S608 - all of it is written here

# Days whose hours are all summed. A day whose hours are gone stays as it is.
SUM_DAYS: Final = f"""
WITH stretch AS (
  SELECT * FROM unnest(%(sites)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
    AS stretch(site_id, since, until)
), hours AS (
  SELECT one.*, date_trunc('day', one.start, 'UTC') AS day
  FROM stretch JOIN challenges_sum AS one ON one.site_id = stretch.site_id AND one.span = 'hour'
    AND one.start >= stretch.since AND one.start < stretch.until
), said_language AS (
  SELECT site_id, day, word, sum(said::bigint) AS number
  FROM hours, jsonb_each_text(languages) AS pair(word, said) GROUP BY 1, 2, 3
), said_dialect AS (
  SELECT site_id, day, word, sum(said::bigint) AS number
  FROM hours, jsonb_each_text(dialects) AS pair(word, said) GROUP BY 1, 2, 3
), language AS ({words("said_language", "languages", "site_id, day")}
), dialect AS ({words("said_dialect", "dialects", "site_id, day")}
), summed AS (
  SELECT site_id, day, {", ".join(f"sum({name}) AS {name}" for name in (*COUNTS, *VISITS))},
         {histogram("solve_times")} AS solve_times
  FROM hours GROUP BY site_id, day
)
INSERT INTO challenges_sum AS kept (site_id, span, start, {", ".join(_COLUMNS)})
SELECT site_id, 'day', day, {", ".join((*COUNTS, *VISITS))}, solve_times,
       coalesce(languages, '{{}}'), coalesce(dialects, '{{}}')
FROM summed LEFT JOIN language USING (site_id, day) LEFT JOIN dialect USING (site_id, day)
{_KEEP}
"""  # noqa: S608 - all of it is written here

SUM_REFUSALS: Final = """
INSERT INTO challenges_refusal AS kept (site_id, span, start, door, code, number, portion)
SELECT site_id, 'day', date_trunc('day', start, 'UTC') AS day, door, code, sum(number), ''
FROM challenges_refusal
WHERE span = 'hour' AND start >= %s AND start < %s
GROUP BY site_id, day, door, code
ON CONFLICT ON CONSTRAINT one_refusal_per_span DO UPDATE SET number = excluded.number
"""


# The last hour and the last day of each site that are summed.
LAST: Final = """
SELECT site,
  (SELECT start FROM challenges_sum WHERE site_id = site AND span = 'hour'
   ORDER BY start DESC LIMIT 1),
  (SELECT start FROM challenges_sum WHERE site_id = site AND span = 'day'
   ORDER BY start DESC LIMIT 1)
FROM unnest(%s::bigint[]) AS site
"""


def floor(moment: datetime) -> datetime:
    """Return the start of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def floor_day(moment: datetime) -> datetime:
    """Return the start of the day, in UTC."""
    return floor(moment).replace(hour=0)


def sum_up(seconds: float = 20.0, *, simulated: bool = False) -> int:
    """Sum the hours and days that are over; return how many stretches of hours were summed.

    For about so many seconds; the next call goes on. Doing it again gives the same rows.
    """
    until = time.monotonic() + seconds
    done = 0
    with try_lock(Lock.SUMS) as alone:
        if not alone:
            return 0
        sites = list(Site.objects.filter(reserved=False, simulated=simulated))
        while todo := list(filter(None, map(_next, sites))):
            sum_hours(todo)
            done += len(todo)
            if time.monotonic() > until:
                return done
        for site in sites:
            _sum_days_of(site)
        today = floor_day(timezone.now())
        days = Refusal.objects.filter(span=Span.DAY).order_by("-start")
        last = (
            days.values_list("start", flat=True).first()
            or Refusal.objects.order_by("start").values_list("start", flat=True).first()
        )
        if last is not None:
            sum_refusals(floor_day(min(last, today)) - LATE_DAYS * DAY, today)
    return done


def summed_until(sites: Iterable[int]) -> dict[int, datetime]:
    """Return before when all outcomes of each of these sites are summed, for those with sums."""
    with connection.cursor() as cursor:
        cursor.execute(LAST, [list(sites)])
        rows = cursor.fetchall()
    ends = {
        site: [start + step for start, step in ((hour, HOUR), (day, DAY)) if start is not None]
        for site, hour, day in rows
    }
    return {site: max(found) for site, found in ends.items() if found}


def _next(site: Site) -> Stretch | None:
    """Return the next hours of the site that can be summed: of one day at most."""
    # Attacks of ours are in no sum: waiting for theirs, the next hours would wait for ever.
    outcomes = Outcome.objects.filter(site=site).exclude(door=ATTACK)
    rows = outcomes.order_by("issued_at")
    done = summed_until([site.pk]).get(site.pk)
    if done is not None:
        rows = rows.filter(issued_at__gte=done)
    first = rows.values_list("issued_at", flat=True).first()
    if first is None:
        return None
    since = floor(first)
    end = min(floor(timezone.now() - SETTLED), floor_day(first) + DAY)
    still_open = outcomes.filter(state=Outcome.State.OPEN, issued_at__lt=end)
    first_open = still_open.order_by("issued_at").values_list("issued_at", flat=True).first()
    if first_open is not None:
        end = min(end, floor(first_open))
    return Stretch(site.pk, since, end) if since < end else None


def sum_hours(stretches: list[Stretch]) -> None:
    """Write, or write again, the sums of these hours."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SUM_HOURS, parameters(stretches))


def sum_days(stretches: list[Stretch]) -> None:
    """Write, or write again, the sums of these whole days."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SUM_DAYS, parameters(stretches))


def _sum_days_of(site: Site) -> None:
    """Sum the site's days that are over and of which no hour is missing."""
    hours = Sum.objects.filter(site=site, span=Span.HOUR).order_by("start")
    days = Sum.objects.filter(site=site, span=Span.DAY).order_by("-start")
    last = days.values_list("start", flat=True).first()
    if last is not None:
        hours = hours.filter(start__gte=last + DAY)
    first = hours.values_list("start", flat=True).first()
    if first is None:
        return
    later = Outcome.objects.filter(site=site, issued_at__gte=first).exclude(door=ATTACK)
    missing = later.order_by("issued_at")
    done = summed_until([site.pk]).get(site.pk)
    if done is not None:
        missing = missing.filter(issued_at__gte=done)
    next_one = missing.values_list("issued_at", flat=True).first()
    end = floor_day(timezone.now() - SETTLED)
    if next_one is not None:
        end = min(end, floor_day(next_one))
    since = floor_day(first)
    if since < end:
        sum_days([Stretch(site.pk, since, end)])


def sum_refusals(since: datetime, until: datetime) -> None:
    """Write, or write again, the sums of the refusals of these whole days."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SUM_REFUSALS, [since, until])
