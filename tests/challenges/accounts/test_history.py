"""The history: each change knows its person, and visitors do not pay for it."""

from __future__ import annotations

import html
import re
import sys
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

import manage
from challenges.flows import history, journal, tokens
from challenges.flows.journal import Asked
from challenges.flows.sites import NewSite, create_site
from challenges.models import Photo, Site
from challenges.models.photos import Animal
from tests import pets
from tests.conftest import Visitor, cats_of
from tests.people import PASSWORD, SIGN_IN, person, sign_in

HISTORY = "/admin/auth/user/history/"


@pytest.fixture
def ann(db: None) -> User:
    """Return an owner."""
    return person("ann", "owner")


def latest(**asked: Any) -> history.Change:
    """Return the latest change."""
    return journal.page(Asked(**asked)).changes[0]


def test_a_change_in_the_admin_knows_its_person(client: Client, ann: User) -> None:
    sign_in(client, ann)
    uli = person("uli")
    said = {"username": "ulrike", "email": uli.email, "is_active": "on"}
    client.post(f"/admin/auth/user/{uli.pk}/change/", said)
    found = next(one for one in journal.page(Asked()).changes if one.thing == "person ulrike")
    assert (found.who, found.kind) == ("ann", "changed")
    assert [(was.old, was.new) for was in found.what] == [("uli", "ulrike")]
    page = client.get(HISTORY).content.decode()
    assert "<del>uli</del>" in page


def test_a_change_by_api_token_knows_its_person(ann: User) -> None:
    photo = pets.rendered(Animal.CAT)
    text = tokens.make(ann, "script", None).text
    answer = APIClient().post(
        f"/api/v1/photos/{photo.pk}/retire", HTTP_AUTHORIZATION=f"Token {text}"
    )
    assert answer.status_code == 200
    found = latest(kind="photo")
    assert (found.who, found.thing) == ("ann", f"photo {photo.pk}")


def test_a_change_by_a_command_names_it(db: None) -> None:
    with history.by_command("create_site"):
        create_site("Shop", ["shop.example.org"])
    assert latest(kind="site").who == "command: create_site"


def test_what_nobody_did_is_the_program_s(site_owner: NewSite) -> None:
    assert latest(kind="site").who == "The program"


def test_signing_in_and_being_locked_out_are_told(client: Client, ann: User) -> None:
    client.post(SIGN_IN, {"login": "ann", "password": PASSWORD})
    assert (latest().who, latest().kind) == ("ann", "signed in")
    client.post("/accounts/logout/")
    for _ in range(8):
        client.post(SIGN_IN, {"login": "ann", "password": "wrong"})
    told = [one.kind for one in journal.page(Asked(person=ann.pk)).changes]
    assert told.count("sign-in refused for a while: too many wrong passwords") == 1


def test_tokens_are_told_without_their_text(client: Client, ann: User) -> None:
    text = tokens.make(ann, "Nightly script", None).text
    tokens.end(ann, text[:15])
    told = [one.kind for one in journal.page(Asked(kind="person")).changes]
    assert told[:2] == ["API token ended: Nightly script", "API token made: Nightly script"]
    sign_in(client, ann)
    assert text[:15] not in client.get(HISTORY).content.decode()


def test_groups_are_told(ann: User) -> None:
    found = latest(kind="group")
    assert (found.kind, found.thing) == ("put into", "owner: ann")


def test_no_secret_is_in_it(client: Client, ann: User, site_owner: NewSite) -> None:
    sign_in(client, ann)
    page = client.get(HISTORY).content.decode()
    stored = site_owner.site.secrets.get()
    assert "Shop" in page
    for secret in (site_owner.secret, stored.digest, ann.password):
        assert secret not in page


def test_filters_and_pages(client: Client, ann: User) -> None:
    site = create_site("Shop", ["shop.example.org"]).site
    for number in range(7):
        with history.by_command(f"rename {number}"):
            Site.objects.filter(pk=site.pk).update(name=f"Shop {number}")
    seen: list[str] = []
    asked = Asked(kind="site")
    for _ in range(10):
        page = journal.page(asked, 3)
        seen += [was.new for one in page.changes for was in one.what if was.field == "name"]
        if not page.after:
            break
        asked = Asked(kind="site", after=page.after)
    assert seen == [*(f"Shop {number}" for number in reversed(range(7))), "Shop"]
    sign_in(client, ann)
    everything = client.get(HISTORY, {"kind": "site", "until": "2020-01-01"}).content.decode()
    assert "Nothing was changed" in everything
    for bad in (
        {"kind": "x"},
        {"person": "x"},
        {"since": "x"},
        {"after": "x.y-photo.x"},
        {"thing": "x"},
    ):
        assert client.get(HISTORY, bad).status_code == 200


