"""The pages of numbers: a simulated day as charts, table and CSV; the pool's health; home."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from challenges import state
from challenges.flows import stock, sums
from challenges.flows.sites import NewSite
from challenges.management.simulation.day import simulate
from challenges.models import Refusal, Site
from challenges.models.photos import Rights
from challenges.state import watch
from tests import pets
from tests.challenges.flows.seeded import outcome

STATISTICS = "admin:challenges_outcome_statistics"
POOL = "admin:challenges_outcome_pool"


@pytest.fixture
def analyst(db: None) -> User:
    """Return a person who may see the statistics, and nothing else."""
    person = User.objects.create_user("analyst", password="a good long password", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="see_statistics"))
    return person


@pytest.fixture
def desk(analyst: User) -> Client:
    """Return the analyst's browser."""
    client = Client()
    client.force_login(analyst)
    return client


def page_of(client: Client, name: str, **query: str) -> str:
    """Return a page as text."""
    reply = client.get(reverse(name), query)
    assert reply.status_code == 200
    return reply.content.decode()


class TestStatistics:
    def test_it_says_when_there_is_nothing(self, desk: Client, site_owner: NewSite) -> None:
        page = page_of(desk, STATISTICS)
        assert "Nobody asked for a challenge in this time" in page
        assert "The numbers add up." in page
        assert "<canvas" not in page

    def test_what_is_asked_for_oddly_is_read_as_well_as_can_be(
        self, desk: Client, site_owner: NewSite
    ) -> None:
        for query in (
            {"range": "a year", "site": "none", "by": "minute"},
            {"since": "2026-13-99", "until": "yesterday"},
            {"since": "9999-01-01", "until": "0001-01-01"},
            {"since": "2001-01-01", "until": "8999-01-01", "by": "hour"},
            {"range": "90d", "by": "hour"},
        ):
            assert "The numbers add up." in page_of(desk, STATISTICS, **query)

    def test_a_sites_name_is_no_formula_in_the_csv(self, desk: Client) -> None:
        site = Site.objects.create(name="=cmd|' /C calc'!A0", hosts=["a.example"])
        outcome(site, 0, since=timezone.now() - timedelta(minutes=1))
        reply = desk.get(reverse(STATISTICS), {"format": "csv"})
        rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
        assert {row["site"] for row in rows} == {"'=cmd|' /C calc'!A0"}
        assert sum(int(row["issued"]) for row in rows) == 1

    def test_simulated_traffic_is_apart(self, desk: Client, site_owner: NewSite) -> None:
        site = Site.objects.create(name="Simulated", hosts=[], simulated=True)
        outcome(site, 0, since=timezone.now() - timedelta(minutes=1))
        assert "Nobody asked" in page_of(desk, STATISTICS)
        assert "This traffic is simulated." in page_of(desk, STATISTICS, site="simulated")
        assert "This traffic is simulated." in page_of(desk, STATISTICS, site=str(site.pk))

    def test_refusals_are_explained(self, desk: Client, site_owner: NewSite) -> None:
        Refusal.objects.create(
            site=site_owner.site,
            span="hour",
            start=sums.floor(timezone.now()),
            door="verify",
            code="redeemed",
            number=7,
        )
        assert "Somebody tried to use a token again." in page_of(desk, STATISTICS)


