"""The pages of numbers: a simulated day as charts, table and CSV; the pool's health; home."""

from __future__ import annotations

import csv
import io
from collections import Counter
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
from challenges.admin.statistics import all_charts
from challenges.flows import health, poolcare, statistics, stock, sums
from challenges.flows.health import shown
from challenges.flows.sites import NewSite
from challenges.flows.statistics import Numbers, Report
from challenges.flows.wear import Wear, wear
from challenges.management.simulation.day import simulate
from challenges.models import Outcome, Photo, Refusal, Site
from challenges.models.photos import Animal, Rights
from challenges.selection import ENOUGH_OF_OWN
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

    def test_without_answers_there_are_sentences_and_no_empty_figures(
        self, desk: Client, site_owner: NewSite
    ) -> None:
        outcome(site_owner.site, 0, "abandoned", since=timezone.now() - timedelta(minutes=1))
        page = page_of(desk, STATISTICS)
        assert "No answers yet." in page
        assert "Nobody has passed yet." in page
        assert "Half took" not in page
        assert "nobody at the first try" not in page

    def test_numbers_have_one_style(self) -> None:
        total = Numbers(issued=1744, passed=1557, failed=187, visits=1744, first_try=1556)
        total.within_three, total.languages = 1744, Counter(en=1744)
        wanted = statistics.last_days(1)
        report = Report(wanted, total, {wanted.since: total}, {})
        texts = [chart.text for chart in all_charts(report, ["today"])]
        assert texts[0] == "1,744 challenges: 1,557 passed, 187 failed."
        assert texts[1] == "89.2 % at the first try, 100.0 % within three."
        assert texts[3] == "en 1,744."


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
            "than they should be (12 photos, for everybody)",
            "celery@here",
            "OSError: redis://...@host/0 is away",
            "Nobody was shown a picture",
        ):
            assert words in page
        assert "Nothing to do." not in page
        assert "secret" not in page

    def test_days_are_showings_over_pictures_of_a_day(self, desk: Client, stocked: NewSite) -> None:
        shown = outcome(stocked.site, 0, since=timezone.now() - timedelta(hours=2))
        shown.renditions = list(range(12))
        shown.save()
        page = page_of(desk, POOL)
        assert "÷ 12 pictures shown in 24 hours (in 1 challenge)" in page.replace("&divide;", "÷")

    def test_starter_pictures_that_rest_are_left_out(self, site_owner: NewSite) -> None:
        pets.pool(each=5, rights=Rights.STARTER)
        assert (shown(), wear().renditions) == (10, 10)
        pets.pool(each=ENOUGH_OF_OWN)
        assert (shown(), wear().renditions) == (2 * ENOUGH_OF_OWN, 2 * ENOUGH_OF_OWN)
        found = health.health()
        assert [(one.name, one.value) for one in found.photos[:2]] == [
            ("In the pool and shown", "200"),
            ("In the pool and not shown", "10"),
        ]
        assert [(one.number, one.shown) for one in found.rights] == [(10, False), (200, True)]

    def test_tests_wear_nothing_out(self, site_owner: NewSite) -> None:
        site = Site.objects.create(name="Test", hosts=["a.example"], test_mode=True)
        outcome(site, 0, since=timezone.now() - timedelta(hours=2))
        assert wear().challenges == 0
        Site.objects.exclude(pk=site.pk).update(active=False)
        assert wear().challenges == 1
        assert poolcare.rights_shown() == {Rights.STARTER}

    @pytest.mark.parametrize(
        ("showings", "words"),
        [
            (40, "less than a day"),
            (149, "about 1 day"),
            (1_213, "about 12 days"),
            (12_130, "about 120 days"),
            (99_999, "more than a year"),
        ],
    )
    def test_days_are_as_exact_as_they_are_worth(self, showings: int, words: str) -> None:
        assert Wear(1, showings, 1, 100).lasts == words

    def test_advice_has_a_link_for_those_who_may_go_there(
        self, desk: Client, stocked: NewSite, reviewer: User
    ) -> None:
        held = pets.photo(Animal.CAT)
        Photo.objects.filter(pk=held.pk).update(status=Photo.Status.HELD, rights=Rights.UNSTATED)
        Photo.objects.filter(pk=pets.photo(Animal.CAT).pk).update(status=Photo.Status.PROPOSED)
        ways = [
            reverse("admin:challenges_label_queue"),
            reverse("admin:challenges_batch_run", args=[held.batch_id]),
            reverse("admin:challenges_batch_upload"),
        ]
        owner = Client()
        owner.force_login(reviewer)
        for client, may in ((owner, True), (desk, False)):
            page = page_of(client, POOL)
            assert "State by what right they may be shown." in page
            content = page[page.index('data-page="pool"') :]
            assert [f'href="{way}"' in content for way in ways] == [may] * 3

    def test_without_redis_it_says_so(
        self, desk: Client, site_owner: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> Any:
            raise state.Unreachable("away")

        monkeypatch.setattr(watch, "client", away)
        assert "Redis does not answer" in page_of(desk, POOL)


class TestConcern:
    def test_starter_pictures_send_to_the_upload_page_who_may_upload(
        self, desk: Client, site_owner: NewSite, reviewer: User
    ) -> None:
        pets.photo(Animal.CAT, Rights.STARTER)
        owner = Client()
        owner.force_login(reviewer)
        for client, may in ((owner, True), (desk, False)):
            page = page_of(client, POOL)
            banner = page[page.index('data-concern="challenges.W001"') :].split("</div>")[0]
            assert "Upload at least 100 cats and 100 dogs of your own." in banner
            assert "manage.py" not in banner
            assert ("Upload photos</a>" in banner) is may


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
    """Return what axe finds in our part of the page, in short; and whether it has a title."""
    found = Axe().run(page, context=".see")
    titled = Axe().run(page, options={"runOnly": ["document-title"]})
    found.response["violations"] += titled.response["violations"]
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def test_the_answer_of_an_open_challenge_is_nobody_s_to_see(
    client: Client, site_owner: NewSite, reviewer: User
) -> None:
    row = Outcome.objects.create(
        site=site_owner.site, issued_at=timezone.now(), risk=0, renditions=[987_654], cats=54_321
    )
    client.force_login(reviewer)
    address = f"/admin/challenges/outcome/{row.pk}/change/"
    page = client.get(address).content.decode()
    assert "54321" not in page
    assert "987654" not in page
    Outcome.objects.update(state=Outcome.State.FAILED)
    assert "54321" in client.get(address).content.decode()


def test_who_gave_the_token_is_asked_in_words(
    client: Client, site_owner: NewSite, reviewer: User
) -> None:
    for paid in ("prefix", "session", ""):
        Outcome.objects.create(
            site=site_owner.site,
            issued_at=timezone.now(),
            risk=0,
            renditions=[1],
            cats=0,
            paid=paid,
            dialect=f"d-{paid}",
        )
    client.force_login(reviewer)
    page = client.get("/admin/challenges/outcome/?paid=session").content.decode()
    assert "the visitor&#x27;s handle" in page
    assert "the network&#x27;s bucket" in page
    assert page.count('class="field-dialect') == 1
    assert "d-session" in page


@pytest.mark.parametrize(("asked", "said"), [
    ("", "Nothing here yet"), ("?state__exact=passed", "Nothing matches"),
])  # fmt: skip
def test_an_empty_list_says_why_it_is_empty(reviewer: User, asked: str, said: str) -> None:
    client = Client()
    client.force_login(reviewer)
    page = client.get(f"/admin/challenges/outcome/{asked}").text
    assert said in page
    assert ("Show all" in page) is bool(asked)
