"""A session alone opens the desk, but makes nobody an owner for ever."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from rest_framework.test import APIClient

from challenges.flows import people, sites, tokens
from challenges.models import ApiToken
from tests.people import PASSWORD, SIGN_IN, person, sign_in

PEOPLE = "/admin/auth/user/"
TOKENS = "/admin/auth/user/tokens/"
AGAIN = "/accounts/reauthenticate/"
NEW = "another long password"


@pytest.fixture
def ann(db: None) -> User:
    """Return an owner."""
    return person("ann", "owner")


@pytest.fixture
def found(client: Client, ann: User) -> Client:
    """Return a browser that somebody left open with Ann's session."""
    client.force_login(ann)
    return client


def works(text: str) -> bool:
    """Return whether the API takes this token."""
    answer = APIClient().get("/api/v1/photos", HTTP_AUTHORIZATION=f"Token {text}")
    return bool(answer.status_code == 200)


class TestASessionAlone:
    @pytest.mark.parametrize(
        ("place", "said"),
        [
            (TOKENS, {"name": "x", "life": "never"}),
            (f"{PEOPLE}add/", {"username": "eve", "password": PASSWORD}),
            (f"{PEOPLE}{{uli}}/password/", {}),
            (f"{PEOPLE}{{uli}}/remove-second-factor/", {}),
            (f"{PEOPLE}{{uli}}/change/", {"username": "eve", "is_active": "on"}),
            (f"{PEOPLE}{{uli}}/delete/", {"post": "yes"}),
            ("/admin/auth/group/add/", {"name": "x"}),
            ("/admin/challenges/site/{site}/secrets/", {"do": "add"}),
        ],
    )
    def test_is_asked_for_the_password(
        self, found: Client, site_owner: sites.NewSite, place: str, said: dict[str, str]
    ) -> None:
        uli = person("uli", "uploader")
        Authenticator.objects.create(user=uli, type="totp", data={"secret": "x"})
        place = place.format(uli=uli.pk, site=site_owner.site.pk)
        assert found.post(place, said)["Location"].startswith(AGAIN)
        assert not User.objects.filter(username="eve").exists()
        assert not ApiToken.objects.exists()
        assert site_owner.site.secrets.count() == 1
        assert User.objects.filter(username="uli").exists()

    def test_goes_on_by_itself_afterwards(self, found: Client) -> None:
        place = found.post(TOKENS, {"name": "Nightly script"})["Location"]
        wrong = found.post(place, {"password": "wrong"}).content.decode()
        assert "This is not your password." in wrong
        page = found.post(place, {"password": PASSWORD}).content.decode()
        assert re.search(r'value="pawcha_\w+"', page)
        assert f'method="post" action="{TOKENS}"' in page
        assert found.post(TOKENS, {"name": "another"}).status_code == 200

    def test_keeps_no_password_while_it_asks(self, found: Client) -> None:
        said = {"username": "eve", "password": NEW}
        place = found.post(f"{PEOPLE}add/", said)["Location"]
        assert NEW not in str(dict(found.session))
        page = found.post(place, {"password": PASSWORD}, follow=True).content.decode()
        assert "/accounts/password/first/" in page

    def test_sets_no_password_of_its_own(self, client: Client, ann: User) -> None:
        sign_in(client, ann)
        answer = client.post(f"{PEOPLE}{ann.pk}/password/")
        assert answer["Location"] == "/accounts/password/change/"

    def test_is_asked_again_after_a_quarter_of_an_hour(self, client: Client, ann: User) -> None:
        with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
            client.post(SIGN_IN, {"login": "ann", "password": PASSWORD})
            clock.shift(890)
            assert client.post(TOKENS, {"name": "a"}).status_code == 200
            clock.shift(20)
            assert client.post(TOKENS, {"name": "b"})["Location"].startswith(AGAIN)


class TestANewPassword:
    """It is set because somebody else may know the old one, so tokens end with it."""

    @pytest.fixture
    def text(self, ann: User) -> str:
        """Return a token that somebody made with the old one."""
        return tokens.make(ann, "stolen", None).text

    def test_by_a_link(self, client: Client, ann: User, text: str) -> None:
        link = people.password_link(ann)
        form = client.get(f"/accounts/password/first/{link.who}/{link.token}/", follow=True)
        client.post(form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
        ann.refresh_from_db()
        assert ann.check_password(NEW)
        assert not works(text)

    def test_by_the_person(self, client: Client, ann: User, text: str) -> None:
        client.force_login(ann)
        said = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        client.post("/accounts/password/change/", said)
        ann.refresh_from_db()
        assert ann.check_password(NEW)
        assert not works(text)

    def test_by_a_command(self, ann: User, text: str) -> None:
        ann.set_password(NEW)
        ann.save()
        assert not works(text)

    def test_nothing_else_that_is_saved(self, client: Client, ann: User, text: str) -> None:
        ann.first_name = "Ann"
        ann.save()
        client.post(SIGN_IN, {"login": "ann", "password": PASSWORD})
        assert works(text)

    def test_nor_a_second_factor_that_was_lost(self, ann: User, text: str, settings: Any) -> None:
        Authenticator.objects.create(user=ann, type="totp", data={"secret": "x"})
        assert people.remove_second_factor(ann)
        assert not works(text)


class TestWhoReachesWhom:
    @pytest.fixture
    def helper(self, client: Client, db: None) -> Client:
        """Return the browser of somebody who may change people, and nothing else."""
        desk = Group.objects.create(name="helpdesk")
        desk.permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
        return sign_in(client, person("hal", "helpdesk"))

    @pytest.mark.parametrize("active", [True, False])
    def test_nobody_above_oneself(self, helper: Client, ann: User, active: bool) -> None:
        User.objects.filter(pk=ann.pk).update(is_active=active)
        for page in ("password/", "remove-second-factor/", "change/", "new-password/"):
            answer = helper.post(f"{PEOPLE}{ann.pk}/{page}", {"username": "mine"}, follow=True)
            assert answer.status_code == 403, page
        assert not ann.groups.exclude(name="owner").exists()

    def test_those_who_may_no_more(self, helper: Client) -> None:
        sam = person("sam")
        page = helper.post(f"{PEOPLE}{sam.pk}/password/").content.decode()
        assert "/accounts/password/first/" in page