def test_many_changes_of_one_request_are_one_line(client: Client, ann: User) -> None:
    photos = [pets.photo(Animal.CAT) for _ in range(9)]
    with pghistory.context(user=ann.pk):
        Photo.objects.filter(pk__in=[one.pk for one in photos[:8]]).update(status="retired")
        create_site("Shop", ["shop.example.org"])
    with history.by_command("other"):
        Photo.objects.filter(pk=photos[8].pk).update(status="rejected")
    lines = journal.page(Asked(kind="photo")).lines
    told = [(line.change.who, line.change.thing, line.change.kind) for line in lines[:2]]
    assert told[0][:2] == ("command: other", f"photo {photos[8].pk}")
    assert told[1] == ("ann", "8 photos", "changed, and now: 8 retired")
    sign_in(client, ann)
    page = client.get(HISTORY, {"kind": "photo"}).content.decode()
    found = re.search(r'href="([^"]+)" aria-label="See each of the 8 photos"', page)
    assert found
    each = client.get(html.unescape(found[1])).content.decode()
    assert [f"Photo {one.pk}<" in each for one in photos] == [True] * 8 + [False]
    assert "See each" not in each


def test_a_run_goes_on_over_pages(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "ROWS", 3)
    monkeypatch.setattr(journal, "MOST", 5)
    for _ in range(8):
        pets.photo(Animal.CAT)
    with history.by_command("import"):
        Photo.objects.update(status="retired")
    asked, counted = Asked(kind="photo"), []
    for _ in range(3):
        page = journal.page(asked, 1)
        counted += [line.number for line in page.lines]
        asked = Asked(kind="photo", after=page.after)
        if not page.after:
            break
    assert counted[0] == 5
    assert sum(counted) <= 8


def test_one_thing_may_be_asked_for(client: Client, ann: User) -> None:
    site = create_site("Shop", ["shop.example.org"]).site
    create_site("Blog", ["blog.example.org"])
    sign_in(client, ann)
    page = client.get(HISTORY, {"kind": "site", "thing": str(site.pk)}).content.decode()
    assert "Site Shop" in page
    assert "Secret of Shop" in page
    assert "Blog" not in page


def test_the_page_asks_the_database_seldom(
    client: Client, ann: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        pets.photo(Animal.CAT)
    Photo.objects.update(label="dog")
    journal.page(Asked())
    with django_assert_max_num_queries(30):
        journal.page(Asked())


def test_visitors_do_not_pay(
    stocked: NewSite, visitor: Visitor, django_assert_num_queries: Any, settings: Any
) -> None:
    """Asking, answering and verifying take as many queries as without any of this."""
    counted = []
    left_out = [name for name in settings.MIDDLEWARE if "challenges.accounts" not in name]
    for middleware in (settings.MIDDLEWARE, left_out):
        settings.MIDDLEWARE = middleware
        visitor.handler._middleware_chain = None  # type: ignore[attr-defined]
        counted.append(_queries(stocked, visitor))
    assert counted[0] == counted[1]


def _queries(site: NewSite, visitor: Visitor) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        challenge = visitor.ask(site.site.sitekey).json()
        visitor.get(f"/api/v1/challenges/{challenge['id']}/pictures")
        token = visitor.answer(challenge["id"], cats_of(challenge["id"])).json()["token"]
        assert visitor.verify(site.secret, token).json()["success"]
    assert not any("set_config('pghistory" in one["sql"] for one in found.captured_queries)
    return len(found)


def test_commands_sign_what_they_change(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ["manage.py", "create_site", "Shop", "--host", "shop.example.org"]
    monkeypatch.setattr(sys, "argv", said)
    # A command closes them when it ends; this one runs inside the test.
    monkeypatch.setattr(connections, "close_all", lambda: None)
    manage.main()
    assert latest(kind="site").who == "command: create_site"
