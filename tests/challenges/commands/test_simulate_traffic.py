"""A simulated day: the same for a seed, counted truly, apart from real traffic, and removable."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from challenges import state
from challenges.flows import statistics, stock, sums, sweep
from challenges.flows.sites import create_site
from challenges.management.simulation.day import PREFIX, simulate
from challenges.management.simulation.ledger import Ledger
from challenges.models import Outcome, Photo, Refusal, Rendition, Site, Sum
from challenges.models.photos import Rights
from challenges.models.sums import Span
from tests import pets

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = 60
DAY = sums.floor_day(timezone.now()) - timedelta(days=3)


@pytest.fixture(autouse=True)
def _starters(settings: Any) -> None:
    # A flood is over sooner, and each test with it.
    settings.PAWCHA = {**settings.PAWCHA, "PREFIX_BURST": 12}
    pets.pool(each=20, rights=Rights.STARTER)


def play(seed: int = 5, number: int = NUMBER, day: Any = DAY) -> Ledger:
    """Play a day without telling anybody."""
    return simulate(day, number, seed, lambda share, ledger: None)


def said(site: int | None = None) -> statistics.Report:
    """Return what the statistics say of the simulated day."""
    sites = statistics.sites_counted(simulated=True).values_list("pk", flat=True)
    chosen = [key for key in sites if site in (None, key)]
    return statistics.report(chosen, statistics.Range(DAY, DAY + sums.DAY, Span.HOUR))


def test_the_statistics_say_what_the_visitors_remember() -> None:
    ledger = play(number=220)
    counts = ledger.counts()
    report = said()
    assert {name: getattr(report.total, name) for name in counts} == counts
    assert all(counts.values()), counts
    assert (report.total.missing, report.total.lost, report.total.open) == (0, 0, 0)
    rows = {start.hour: row.issued for start, row in report.rows.items() if row.issued}
    assert rows == ledger.hours()
    assert dict(report.total.languages) == ledger.languages()
    for site in {trace.site for trace in ledger.traces}:
        mine = ledger.counts(site)
        assert {name: getattr(said(site).total, name) for name in mine} == mine
    by_day = statistics.report(report.sites, statistics.Range(DAY, DAY + sums.DAY, Span.DAY))
    assert by_day.total == report.total


def test_a_seed_gives_the_same_day() -> None:
    first = play().counts()
    call_command("simulate_traffic", "--delete", stdout=StringIO())
    again = play()
    assert again.counts() == first
    assert play(seed=6, day=DAY + sums.DAY).counts() != first


def test_a_live_service_notices_nothing() -> None:
    owner = create_site("Shop", ["shop.example.org"])
    pets.pool(each=30)
    stock.keep_stocked(5)
    before = {name: state.client().dump(name) for name in state.client().scan_iter()}
    photos = list(Photo.objects.order_by("pk").values())
    renditions = list(Rendition.objects.order_by("pk").values())
    play()
    assert {name: state.client().dump(name) for name in state.client().scan_iter()} == before
    assert list(Photo.objects.order_by("pk").values()) == photos
    assert list(Rendition.objects.order_by("pk").values()) == renditions
    assert stock.site_profiles() == [owner.site.profile]
    assert not Site.objects.filter(simulated=True, active=True).exists()
    assert Outcome.objects.exclude(site__simulated=True).count() == 0


def test_the_live_sweeper_leaves_a_simulation_alone() -> None:
    site = Site.objects.create(name="Simulated", hosts=[], simulated=True)
    Outcome.objects.create(
        site=site, issued_at=DAY, hostname="", prefix="", risk=0, renditions=[], cats=1
    )
    assert sweep.close_overdue().lost == 0
    sums.sum_up()
    assert Sum.objects.count() == 0


def test_delete_removes_all_of_it() -> None:
    owner = create_site("Shop", ["shop.example.org"])
    play()
    out = StringIO()
    call_command("simulate_traffic", "--delete", stdout=out)
    assert "Removed the simulated sites" in out.getvalue()
    assert list(Site.objects.filter(reserved=False)) == [owner.site]
    assert (Outcome.objects.count(), Sum.objects.count(), Refusal.objects.count()) == (0, 0, 0)
    assert list(state.client().scan_iter(match=f"{PREFIX}*")) == []


def test_the_command_says_what_it_did() -> None:
    out = StringIO()
    call_command("simulate_traffic", challenges=5, day=f"{DAY:%Y-%m-%d}", stdout=out)
    assert "issued " in out.getvalue()
    with pytest.raises(CommandError, match="was simulated before"):
        call_command("simulate_traffic", challenges=5, day=f"{DAY:%Y-%m-%d}", stdout=out)


@pytest.mark.parametrize("day", ["tomorrow", "2020-01-01", "2999-01-01"])
def test_a_day_that_cannot_be_is_refused_with_one_that_can(day: str) -> None:
    with pytest.raises(CommandError, match=f"{timezone.now().year}-"):
        call_command("simulate_traffic", day=day)


def test_without_starter_pictures_it_says_what_to_do() -> None:
    Photo.objects.all().delete()
    with pytest.raises(CommandError, match="make run"):
        call_command("simulate_traffic")
    assert not Outcome.objects.exists()