class TestPool:
    def test_each_thing_says_what_to_do(self, desk: Client, stocked: NewSite) -> None:
        state.raise_alarm(f"{stock.WORN_OUT}:12x1-public")
        watch.note_worker("celery@here")
        watch.note_failure(
            "challenges.tasks.prune", OSError("redis://:secret@host/0 is away\nmore")
        )
        page = page_of(desk, POOL)
        for words in (
            "Add photos, or workers that make new renditions.",
            "12 photos, for everybody",
            "celery@here",
            "OSError: redis://...@host/0 is away",
            "Nobody was shown a picture",
        ):
            assert words in page
        assert "secret" not in page

    def test_days_are_showings_over_pictures_of_a_day(self, desk: Client, stocked: NewSite) -> None:
        shown = outcome(stocked.site, 0, since=timezone.now() - timedelta(hours=2))
        shown.renditions = list(range(12))
        shown.save()
        page = page_of(desk, POOL)
        assert "÷ 12 pictures shown in 24 hours (in 1 challenge)" in page.replace("&divide;", "÷")

    def test_without_redis_it_says_so(
        self, desk: Client, site_owner: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> Any:
            raise state.Unreachable("away")

        monkeypatch.setattr(watch, "client", away)
        assert "Redis does not answer" in page_of(desk, POOL)


class TestHome:
    def test_an_analyst_sees_numbers_and_nothing_to_do(
        self, desk: Client, stocked: NewSite
    ) -> None:
        page = page_of(desk, "admin:index")
        assert "The last 24 hours" in page
        assert reverse(POOL) in page
        assert "see-link" not in page

    def test_who_may_nothing_is_told_whom_to_ask(self, db: None) -> None:
        person = User.objects.create_user("new", password="a good long password", is_staff=True)
        client = Client()
        client.force_login(person)
        page = page_of(client, "admin:index")
        assert "Ask an owner" in page
        assert "The last 24 hours" not in page

    def test_an_owner_goes_on_from_here(self, stocked: NewSite, reviewer: User) -> None:
        client = Client()
        client.force_login(reviewer)
        page = page_of(client, "admin:index")
        for name in (
            "challenges_label_queue",
            "challenges_batch_upload",
            "challenges_site_changelist",
        ):
            assert reverse(f"admin:{name}") in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInBrowser:
    """One simulated day, looked at."""

    @pytest.fixture
    def signed_in(self, reviewer: User) -> dict[str, Any]:
        """Return the cookie of a person who is signed in."""
        client = Client()
        client.force_login(reviewer)
        return {"name": "sessionid", "value": client.cookies["sessionid"].value}

    def test_a_day_is_drawn_as_it_was(
        self, open_page: Any, live_server: Any, signed_in: dict[str, Any], settings: Any
    ) -> None:
        settings.PAWCHA = {**settings.PAWCHA, "PREFIX_BURST": 12}
        pets.pool(each=20, rights=Rights.STARTER)
        day = sums.floor_day(timezone.now()) - timedelta(days=1)
        counts = simulate(day, 200, 3, lambda share, ledger: None).counts()
        address = f"{live_server.url}{reverse(STATISTICS)}?since={day:%Y-%m-%d}&site=simulated"
        for kind in (
            {"viewport": {"width": 1280, "height": 900}},
            {"viewport": {"width": 390, "height": 800}, "is_mobile": True},
            {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
        ):
            page: Page = open_page(**kind)
            page.context.add_cookies(
                [{"name": signed_in["name"], "value": signed_in["value"], "url": live_server.url}]
            )
            page.goto(address)
            for name in (
                "issued",
                "answered",
                "passed",
                "failed",
                "verified",
                "replayed",
                "blocked",
            ):
                cell = page.locator(f'[data-row="total"] [data-column="{name}"]')
                expect(cell).to_have_text(f"{counts[name]:,}")
            expect(page.get_by_text("The numbers add up.")).to_be_visible()
            assert drawn(page) == [True] * 5
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0
            assert violations(page) == []
            page.goto(f"{live_server.url}{reverse(POOL)}")
            assert violations(page) == []
            page.goto(f"{live_server.url}{reverse('admin:index')}")
            assert violations(page) == []
        page.goto(address)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
        assert sum(int(row["issued"]) for row in rows) == counts["issued"]
        assert sum(int(row["replayed"]) for row in rows) == counts["replayed"]


def drawn(page: Page) -> list[bool]:
    """Return for each chart whether there is something on its canvas."""
    found: list[bool] = page.evaluate(
        "[...document.querySelectorAll('canvas.chart')].map((canvas) => canvas.width > 0 &&"
        " canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
        ".data.some((value) => value !== 0))"
    )
    return found


def violations(page: Page) -> list[Any]:
    """Return what axe finds in our part of the page, in short."""
    found = Axe().run(page, context=".see")
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
