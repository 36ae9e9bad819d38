"""Sums of hours and days: true, and the same when they are made again."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from challenges.flows import sums, sweep
from challenges.flows.counting import Stretch
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Sum
from challenges.models.sums import SOLVE_BINS, Span
from tests.challenges.flows.seeded import NOON, outcome

HOUR = timedelta(hours=1)
LATER = NOON + 3 * HOUR


def hour(owner: NewSite, start=NOON) -> Sum:  # type: ignore[no-untyped-def]
    """Return the sum of the hour."""
    return Sum.objects.get(site=owner.site, span=Span.HOUR, start=start)


def sum_up(now=LATER) -> None:  # type: ignore[no-untyped-def]
    """Sum up as a worker would at this moment."""
    with time_machine.travel(now, tick=False):
        sums.sum_up()


class TestHours:
    def test_each_outcome_counts_once_in_the_hour_of_its_issue(self, site_owner: NewSite) -> None:
        for place, state in enumerate(["passed", "failed", "abandoned", "expired", "lost"]):
            outcome(site_owner.site, place * 11, state, redeemed=state == "passed")
        outcome(site_owner.site, 60)
        outcome(site_owner.site, -0.01, "expired")
        sum_up()
        row = hour(site_owner)
        assert row.issued == 5
        assert (row.passed, row.failed, row.abandoned, row.expired, row.lost) == (1, 1, 1, 1, 1)
        assert row.verified == 1
        assert [one.issued for one in Sum.objects.filter(span="hour").order_by("start")] == [
            1,
            5,
            1,
        ]

    def test_an_hour_with_an_open_challenge_waits(self, site_owner: NewSite) -> None:
        still_open = outcome(site_owner.site, 30, "open")
        outcome(site_owner.site, 90)
        sum_up()
        assert Sum.objects.count() == 0
        Outcome.objects.filter(pk=still_open.pk).update(state="lost")
        sum_up()
        assert Sum.objects.filter(span="hour").count() == 2

    def test_an_hour_waits_until_it_is_settled(self, site_owner: NewSite) -> None:
        outcome(site_owner.site, 30)
        sum_up(NOON + HOUR + sums.SETTLED - timedelta(seconds=1))
        assert Sum.objects.count() == 0
        sum_up(NOON + HOUR + sums.SETTLED)
        assert hour(site_owner).issued == 1

    def test_summing_again_gives_the_same_row(self, site_owner: NewSite) -> None:
        outcome(site_owner.site, 1, "failed")
        outcome(site_owner.site, 2)
        sum_up()
        before = Sum.objects.values().get(span="hour")
        # Two days later the hashes of the networks are gone, and visits cannot be told any more.
        Outcome.objects.update(prefix="")
        sums.sum_hours([Stretch(site_owner.site.pk, NOON, NOON + HOUR)])
        assert Sum.objects.values().get(span="hour") == before

    def test_test_mode_counts_and_rehearsals_do_not(self, site_owner: NewSite) -> None:
        outcome(site_owner.site, 1)
        site_owner.site.reserved = True
        site_owner.site.save()
        sum_up()
        assert Sum.objects.count() == 0

    def test_words_of_clients_are_kept_up_to_a_number(self, site_owner: NewSite) -> None:
        for number in range(40):
            outcome(site_owner.site, 1, language=f"x-{number}", dialect="hcaptcha")
        outcome(site_owner.site, 2, language="de")
        outcome(site_owner.site, 2, language="DE")
        sum_up()
        row = hour(site_owner)
        assert row.dialects == {"hcaptcha": 40, "": 2}
        assert len(row.languages) == 31
        assert row.languages["de"] == 2
        assert sum(row.languages.values()) == 42

    def test_solving_times_fall_into_bins(self, site_owner: NewSite) -> None:
        for seconds in (0.5, SOLVE_BINS[20] - 0.001, SOLVE_BINS[20], 1000):
            outcome(site_owner.site, 1, seconds=seconds)
        outcome(site_owner.site, 1, "failed", seconds=30)
        sum_up()
        bins = hour(site_owner).solve_times
        assert len(bins) == len(SOLVE_BINS) + 1
        assert {place for place, number in enumerate(bins) if number} == {0, 20, 21, 61}


class TestVisits:
    def test_answers_within_ten_minutes_are_one_visit(self, site_owner: NewSite) -> None:
        for minute, state in ((0, "failed"), (9, "failed"), (18, "passed")):
            outcome(site_owner.site, minute, state)
        outcome(site_owner.site, 29)  # More than ten minutes later: another visit.
        sum_up()
        row = hour(site_owner)
        assert (row.visits, row.first_try, row.within_three) == (2, 1, 2)

    def test_networks_and_sites_are_apart(self, site_owner: NewSite, other_site: NewSite) -> None:
        outcome(site_owner.site, 1, "failed", prefix="home")
        outcome(site_owner.site, 2, prefix="work")
        outcome(other_site.site, 3, prefix="home")
        sum_up()
        assert (hour(site_owner).visits, hour(site_owner).first_try) == (2, 1)
        assert (hour(other_site).visits, hour(other_site).first_try) == (1, 1)

    def test_a_fourth_try_is_not_within_three(self, site_owner: NewSite) -> None:
        for minute, state in enumerate(["failed", "failed", "failed", "passed"]):
            outcome(site_owner.site, minute, state)
        sum_up()
        row = hour(site_owner)
        assert (row.visits, row.first_try, row.within_three) == (1, 0, 0)

    def test_a_visit_over_the_full_hour_counts_in_the_first(self, site_owner: NewSite) -> None:
        outcome(site_owner.site, 55, "failed")
        outcome(site_owner.site, 61, "failed")
        outcome(site_owner.site, 70, "passed")
        sum_up()
        first, second = hour(site_owner), hour(site_owner, NOON + HOUR)
        assert (first.visits, first.first_try, first.within_three) == (1, 0, 1)
        assert (second.issued, second.visits) == (2, 0)


class TestDays:
    def test_a_day_is_the_sum_of_its_hours(self, site_owner: NewSite) -> None:
        for minute in (0, 60, 300):
            outcome(site_owner.site, minute, language="de" if minute else "en")
        sum_up(NOON + timedelta(days=2))
        day = Sum.objects.get(span="day")
        assert day.start == NOON - 12 * HOUR
        assert (day.issued, day.passed, day.visits) == (3, 3, 3)
        assert day.languages == {"de": 2, "en": 1}
        assert sum(day.solve_times) == 3

    def test_a_day_is_not_summed_before_all_its_hours(self, site_owner: NewSite) -> None:
        outcome(site_owner.site, 0)
        outcome(site_owner.site, 120, "open")
        sum_up(NOON + timedelta(days=2))
        assert list(Sum.objects.values_list("span", flat=True)) == ["hour"]
        sweep.close_overdue()
        sum_up(NOON + timedelta(days=2))
        assert Sum.objects.get(span="day").issued == 2

    def test_a_killed_worker_leaves_the_rest_to_the_next(self, site_owner: NewSite) -> None:
        for day in range(3):
            outcome(site_owner.site, day * 1440)
        with time_machine.travel(NOON + timedelta(days=5), tick=False):
            sums.sum_up(seconds=0)
            assert Sum.objects.filter(span="hour").count() == 1
            sums.sum_up()
        assert Sum.objects.filter(span="hour").count() == 3
        assert Sum.objects.filter(span="day").count() == 3
