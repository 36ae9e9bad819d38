"""After 90 days outcomes become sums by day; nothing is half counted, whenever it stops."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import pytest
import time_machine
from django.core.management import call_command

from challenges.flows import prune, statistics, sums
from challenges.flows.sites import NewSite
from challenges.flows.statistics import Numbers, Range
from challenges.models import Outcome, Refusal, Site, Sum
from challenges.models.sums import Span
from tests.challenges.flows.seeded import NOON, outcome

DAY = timedelta(days=1)
MIDNIGHT = NOON - timedelta(hours=12)
# The first day is older than 90 days, the second one is not.
LATER = MIDNIGHT + 91 * DAY + timedelta(hours=5)


@pytest.fixture
def two_days(site_owner: NewSite) -> Site:
    """Return a site with traffic on two days, of which one is old."""
    for day in range(2):
        for minute in range(0, 300, 20):
            state = "failed" if minute % 60 else "passed"
            outcome(site_owner.site, day * 1440 + minute, state, prefix=str(minute))
        Refusal.objects.create(
            site=site_owner.site,
            span="hour",
            start=NOON + day * DAY,
            door="issue",
            code="too_many_requests",
            number=4,
        )
    with time_machine.travel(MIDNIGHT + 3 * DAY, tick=False):
        sums.sum_up()
    return site_owner.site


def numbers(site: Site) -> Numbers:
    """Return what the statistics say of both days."""
    return statistics.report([site.pk], Range(MIDNIGHT, MIDNIGHT + 2 * DAY, Span.DAY)).total


def test_the_numbers_are_the_same_before_and_after(two_days: Site) -> None:
    before = numbers(two_days)
    with time_machine.travel(LATER, tick=False):
        # Outcomes, sums of hours, refusals of hours, and hashes of the day that stays.
        assert prune.prune_all() == 15 + 5 + 1 + 15
    assert numbers(two_days) == before
    assert before.issued == 30
    assert Outcome.objects.filter(issued_at__lt=MIDNIGHT + DAY).count() == 0
    assert Outcome.objects.count() == 15
    assert Sum.objects.filter(span="hour").count() == 5
    assert Sum.objects.filter(span="day").count() == 2
    assert Refusal.objects.filter(span="hour").count() == 1


@pytest.mark.parametrize("stops_after", range(1, 9))
def test_a_kill_anywhere_changes_no_number(two_days: Site, stops_after: int) -> None:
    before = numbers(two_days)
    with time_machine.travel(LATER, tick=False), patch("challenges.flows.prune.ROWS", 2):
        portions = prune.prune()
        for _ in range(stops_after):
            next(portions)
        del portions  # It is a generator: this closes it where it stands.
        assert numbers(two_days) == before
        sums.sum_up()
        assert numbers(two_days) == before
        prune.prune_all()
    assert numbers(two_days) == before


def test_a_day_that_is_not_summed_stays(site_owner: NewSite) -> None:
    outcome(site_owner.site, 0)
    outcome(site_owner.site, 120, "open")
    with time_machine.travel(LATER, tick=False):
        prune.prune_all()
    assert Outcome.objects.count() == 2


def test_rehearsals_go_without_a_sum(site_owner: NewSite) -> None:
    outcome(site_owner.site, 0)
    Site.objects.filter(pk=site_owner.site.pk).update(reserved=True)
    with time_machine.travel(LATER, tick=False):
        assert prune.old_outcomes().count() == 1
        prune.prune_all()
    assert Outcome.objects.count() == 0


def test_a_dry_run_says_what_would_go_and_removes_nothing(two_days: Site) -> None:
    out = StringIO()
    with time_machine.travel(LATER, tick=False):
        call_command("prune", dry_run=True, stdout=out)
        assert Outcome.objects.count() == 30
        lines = out.getvalue().splitlines()
        assert lines[0].split()[:2] == ["15", "outcomes"]
        assert lines[1].split()[0] == "6"
        out = StringIO()
        call_command("prune", stdout=out)
        assert "outcomes: 15" in out.getvalue()
        assert Outcome.objects.count() == 15
