"""How attackable the challenges are that visitors get: by day and by site, from a sample.

Of each site and each stretch of four hours the first A_SLOT outcomes are read, by the index of site
and time. How easy a challenge is was settled when it was composed, so which of them are read makes
no difference but by chance; and the work does not grow with their number. What became of them is
read from the sums of hours that are over, never counted anew: anybody may ask for the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Sum
from django.urls import NoReverseMatch, reverse

from challenges.flows import statistics
from challenges.flows.statistics import Range
from challenges.models import Photo, Site
from challenges.models import Sum as Hour
from challenges.models.photos import Rights
from challenges.models.sums import Span
from classifier.reports.attack_summary import Day, SiteOdds
from classifier.reports.words import percent

DAYS: Final = 30
# Sites that are looked at, the busiest first; outcomes of each in four hours.
SITES: Final = 20
A_SLOT: Final = 20
COUNTED: Final = (
    "issued", "passed", "failed", "more", "visits", "first_try", "within_three",
)  # fmt: skip
# Photos that are shown to reviewers.
GIVEN_AWAY: Final = 24

_SAMPLE: Final = """
SELECT site, (slot AT TIME ZONE 'UTC')::date AS day, count(*) AS n, avg(headline) AS mean,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY headline) AS tenth
FROM unnest(%(sites)s::bigint[]) AS site
CROSS JOIN generate_series(%(since)s::timestamptz, %(last)s::timestamptz, interval '4 hours')
  AS slot
CROSS JOIN LATERAL (
  SELECT headline, door FROM challenges_outcome AS one
  WHERE one.site_id = site AND one.issued_at >= slot
    AND one.issued_at < slot + interval '4 hours'
  ORDER BY one.issued_at LIMIT %(most)s
) AS picked
WHERE headline IS NOT NULL AND door <> 'attack'
GROUP BY GROUPING SETS ((site, day), (day), (site))
"""
_Row = tuple[int | None, date | None, int, float, float]


Counted = dict[int, dict[str, int]]


def counted(wanted: Range) -> Counted:
    """Return by site what became of its challenges, in the hours that are summed; busiest first."""
    hours = Hour.objects.filter(span=Span.HOUR, start__gte=wanted.since, start__lt=wanted.until)
    totals = hours.order_by().values_list("site").annotate(*(Sum(name) for name in COUNTED))
    found = {site: dict(zip(COUNTED, sums, strict=True)) for site, *sums in totals}
    none = dict.fromkeys(COUNTED, 0)
    sites = statistics.sites_counted().order_by("pk").values_list("pk", flat=True)
    ranked = sorted(sites, key=lambda site: -found.get(site, none)["issued"])
    return {site: found.get(site, none) for site in ranked}


def days(sites: Sequence[int], wanted: Range) -> tuple[Day, ...]:
    """Return each day on which scored challenges were issued, and no name of a site."""
    rows = _ask(sites[:SITES], wanted)
    by_site: dict[date, list[float]] = {}
    for site, day, _, mean, _ in rows:
        if site is not None and day is not None:
            by_site.setdefault(day, []).append(mean)
    together = [
        Day(day, n, mean, tenth, min(by_site[day]), max(by_site[day]))
        for site, day, n, mean, tenth in rows
        if site is None and day is not None
    ]
    return tuple(sorted(together, key=lambda one: one.day))


def sites() -> tuple[SiteOdds, ...]:
    """Return the same of each site, with its name: for those who may see the statistics."""
    wanted = statistics.last_days(DAYS)
    known = {site.pk: site for site in statistics.sites_counted()}
    numbers = counted(wanted)
    looked_at = list(numbers)[:SITES]
    found = {
        site: (n, mean, tenth)
        for site, day, n, mean, tenth in _ask(looked_at, wanted)
        if site is not None and day is None
    }
    return tuple(_of_site(known[pk], numbers[pk], found.get(pk)) for pk in looked_at)


def site_rows() -> list[dict[str, str]]:
    """Return the same as people read it."""
    return [
        {
            "name": one.name,
            "n": f"{one.n:,}",
            "mean": "–" if one.mean is None else percent(one.mean),
            "tenth": "–" if one.tenth is None else percent(one.tenth),
            "budget": _budget(one),
            **{name: f"{getattr(one, name):,}" for name in ("issued", "passed", "failed", "more")},
        }
        for one in sites()
    ]


def _budget(one: SiteOdds) -> str:
    said = [] if one.budget is None else [f"{100 * one.budget:g} %"]
    if one.taught_budget is not None:
        said.append(f"{100 * one.taught_budget:g} % for networks that learned from our pictures")
    return ", ".join(said) or "none"


def _share(budget: float | None) -> float | None:
    return None if budget is None else budget / 100


def _of_site(
    site: Site, numbers: dict[str, int], found: tuple[int, float, float] | None
) -> SiteOdds:
    n, mean, tenth = found or (0, None, None)
    return SiteOdds(
        site=site.pk,
        name=site.name,
        n=n,
        mean=mean,
        tenth=tenth,
        budget=_share(site.attack_budget),
        taught_budget=_share(site.taught_budget),
        **{name: numbers[name] for name in ("issued", "passed", "failed", "more")},
    )


def _ask(chosen: Sequence[int], wanted: Range) -> list[_Row]:
    if not chosen:
        return []
    last = wanted.until - timedelta(hours=4)
    asked: dict[str, Any] = {
        "sites": list(chosen),
        "since": wanted.since.astimezone(UTC),
        "last": last.astimezone(UTC),
        "most": A_SLOT,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, asked)
        rows: list[_Row] = cursor.fetchall()
    return rows


def given_away() -> list[dict[str, Any]]:
    """Return the photos that networks tell most easily, with their page: for reviewers only."""
    photos = (
        Photo.objects.pooled()
        .exclude(rights=Rights.STARTER)
        .filter(ease__isnull=False)
        .order_by("-ease", "pk")
    )
    rows = photos.values_list("pk", "ease")[:GIVEN_AWAY]
    return [{"photo": pk, "ease": percent(ease or 0), **_addresses(pk)} for pk, ease in rows]


def _addresses(pk: int) -> dict[str, str]:
    try:
        page = reverse("admin:challenges_photo_change", args=[pk])
        picture = reverse("admin:challenges_photo_picture", args=[pk, 120])
    except NoReverseMatch:
        return {"page": "", "picture": ""}
    return {"page": page, "picture": picture}
