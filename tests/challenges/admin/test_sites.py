"""Sites, outcomes and people in the admin."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from challenges import signing
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Site, SiteSecret
from tests.conftest import Visitor

SITES = "/admin/challenges/site/"
FORM = {
    "name": "Forum",
    "when_worn_out": "repeat",
    "active": "on",
    "accepts_unknown_host": "on",
    "allows_fallback": "on",
}


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the owner's browser."""
    client.force_login(reviewer)
    return client


def test_a_new_site_shows_its_secret_once(desk: Client) -> None:
    page = desk.post(
        f"{SITES}add/", {**FORM, "hosts": "Forum.example.org, *.example.org"}, follow=True
    ).content.decode()
    site = Site.objects.get(name="Forum")
    assert site.hosts == ["forum.example.org", "*.example.org"]
    found = re.search(r"Secret: (\S+)", page)
    assert found
    assert SiteSecret.objects.get(site=site).digest == signing.digest(found[1])
    assert site.sitekey in page
    again = desk.get(f"{SITES}{site.pk}/change/").content.decode()
    assert site.sitekey in again
    assert found[1] not in again


@pytest.mark.parametrize("field", ["accepts_unknown_host", "active", "allows_fallback"])
def test_a_new_site_keeps_the_other_choices(desk: Client, field: str) -> None:
    words = {name: value for name, value in FORM.items() if name != field}
    desk.post(f"{SITES}add/", {**words, "hosts": "a.example.org", "when_worn_out": "refuse"})
    site = Site.objects.get()
    assert getattr(site, field) is False
    assert site.when_worn_out == "refuse"


def test_hosts_are_written_as_people_write_lists(desk: Client) -> None:
    desk.post(f"{SITES}add/", {**FORM, "hosts": " a.example.org;b.example.org a.example.org,"})
    site = Site.objects.get()
    assert site.hosts == ["a.example.org", "b.example.org"]
    page = desk.get(f"{SITES}{site.pk}/change/").content.decode()
    assert 'value="a.example.org, b.example.org"' in page


def test_a_bad_host_is_explained(desk: Client) -> None:
    page = desk.post(f"{SITES}add/", {**FORM, "hosts": "https://a.example.org/"})
    assert "write the host only, such as shop.example.org" in page.content.decode()
    assert not Site.objects.exists()


def test_a_known_site_is_changed_without_a_new_secret(desk: Client, site_owner: NewSite) -> None:
    site = site_owner.site
    desk.post(f"{SITES}{site.pk}/change/", {**FORM, "name": "New", "hosts": "b.example.org"})
    site.refresh_from_db()
    assert (site.name, site.hosts) == ("New", ["b.example.org"])
    assert site.secrets.count() == 1


def test_sites_are_not_deleted(desk: Client, site_owner: NewSite) -> None:
    assert desk.post(f"{SITES}{site_owner.site.pk}/delete/").status_code == 403


def test_the_rehearsals_site_stays_out_of_sight(desk: Client, db: None) -> None:
    Site.objects.create(name="rehearsal-site", hosts=[], reserved=True)
    assert "rehearsal-site" not in desk.get(SITES).content.decode()


def test_outcomes_are_looked_at_only(desk: Client, stocked: NewSite, visitor: Visitor) -> None:
    visitor.solve(stocked.site.sitekey)
    outcome = Outcome.objects.get()
    assert desk.get("/admin/challenges/outcome/").status_code == 200
    page = desk.get(f"/admin/challenges/outcome/{outcome.pk}/change/").content.decode()
    assert "Passed" in page
    assert str(outcome.token_digest) not in page
    assert desk.get("/admin/challenges/outcome/add/").status_code == 403


@pytest.mark.parametrize("place", ["", "auth/user/", "auth/group/", "auth/user/add/"])
def test_the_other_pages_open(desk: Client, place: str) -> None:
    assert desk.get(f"/admin/{place}").status_code == 200


def test_a_person_s_page_opens(desk: Client, reviewer: User) -> None:
    assert desk.get(f"/admin/auth/user/{reviewer.pk}/change/").status_code == 200


@pytest.mark.parametrize("contact", ["help@forum.example.org", "https://forum.example.org/help"])
def test_a_site_tells_where_its_visitors_get_help(desk: Client, contact: str) -> None:
    desk.post(f"{SITES}add/", {**FORM, "hosts": "a.example.org", "contact": contact})
    assert Site.objects.get().contact == contact


def test_a_contact_that_is_no_address_is_explained(desk: Client) -> None:
    sent = {**FORM, "hosts": "a.example.org", "contact": "http://forum.example.org"}
    page = desk.post(f"{SITES}add/", sent).content.decode()
    assert "is neither an e-mail address nor an address that starts with https://" in page
    assert not Site.objects.exists()
