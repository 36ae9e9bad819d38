"""The pages of a site: how to use it, its secrets, its history; and who may see them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from challenges.flows import sites
from challenges.flows.sites import NewSite
from challenges.models import Site
from tests.conftest import Visitor
from tests.people import sign_in

PLACE = "/admin/challenges/site/"
SECRET = re.compile(r'value="(pws_[^"]+)"')


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the owner's browser."""
    sign_in(client, reviewer)
    return client


def signed_in(*may: str) -> Client:
    """Return the browser of somebody who may do only this."""
    person = User.objects.create_user("-".join(may) or "nobody", password="x", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=may))
    client = Client()
    sign_in(client, person)
    return client


def test_the_snippets_have_the_key_and_no_secret(
    desk: Client, site_owner: NewSite, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://pawcha.example.org"
    page = unescape(desk.get(f"{PLACE}{site_owner.site.pk}/use/").text)
    key = site_owner.site.sitekey
    assert f'<div class="h-captcha" data-sitekey="{key}"></div>' in page
    assert f"https://pawcha.example.org/recaptcha/api.js?render={key}" in page
    assert (
        "Content-Security-Policy: script-src 'self' https://pawcha.example.org; "
        "frame-src https://pawcha.example.org"
    ) in page
    assert site_owner.secret not in page
    assert "fail_open=True" not in page


def test_the_page_warns_of_what_will_not_work(desk: Client, site_owner: NewSite) -> None:
    Site.objects.update(active=False, test_mode=True, fail_open=True)
    page = unescape(desk.get(f"{PLACE}{site_owner.site.pk}/use/").text)
    for sentence in (
        "The site is switched off",
        "Test mode: starter pictures only",
        "which only this machine can reach. Before visitors of shop.example.org come",
        "*.example.net stands for www.example.net",
        "cats = PawchaField(fail_open=True)",
    ):
        assert sentence in page


@pytest.mark.parametrize("page", ["", "change/", "use/", "secrets/"])
def test_test_mode_is_said_plainly(desk: Client, site_owner: NewSite, page: str) -> None:
    place = f"{PLACE}{site_owner.site.pk}/{page}" if page else PLACE
    assert '"test": true' not in unescape(desk.get(place).text)
    Site.objects.update(test_mode=True)
    said = unescape(desk.get(place).text)
    assert 'okens carry "test": true' in said
    assert "libraries of other vendors do not look at" in said


def test_each_page_has_a_title_and_our_sign(desk: Client, site_owner: NewSite) -> None:
    for page in ("change/", "use/", "secrets/", "history/"):
        found = re.search(
            r"<title>(.*?)</title>", desk.get(f"{PLACE}{site_owner.site.pk}/{page}").text, re.S
        )
        assert found
        assert "Shop" in found[1]
        assert "Pawcha" in found[1]


def test_the_page_tells_whether_the_server_verifies(
    desk: Client, stocked: NewSite, visitor: Visitor
) -> None:
    place = f"{PLACE}{stocked.site.pk}/use/"
    assert "Your server has redeemed no token in the last seven days." in desk.get(place).text
    visitor.verify(stocked.secret, visitor.solve(stocked.site.sitekey))
    assert "It works: your server last redeemed a token" in desk.get(place).text


def test_a_second_secret_is_shown_once(desk: Client, site_owner: NewSite, visitor: Visitor) -> None:
    place = f"{PLACE}{site_owner.site.pk}/secrets/"
    shown = desk.post(place, {"do": "add"})
    assert "no-store" in shown.headers["Cache-Control"]
    found = SECRET.search(shown.text)
    assert found
    assert visitor.verify(found[1], "x").json()["error-codes"] == ["invalid-input-response"]
    assert found[1] not in desk.get(place).text


def test_a_second_click_is_told_that_there_are_two(desk: Client, site_owner: NewSite) -> None:
    place = f"{PLACE}{site_owner.site.pk}/secrets/"
    desk.post(place, {"do": "add"})
    page = desk.post(place, {"do": "add"}, follow=True).text
    assert "Shop has two secrets already. End the one that your server no longer uses" in page
    assert 'value="add"' not in page
    assert site_owner.site.secrets.count() == 2


@pytest.mark.parametrize(
    ("do", "sentence"),
    [("end", "The secret has ended."), ("end_later", "The secret will end in 24 hours.")],
)
def test_the_old_one_is_ended(desk: Client, site_owner: NewSite, do: str, sentence: str) -> None:
    site = site_owner.site
    sites.add_secret(site)
    place = f"{PLACE}{site.pk}/secrets/"
    old = site.secrets.earliest("pk")
    assert sentence in desk.post(place, {"do": do, "secret": old.pk}, follow=True).text
    old.refresh_from_db()
    assert old.ends_at is not None


@pytest.mark.parametrize("secret", ["", "x", "0", "own"])
def test_the_last_one_and_what_is_none_are_refused(
    desk: Client, site_owner: NewSite, secret: str
) -> None:
    site = site_owner.site
    own = str(site.secrets.get().pk)
    sent = {"do": "end", "secret": own if secret == "own" else secret}
    page = desk.post(f"{PLACE}{site.pk}/secrets/", sent, follow=True).text
    said = "This is the last secret of Shop" if secret == "own" else "has ended already"
    assert said in page
    assert site.secrets.valid().count() == 1


def test_the_history_says_who_changed_what(
    desk: Client, site_owner: NewSite, reviewer: User
) -> None:
    site = site_owner.site
    Site.objects.filter(pk=site.pk).update(tolerance=1)
    desk.post(f"{PLACE}{site.pk}/secrets/", {"do": "add"})
    sites.end_secret(site, site.secrets.earliest("pk").pk, grace=timedelta(hours=1))
    page = unescape(desk.get(f"{PLACE}{site.pk}/history/").text)
    said = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "changed the site Shop" in said
    assert "None: every photo has to be right became → One photo may be wrong" in said
    assert "reviewer made the secret of Shop" in said
    assert "The program made the secret of Shop" in said


@pytest.mark.parametrize("page", ["use/", "secrets/", "history/"])
@pytest.mark.parametrize("number", ["0", "999999", "rehearsal"])
def test_there_is_no_page_of_a_site_that_is_not_there(desk: Client, page: str, number: str) -> None:
    reserved = Site.objects.create(name="rehearsal", hosts=[], reserved=True)
    pk = reserved.pk if number == "rehearsal" else number
    assert desk.get(f"{PLACE}{pk}/{page}").status_code == 404


class TestWho:
    @pytest.mark.parametrize("page", ["change/", "use/", "secrets/", "history/"])
    def test_those_who_may_look_see_all_and_change_nothing(
        self, site_owner: NewSite, page: str
    ) -> None:
        analyst = signed_in("view_site")
        reply = analyst.get(f"{PLACE}{site_owner.site.pk}/{page}")
        assert reply.status_code == 200
        assert 'name="do"' not in reply.text
        assert 'name="_save"' not in reply.text

    @pytest.mark.parametrize("page", ["", "change/", "use/", "secrets/", "history/"])
    def test_others_see_nothing(self, site_owner: NewSite, page: str) -> None:
        place = f"{site_owner.site.pk}/{page}" if page else ""
        assert signed_in("label_photo").get(f"{PLACE}{place}").status_code == 403
        assert Client().get(f"{PLACE}{place}").status_code == 302

    @pytest.mark.parametrize("do", ["add", "end", "end_later"])
    def test_looking_gives_no_secret(self, site_owner: NewSite, do: str) -> None:
        site = site_owner.site
        sites.add_secret(site)
        old = site.secrets.earliest("pk")
        sent = {"do": do, "secret": old.pk}
        assert signed_in("view_site").post(f"{PLACE}{site.pk}/secrets/", sent).status_code == 403
        assert site.secrets.filter(ends_at__isnull=True).count() == 2

    def test_the_snippets_page_takes_no_post(self, desk: Client, site_owner: NewSite) -> None:
        assert desk.post(f"{PLACE}{site_owner.site.pk}/use/").status_code == 405

    def test_who_may_only_add_sees_the_keys_of_the_new_site(self, db: None) -> None:
        sent = {
            "name": "Forum", "hosts": "a.example.org", "pictures": "12", "rounds": "1",
            "tolerance": "0", "theme": "auto", "challenge_seconds": "120", "token_seconds": "120",
            "when_worn_out": "repeat",
        }  # fmt: skip
        assert SECRET.search(signed_in("add_site").post(f"{PLACE}add/", sent).text)
