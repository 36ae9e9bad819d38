"""The SQL that counts outcomes by site and hour, for what is kept and for what is live.

Attacks that the operator makes are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from challenges.models.outcomes import ATTACK
from challenges.models.sums import SOLVE_BINS

HOUR: Final = timedelta(hours=1)
# Answers of one network that are further apart belong to two visits, in minutes.
VISIT_MINUTES: Final = 10
# A language or a dialect is what a client says: no more of them than so are kept by name.
MOST_WORDS: Final = 30
BINS: Final = len(SOLVE_BINS) + 1

COUNTS: Final = ("issued", "passed", "failed", "more", "abandoned", "expired", "lost", "verified")
VISITS: Final = ("visits", "first_try", "within_three")
WORDS: Final = ("languages", "dialects")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some hours of one site, from `since` to before `until`. One stretch a site and query."""

    site: int
    since: datetime
    until: datetime


def parameters(stretches: Sequence[Stretch]) -> dict[str, Any]:
    """Return what the query of `BY_HOUR` is asked with."""
    return {
        "sites": [one.site for one in stretches],
        "sinces": [one.since for one in stretches],
        "untils": [one.until for one in stretches],
        "bins": list(SOLVE_BINS),
    }


def histogram(column: str) -> str:
    """Return SQL for the sum of these histograms, bin by bin."""
    bins = ", ".join(f"coalesce(sum({column}[{place}]), 0)" for place in range(1, BINS + 1))
    return f"ARRAY[{bins}]::integer[]"


def words(table: str, name: str, group: str) -> str:
    """Return SQL for a table of numbers by word as one object for each `group`.

    The most frequent words keep their names; all others are `other`.
    """
    return f"""
SELECT {group}, jsonb_object_agg(word, number) AS {name} FROM (
  SELECT {group}, CASE WHEN place <= {MOST_WORDS} THEN word ELSE 'other' END AS word,
         sum(number) AS number
  FROM (
    SELECT {group}, word, number,
           row_number() OVER (PARTITION BY {group} ORDER BY number DESC, word) AS place
    FROM {table}
  ) AS ranked GROUP BY 1, 2, 3
) AS named GROUP BY {group}"""  # noqa: S608 - all of it is written here


# Bin b of the histogram holds what took less than the b-th upper end.
_HISTOGRAM: Final = ", ".join(f"count(*) FILTER (WHERE bin = {bin})" for bin in range(BINS))

# Each row: site_id, start, COUNTS, still_open, VISITS, solve_times, WORDS.
BY_HOUR: Final = f"""
WITH stretch AS MATERIALIZED (
  SELECT * FROM unnest(%(sites)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[])
    AS stretch(site_id, since, until)
), seen AS MATERIALIZED (
  SELECT one.site_id, date_trunc('hour', one.issued_at, 'UTC') AS start, one.state,
         one.redeemed_at, lower(left(one.language, 35)) AS language, one.dialect,
         CASE WHEN one.state = 'passed' THEN width_bucket(
           extract(epoch FROM one.answered_at - one.issued_at), %(bins)s::numeric[]) END AS bin
  FROM stretch JOIN challenges_outcome AS one ON one.site_id = stretch.site_id
    AND one.issued_at >= stretch.since AND one.issued_at < stretch.until
    AND one.door <> '{ATTACK}'
), counted AS (
  SELECT site_id, start, count(*) AS issued,
         count(*) FILTER (WHERE state = 'passed') AS passed,
         count(*) FILTER (WHERE state = 'failed') AS failed,
         count(*) FILTER (WHERE state = 'more') AS more,
         count(*) FILTER (WHERE state = 'abandoned') AS abandoned,
         count(*) FILTER (WHERE state = 'expired') AS expired,
         count(*) FILTER (WHERE state = 'lost') AS lost,
         count(redeemed_at) AS verified,
         count(*) FILTER (WHERE state = 'open') AS still_open,
         ARRAY[{_HISTOGRAM}]::integer[] AS solve_times
  FROM seen GROUP BY site_id, start
), said_language AS (
  SELECT site_id, start, language AS word, count(*) AS number FROM seen GROUP BY 1, 2, 3
), said_dialect AS (
  SELECT site_id, start, dialect AS word, count(*) AS number FROM seen GROUP BY 1, 2, 3
), language AS ({words("said_language", "languages", "site_id, start")}
), dialect AS ({words("said_dialect", "dialects", "site_id, start")}
), answer AS (
  -- With what came a little before, to see where a visit begins, and after, to see how it went on.
  SELECT one.id, one.site_id, one.prefix, one.issued_at, one.answered_at, one.state,
         lag(one.answered_at) OVER network AS before
  FROM stretch JOIN challenges_outcome AS one ON one.site_id = stretch.site_id
    AND one.issued_at >= stretch.since - interval '1 hour'
    AND one.issued_at < stretch.until + interval '1 hour'
  WHERE one.answered_at IS NOT NULL AND one.prefix <> '' AND one.door <> '{ATTACK}'
  WINDOW network AS (PARTITION BY one.site_id, one.prefix ORDER BY one.answered_at, one.id)
), numbered AS (
  SELECT *, count(*) FILTER (
    WHERE before IS NULL OR answered_at - before > interval '{VISIT_MINUTES} minutes'
  ) OVER (PARTITION BY site_id, prefix ORDER BY answered_at, id) AS visit
  FROM answer
), attempt AS (
  SELECT *, row_number() OVER (
    PARTITION BY site_id, prefix, visit ORDER BY answered_at, id) AS try
  FROM numbered
), visit AS (
  -- A visit counts in the hour in which its first challenge was issued.
  SELECT site_id, date_trunc('hour', min(issued_at) FILTER (WHERE try = 1), 'UTC') AS start,
         coalesce(bool_or(state = 'passed') FILTER (WHERE try = 1), FALSE) AS first_try,
         coalesce(bool_or(state = 'passed') FILTER (WHERE try <= 3), FALSE) AS within_three
  FROM attempt GROUP BY site_id, prefix, visit
), visited AS (
  SELECT site_id, start, count(*) AS visits,
         count(*) FILTER (WHERE first_try) AS first_try,
         count(*) FILTER (WHERE within_three) AS within_three
  FROM visit GROUP BY site_id, start
)
SELECT counted.site_id, counted.start, issued, passed, failed, more, abandoned, expired, lost,
       verified,
       still_open, coalesce(visits, 0) AS visits, coalesce(first_try, 0) AS first_try,
       coalesce(within_three, 0) AS within_three, solve_times, languages, dialects
FROM counted
JOIN language USING (site_id, start) JOIN dialect USING (site_id, start)
LEFT JOIN visited USING (site_id, start)
"""  # noqa: S608 - all of it is written here
