"""What the pages say is what there was; quickly, and even after kills."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.utils import timezone

from challenges import state
from challenges.flows import refusals, statistics, stock, sums, sweep
from challenges.flows.counting import BINS, Stretch
from challenges.flows.sites import NewSite, create_site
from challenges.flows.statistics import Numbers, Range, quantile
from challenges.models import Outcome, Refusal, Site, Sum
from challenges.models.sums import SOLVE_BINS, Span
from tests import pets
from tests.challenges.flows.seeded import NOON, outcome
from tests.conftest import Visitor, cats_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MIDNIGHT = NOON - 12 * HOUR


def total(wanted: Range, *sites: Site) -> Numbers:
    """Return the numbers of the whole range."""
    return statistics.report([site.pk for site in sites], wanted).total


class TestReport:
    def test_summed_hours_and_live_ones_are_one(self, site_owner: NewSite) -> None:
        site = site_owner.site
        with time_machine.travel(NOON + 4 * HOUR, tick=False):
            outcome(site, 5, "failed")
            outcome(site, 6, seconds=20)
            sums.sum_up()
            assert Sum.objects.count() == 1
            outcome(site, 230, "open")
            outcome(site, 225, redeemed=True)
            found = statistics.report([site.pk], statistics.last_hours(24))
        numbers = found.total
        assert (numbers.issued, numbers.answered, numbers.open) == (4, 3, 1)
        assert (numbers.verified, numbers.visits, numbers.first_try) == (1, 2, 1)
        assert numbers.missing == 0
        assert [rows.issued for rows in found.rows.values() if rows.issued] == [2, 2]
        assert found.sites[site.pk].issued == 4

    def test_a_day_counts_once_whether_it_is_summed_or_not(self, site_owner: NewSite) -> None:
        site = site_owner.site
        for minute in (0, 1440, 2880):
            outcome(site, minute)
        Refusal.objects.create(
            site=site, span="hour", start=NOON, door="verify", code="redeemed", number=5
        )
        wanted = Range(MIDNIGHT, MIDNIGHT + 3 * DAY, Span.DAY)
        with time_machine.travel(NOON + 2 * DAY + 2 * HOUR, tick=False):
            before = total(wanted, site)
            sums.sum_up()
            after = total(wanted, site)
        assert Sum.objects.filter(span="day").count() == 2
        assert Refusal.objects.filter(span="day").count() == 1
        assert before == after
        assert (after.issued, after.replayed) == (3, 5)

    def test_blocked_are_too_many_tries_at_the_doors_of_visitors(self, site_owner: NewSite) -> None:
        for door, code, number in (
            ("issue", "too_many_requests", 3),
            ("answer", "too_many_requests", 4),
            ("issue", "all_pictures_seen", 5),
            ("issue", "host_not_allowed", 6),
            ("verify", "expired", 7),
        ):
            Refusal.objects.create(
                site=site_owner.site, span="hour", start=NOON, door=door, code=code, number=number
            )
        found = total(Range(NOON, NOON + HOUR, Span.HOUR), site_owner.site)
        assert (found.blocked, found.replayed) == (12, 0)
        assert sum(found.errors.values()) == 25

    @pytest.mark.parametrize("share", [0.5, 0.9])
    def test_quantiles_are_true_within_their_resolution(self, share: float) -> None:
        times = sorted(random.Random(7).lognormvariate(2.3, 0.6) for _ in range(2000))
        histogram = [0] * BINS
        for one in times:
            histogram[sum(one >= end for end in SOLVE_BINS)] += 1
        true = times[int(share * len(times)) - 1]
        said = quantile(histogram, share)
        assert said is not None
        assert true <= said <= true * 1.11

    def test_nothing_is_nothing(self, site_owner: NewSite) -> None:
        numbers = total(statistics.last_days(7), site_owner.site)
        assert (numbers.issued, numbers.pass_rate, numbers.median) == (0, None, None)

    def test_simulated_and_reserved_sites_are_apart(self, site_owner: NewSite) -> None:
        Site.objects.create(name="rehearsal", hosts=[], reserved=True)
        simulated = Site.objects.create(name="simulated", hosts=[], simulated=True)
        assert list(statistics.sites_counted()) == [site_owner.site]
        assert list(statistics.sites_counted(simulated=True)) == [simulated]

    def test_ninety_days_of_twenty_sites_are_read_quickly(self, db: None) -> None:
        sites = [Site.objects.create(name=f"site {number}", hosts=[]) for number in range(20)]
        today = sums.floor_day(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO challenges_sum (site_id, span, start, issued, passed, failed,
                more, abandoned, expired, lost, verified, visits, first_try, within_three,
                solve_times, languages, dialects)
                SELECT site, 'hour', %s + hour * interval '1 hour', 100, 78, 10, 2, 5, 5, 0, 70,
                80, 70, 75, array_fill(2, ARRAY[62]), '{"en": 60, "de": 30, "fr": 10}', '{"": 100}'
                FROM unnest(%s) AS site, generate_series(0, 90 * 24 - 1) AS hour""",
                [today - 90 * DAY, [site.pk for site in sites]],
            )
            cursor.execute("ANALYZE challenges_sum")
        sums.sum_days([Stretch(site.pk, today - 90 * DAY, today) for site in sites])
        assert Sum.objects.filter(span="day").count() == 20 * 90
        for site in sites:
            outcome(site, 1, since=today)
        took = []
        for _ in range(5):
            start = time.perf_counter()
            found = total(statistics.last_days(90), *sites)
            took.append(time.perf_counter() - start)
        print(f"90 days of 20 sites: {min(took) * 1000:.0f} ms")
        assert found.issued == 20 * (89 * 24 * 100 + 1)
        # 200 ms are meant, on a machine with nothing else to do; those of CI are busy.
        assert min(took) < 1


