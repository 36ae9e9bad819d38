"""The attack budget in the form of a site, and the panel's word on the page of an outcome."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from challenges import odds
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Photo, Site
from challenges.models.photos import Animal, Rights
from tests import pets

SITES = "/admin/challenges/site/"
FORM = {
    "name": "Shop",
    "hosts": "shop.example.org",
    "pictures": "12",
    "rounds": "1",
    "tolerance": "0",
    "challenge_seconds": "120",
    "token_seconds": "120",
    "theme": "auto",
    "when_worn_out": "repeat",
    "accepts_unknown_host": "on",
    "allows_fallback": "on",
    "active": "on",
}


@pytest.fixture
def desk(reviewer: User) -> Client:
    """Return the browser of somebody who may change sites."""
    client = Client()
    client.force_login(reviewer)
    return client


def of_ease(ease: float, each: int = 60) -> None:
    """Add photos of this ease to the pool."""
    photos = pets.pool(each)
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(ease=ease)


def page_of(desk: Client, site: Site) -> str:
    """Return the form of a site, as it reads."""
    return " ".join(unescape(desk.get(f"{SITES}{site.pk}/change/").text).split())


@pytest.mark.parametrize("over", ["serve", "rounds", "refuse"])
def test_a_budget_is_kept_and_shown(desk: Client, over: str) -> None:
    desk.post(f"{SITES}add/", {**FORM, "attack_budget": "0.5", "over_budget": over})
    site = Site.objects.get()
    assert (site.attack_budget, site.over_budget) == (0.5, over)
    assert site.profile.key.startswith("12x1-public-b50t0")
    assert "attack budget 0.5 %" in desk.get(SITES).text


def test_a_budget_for_those_that_learned_from_our_pictures_is_kept_and_shown(desk: Client) -> None:
    desk.post(f"{SITES}add/", {**FORM, "taught_budget": "35", "over_budget": "rounds"})
    site = Site.objects.get()
    assert (site.attack_budget, site.taught_budget) == (None, 35.0)
    assert site.profile.key == "12x1-public-l3500t0-rounds"
    assert "35 % for networks that learned from our pictures" in desk.get(SITES).text


def test_the_form_says_how_much_one_reads_that_learned_from_our_pictures(
    desk: Client, site_owner: NewSite
) -> None:
    of_ease(0.7)
    assert "One that learned" not in page_of(desk, site_owner.site)
    Photo.objects.update(taught_ease=0.86)
    page = page_of(desk, site_owner.site)
    assert "One that learned from our own hardened pictures reads 86 %." in page


def test_without_a_budget_nothing_has_to_be_chosen(desk: Client) -> None:
    desk.post(f"{SITES}add/", FORM)
    site = Site.objects.get()
    assert (site.attack_budget, site.over_budget) == (None, "serve")


@pytest.mark.parametrize("field", ["attack_budget", "taught_budget"])
@pytest.mark.parametrize("budget", ["0", "-1", "101"])
def test_a_budget_that_cannot_be_is_explained(desk: Client, field: str, budget: str) -> None:
    page = unescape(desk.post(f"{SITES}add/", {**FORM, field: budget}).text)
    assert "Ensure this value is" in page
    assert not Site.objects.exists()


def test_the_form_says_what_networks_would_solve_of_what_is_shown(
    desk: Client, site_owner: NewSite
) -> None:
    of_ease(0.8)
    page = page_of(desk, site_owner.site)
    costs = json.loads(re.findall(r'<script id="costs"[^>]*>(.*?)</script>', page)[0])
    assert costs["12x1-0"][3] == "7 %"
    assert costs["12x2-0"][3] == "0.5 %"
    assert "the best network of the panel reads 80 % of single pictures: 120 photos" in page


def budgets_on(page: str) -> list[tuple[str, ...]]:
    """Return the rows of the table of budgets, those about both kinds of networks."""
    return re.findall(
        r'<th scope="row">([\d.]+ %)</th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>', page
    )


def test_the_form_says_which_budgets_the_pool_can_meet(desk: Client, site_owner: NewSite) -> None:
    of_ease(0.7)
    page = page_of(desk, site_owner.site)
    assert budgets_on(page) == [
        ("0.1 %", "0 cats and 0 dogs", "1.4 %", "cannot be met"),
        ("1 %", "0 cats and 0 dogs", "1.4 %", "cannot be met"),
        ("5 %", "60 cats and 60 dogs", "1.4 %", "can be met"),
        ("20 %", "60 cats and 60 dogs", "1.4 %", "can be met"),
    ]
    assert "Networks that learned from our pictures" not in page


def test_budgets_against_who_learned_from_our_pictures_are_compared_as_well(
    desk: Client, site_owner: NewSite
) -> None:
    of_ease(0.7)
    Photo.objects.update(taught_ease=0.84)
    page = page_of(desk, site_owner.site)
    assert page.index("Networks that never saw") < page.index("Networks that learned from our")
    assert budgets_on(page)[4:] == [
        ("5 %", "0 cats and 0 dogs", "12 %", "cannot be met"),
        ("15 %", "60 cats and 60 dogs", "12 %", "can be met"),
        ("35 %", "60 cats and 60 dogs", "12 %", "can be met"),
    ]


def test_a_budget_met_on_average_only_is_not_called_met(desk: Client, site_owner: NewSite) -> None:
    """Twenty of each are too few: the easier ones are used as well, and miss it."""
    of_ease(0.5, 20)
    of_ease(0.74, 40)
    site = site_owner.site
    site.attack_budget = 2
    site.save()
    row = next(row for row in budgets_on(page_of(desk, site)) if row[0] == "2 %")
    assert row[2:] == ("0.68 %", "cannot be met")


def test_with_few_measured_photos_it_says_so_and_invents_nothing(
    desk: Client, site_owner: NewSite
) -> None:
    of_ease(0.7, 10)
    page = page_of(desk, site_owner.site)
    assert "once it has looked at 100 photos of your own; it has at 20." in page
    assert "What attack budgets this pool can meet" not in page


def an_outcome(site: Site, state: str) -> Outcome:
    """Return a challenge that the panel has judged."""
    panel = {"judge": [0.9] * 12, "fooled": [0.1] * 12}
    return Outcome.objects.create(
        site=site,
        state=state,
        issued_at=timezone.now(),
        hostname="shop.example.org",
        prefix="",
        risk=0.1,
        renditions=[1],
        cats=5,
        odds={name: asdict(odds.odds(chances)) for name, chances in panel.items()},
        headline=0.2824,
    )


def test_an_outcome_says_how_attackable_it_was_and_by_whom(
    desk: Client, site_owner: NewSite
) -> None:
    row = an_outcome(site_owner.site, "passed")
    assert "28 %" in desk.get("/admin/challenges/outcome/").text
    page = desk.get(f"/admin/challenges/outcome/{row.pk}/change/").text
    found = re.findall(r'<tr><th scope="row">(\w+)</th>(.*?)</tr>', page)
    words = {name: re.findall("<td>(.*?)</td>", cells) for name, cells in found}
    assert words["judge"] == ["28 %", "less than 0.1 %", "28 %", "right"]
    assert words["fooled"] == ["less than 0.1 %", "28 %", "28 %", "wrong"]


def test_as_long_as_it_may_be_answered_it_says_nothing(desk: Client, site_owner: NewSite) -> None:
    row = an_outcome(site_owner.site, "open")
    assert "28 %" not in desk.get("/admin/challenges/outcome/").text
    page = desk.get(f"/admin/challenges/outcome/{row.pk}/change/").text
    assert "28 %" not in page
    assert "Attackable" not in page
    assert Animal.CAT not in re.findall(r'<th scope="row">(\w+)</th>', page)


def test_an_outcome_whose_pictures_were_not_scored_has_no_number(
    desk: Client, site_owner: NewSite
) -> None:
    row = an_outcome(site_owner.site, "failed")
    Outcome.objects.filter(pk=row.pk).update(odds={}, headline=None)
    page = f"/admin/challenges/outcome/{row.pk}/change/"
    assert "the panel had not read all of its pictures yet" in desk.get(page).text
    starter = pets.rendered(Animal.CAT, Rights.STARTER)
    Outcome.objects.filter(pk=row.pk).update(renditions=[starter.rendition_id])
    assert "it holds starter pictures" in desk.get(page).text
    assert "not all scored" in desk.get("/admin/challenges/outcome/").text


@pytest.mark.parametrize(("state", "paid", "said"), [
    ("passed", "prefix", "the network&#x27;s bucket"),
    ("failed", "session", "the visitor&#x27;s handle"),
    ("more", "", "nobody had a token"),
    ("expired", "", "nobody had a token"),
    ("abandoned", "", "not looked at"),
    ("passed", "", "no token was asked for"),
])  # fmt: skip
def test_an_outcome_says_in_words_who_paid(
    desk: Client, site_owner: NewSite, state: str, paid: str, said: str
) -> None:
    row = an_outcome(site_owner.site, state)
    Outcome.objects.filter(pk=row.pk).update(paid=paid)
    assert said in desk.get(f"/admin/challenges/outcome/{row.pk}/change/").text
