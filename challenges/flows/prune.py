"""Removing what is no longer needed: outcomes after 90 days, and what was left lying about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from challenges.flows import sums, sweep, tokens
from challenges.models import Outcome, Refusal, Site, Sum
from challenges.models.sums import Span

# Outcomes and sums of hours are kept for so long, in days; sums of days stay.
KEEP_DAYS: Final = 90
# Rows removed by one statement.
ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that goes, and why.

    `remove` takes one portion away and returns how many things that were; 0 when none is left.
    """

    name: str
    why: str
    count: Callable[[], int]
    remove: Callable[[], int]


def kinds() -> list[Kind]:
    """Return what is removed, in the order in which it goes."""
    return [
        Kind(
            "outcomes",
            f"older than {KEEP_DAYS} days; their sums by day stay",
            lambda: old_outcomes().count(),
            _remove_outcomes,
        ),
        Kind(
            "sums of hours",
            f"older than {KEEP_DAYS} days; the sums by day stay",
            lambda: old_sums().count() + old_refusals().count(),
            _remove_hours,
        ),
        Kind(
            "renditions",
            "replaced more than a day ago; no challenge shows them",
            lambda: sweep.old_renditions().count(),
            sweep.prune_renditions,
        ),
        Kind(
            "spooled files",
            "no upload waits for them since a day",
            lambda: len(list(sweep.old_spool())),
            sweep.prune_spool,
        ),
        Kind(
            "hashes of addresses and old reports",
            f"older than {sweep.HASH_DAYS} days",
            sweep.count_addresses,
            sweep.forget_addresses,
        ),
        Kind(
            "API tokens",
            "ended by time more than a day ago",
            lambda: tokens.over().count(),
            lambda: int(tokens.over().delete()[0]),
        ),
        Kind(
            "sessions",
            "of people who were signed out by time",
            lambda: old_sessions().count(),
            lambda: old_sessions().delete()[0],
        ),
    ]


def prune() -> Iterator[tuple[Kind, int]]:
    """Remove it all, portion by portion; yield after each what kind it was, and how many.

    Stopped anywhere, it goes on the next time.
    """
    sums.sum_up()
    for kind in kinds():
        while number := kind.remove():
            yield kind, number


def prune_all() -> int:
    """Remove it all; return how many things that were."""
    return sum(number for _, number in prune())


def cutoff() -> datetime:
    """Return before when outcomes are old: the start of a day, so that no day is half counted."""
    return sums.floor_day(timezone.now()) - KEEP_DAYS * sums.DAY


def _old() -> Q:
    """Return which outcomes are old and summed by day, or were never to be counted."""
    over = cutoff()
    which = Q(site__reserved=True, issued_at__lt=over)
    for site, end in _days_summed().items():
        which |= Q(site=site, issued_at__lt=min(over, end))
    return which


def _days_summed() -> dict[int, datetime]:
    """Return for each site before when its days are summed."""
    found = {}
    for site in Site.objects.filter(reserved=False).values_list("pk", flat=True):
        days = Sum.objects.filter(site=site, span=Span.DAY).order_by("-start")
        last = days.values_list("start", flat=True).first()
        if last is not None:
            found[site] = last + sums.DAY
    return found


def old_outcomes() -> QuerySet[Outcome]:
    """Return the outcomes that may go."""
    return Outcome.objects.filter(_old())


def _remove_outcomes() -> int:
    """Remove some old outcomes, of one site after the other."""
    over = cutoff()
    ends: dict[int, datetime] = dict.fromkeys(
        Site.objects.filter(reserved=True).values_list("pk", flat=True), over
    )
    ends |= {site: min(over, end) for site, end in _days_summed().items()}
    for site, end in ends.items():
        rows = Outcome.objects.filter(site=site, issued_at__lt=end).order_by("issued_at")
        if keys := list(rows.values_list("pk", flat=True)[:ROWS]):
            return Outcome.objects.filter(pk__in=keys).delete()[1].get("challenges.Outcome", 0)
    return 0


def old_sums() -> QuerySet[Sum]:
    """Return the sums of hours that may go: those whose outcomes are gone."""
    over = cutoff()
    which = Q(pk__in=[])
    for site, end in _days_summed().items():
        which |= Q(site=site, start__lt=min(over, end))
    return Sum.objects.filter(which, span=Span.HOUR)


def old_refusals() -> QuerySet[Refusal]:
    """Return the refusals by hour that may go."""
    return Refusal.objects.filter(span=Span.HOUR, start__lt=cutoff())


def old_sessions() -> QuerySet[Session]:
    """Return the sessions that ended by time."""
    return Session.objects.filter(expire_date__lt=timezone.now())


def _remove_hours() -> int:
    """Remove the old hours at once. Sums of days are made first, or are there already."""
    with transaction.atomic():
        oldest = old_refusals().order_by("start").values_list("start", flat=True).first()
        if oldest is not None:
            sums.sum_refusals(sums.floor_day(oldest), cutoff())
        return old_refusals().delete()[0] + old_sums().delete()[0]
