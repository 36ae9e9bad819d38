"""Sites, outcomes and people in the admin."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from challenges import signing
from challenges.flows.sites import NewSite
from challenges.models import Label, Outcome, Photo, Site, SiteSecret
from challenges.models.photos import Animal
from tests import pets
from tests.conftest import Visitor
from tests.people import sign_in

SITES = "/admin/challenges/site/"
FORM = {
    "name": "Forum",
    "pictures": "12",
    "rounds": "1",
    "tolerance": "0",
    "theme": "auto",
    "challenge_seconds": "120",
    "token_seconds": "120",
    "when_worn_out": "repeat",
    "active": "on",
    "accepts_unknown_host": "on",
    "allows_fallback": "on",
}

# Where a page shows a secret.
SECRET = re.compile(r'value="(pws_[^"]+)"')


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the owner's browser."""
    sign_in(client, reviewer)
    return client


def test_a_new_site_shows_its_secret_once(desk: Client) -> None:
    page = desk.post(f"{SITES}add/", {**FORM, "hosts": "Forum.example.org, *.example.org"}).text
    site = Site.objects.get(name="Forum")
    assert site.hosts == ["forum.example.org", "*.example.org"]
    found = SECRET.search(page)
    assert found
    assert SiteSecret.objects.get(site=site).digest == signing.digest(found[1])
    assert site.sitekey in page
    for place in ("change", "use", "secrets", "history"):
        again = desk.get(f"{SITES}{site.pk}/{place}/").text
        assert site.name in again
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
    assert "a.example.org\nb.example.org</textarea>" in page


def test_each_bad_host_is_named_with_what_to_write(desk: Client) -> None:
    hosts = "https://a.example.org/\n*.org, b.example.org; c.example.org:99999"
    page = unescape(desk.post(f"{SITES}add/", {**FORM, "hosts": hosts}).text)
    assert "'https://a.example.org/': write the host only, such as shop.example.org." in page
    assert "'*.org': a wildcard needs a domain, such as *.example.org." in page
    assert "'c.example.org:99999': a port is a number from 1 to 65535." in page
    assert "'b.example.org'" not in page
    assert not Site.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("pictures", "8", "A round has 9 to 16 photos, not 8."),
        ("pictures", "17", "A round has 9 to 16 photos, not 17."),
        ("rounds", "4", "A challenge has 1 to 3 rounds, not 4."),
        ("tolerance", "2", "Select a valid choice. 2 is not one of the available choices."),
        ("challenge_seconds", "29", "greater than or equal to 30"),
        ("token_seconds", "601", "less than or equal to 600"),
        ("name", "", "Give the site a name, such as Our shop."),
        ("hosts", " ,", "Name at least one host, such as shop.example.org."),
    ],
)
def test_what_cannot_be_chosen_is_explained(
    desk: Client, field: str, value: str, sentence: str
) -> None:
    page = desk.post(f"{SITES}add/", {**FORM, "hosts": "a.example.org", field: value}).text
    assert sentence in unescape(page)
    assert not Site.objects.exists()


def test_a_policy_is_kept(desk: Client) -> None:
    chosen = {"pictures": "16", "rounds": "3", "tolerance": "1", "probes": "on"}
    more = {"theme": "dark", "token_seconds": "300", "fail_open": "on", "test_mode": "on"}
    desk.post(f"{SITES}add/", {**FORM, **chosen, **more, "hosts": "a.example.org"})
    site = Site.objects.get()
    assert (site.pictures, site.rounds, site.tolerance, site.probes) == (16, 3, 1, True)
    assert (site.theme, site.token_seconds) == ("dark", 300)
    assert site.fail_open
    assert site.test_mode


def test_an_empty_form_has_the_usual_policy(desk: Client) -> None:
    page = desk.get(f"{SITES}add/").text
    assert '<option value="12" selected>12 photos</option>' in page
    assert '<option value="1" selected>1 round</option>' in page
    assert "1 in 4,094" in page


def test_the_form_says_what_each_policy_costs(desk: Client, site_owner: NewSite) -> None:
    for number in range(100):
        photo = pets.photo(Animal.CAT)
        Photo.objects.filter(pk=photo.pk).update(p_cat=0.2 if number == 0 else 0.9)
        Label.objects.create(photo=photo, label=Animal.CAT, source=Label.Source.PERSON)
    Site.objects.update(tolerance=1)
    page = desk.get(f"{SITES}{site_owner.site.pk}/change/").text
    assert "The network reads 99.0 % of single photos here: measured on 100 photos" in page
    costs = json.loads(re.findall(r'<script id="costs"[^>]*>(.*?)</script>', page)[0])
    assert costs["12x1-0"][:2] == ["89 %", "1 in 4,094"]
    assert costs["12x1-1"][:2] == ["99.4 %", "1 in 315"]
    assert '<p class="figure" data-cost="network">99.4 %</p>' in page
    assert (
        "With every photo right the network would solve 89 %, and a blind guess is right once in "
        "4,094 tries." in page
    )


def test_without_enough_photos_the_form_says_how_to_measure(desk: Client) -> None:
    page = desk.get(f"{SITES}add/").text
    assert "not measured here yet" in page
    assert "it takes 100 photos of your own" in page


def test_saving_leaves_alone_what_a_worker_changed(desk: Client, site_owner: NewSite) -> None:
    site = site_owner.site
    Site.objects.update(served_profile="9x1-public")
    desk.post(f"{SITES}{site.pk}/change/", {**FORM, "hosts": "b.example.org"})
    site.refresh_from_db()
    assert site.served_profile == "9x1-public"


def test_sites_are_switched_off_and_on_in_the_list(desk: Client, site_owner: NewSite) -> None:
    site = site_owner.site
    for action, active in (("switch_off", False), ("switch_on", True)):
        sent = {"action": action, "_selected_action": [site.pk]}
        page = desk.post(SITES, sent, follow=True).text
        site.refresh_from_db()
        assert site.active is active
        assert ('class="mark off"' in page) is not active


def test_the_list_marks_what_is_special(desk: Client, site_owner: NewSite) -> None:
    Site.objects.update(test_mode=True, simulated=True, rounds=2, tolerance=1)
    page = desk.get(SITES).text
    assert '<span class="mark test">Test mode</span>' in page
    assert '<span class="mark simulated">Simulated</span>' in page
    assert "12 photos, 2 rounds, 1 may be wrong" in page


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