@pytest.mark.django_db(transaction=True)
class TestReconciling:
    def test_the_numbers_add_up_under_load_and_after_kills(self) -> None:
        """Threads speak to the real API; in the middle Redis loses everything."""
        pets.pool(each=40)
        owner = create_site("Shop", ["shop.example.org"])
        stock.keep_stocked(5)
        errors: list[BaseException] = []
        half = threading.Barrier(5)

        def visit(number: int) -> None:
            dice = random.Random(number)
            try:
                for turn in range(12):
                    if turn == 6:
                        half.wait(120)
                        half.wait(120)
                    self.try_one(owner, Visitor(f"10.{number}.{turn}.1"), dice)
            except BaseException as error:
                errors.append(error)
                half.abort()
            finally:
                connections.close_all()

        threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        half.wait(120)
        state.client().flushdb()
        stock.keep_stocked(5)
        half.wait(120)
        for thread in threads:
            thread.join()
        assert errors == []
        live = total(statistics.last_hours(24), owner.site)
        assert live.open > 0
        assert live.missing == 0
        assert live.issued == Outcome.objects.filter(site=owner.site).count()
        with time_machine.travel(timedelta(seconds=sweep.FORGOTTEN + 1)):
            closed = sweep.close_overdue()
        refusals.take_over()
        with time_machine.travel(timedelta(hours=2)):
            sums.sum_up()
            later = total(statistics.last_hours(24), owner.site)
        assert (later.open, later.missing) == (0, 0)
        assert later.lost == closed.lost > 0
        assert later.issued == live.issued
        assert Sum.objects.filter(span="hour").exists()

    @staticmethod
    def try_one(owner: NewSite, person: Visitor, dice: random.Random) -> None:
        """Ask, and then do one of the things that visitors do."""
        reply = person.ask(owner.site.sitekey)
        if reply.status_code != 201:
            return
        challenge = reply.json()["id"]
        what = dice.choice(["right", "wrong", "look", "nothing"])
        if what == "nothing":
            return
        person.get(f"/api/v1/challenges/{challenge}/pictures")
        if what == "look":
            return
        right = cats_of(challenge)
        picks = right if what == "right" else [p for p in range(12) if p not in right]
        token = person.answer(challenge, picks).json().get("token", "")
        person.verify(owner.secret, token)
