"""The second factor: set up, asked for, recovered from, required, and sealed at rest."""

from __future__ import annotations

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client

from challenges import sealing
from challenges.flows import people
from tests.people import PASSWORD, SIGN_IN, code, person
from tests.people import sign_in as enter

ACTIVATE = "/accounts/2fa/totp/activate/"


@pytest.fixture
def ann(db: None) -> User:
    """Return an owner."""
    return person("ann", "owner")


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set up a second factor; return its secret and the recovery codes."""
    found = re.search(r'id="authenticator_secret">(\w+)<', client.get(ACTIVATE).content.decode())
    assert found
    page = client.post(ACTIVATE, {"code": code(found[1])}, follow=True).content.decode()
    return found[1], re.findall(r"<li><code>([\w-]+)</code></li>", page)


def sign_in(client: Client) -> Any:
    """Send name and password."""
    return client.post(SIGN_IN, {"login": "ann", "password": PASSWORD})


@pytest.fixture
def secured(client: Client, ann: User) -> tuple[str, list[str]]:
    """Let Ann set up a second factor and sign out."""
    sign_in(client)
    made = set_up(client)
    client.post("/accounts/logout/")
    return made


class TestASecondFactor:
    def test_is_asked_for(self, client: Client, secured: tuple[str, list[str]]) -> None:
        assert sign_in(client)["Location"] == "/accounts/2fa/authenticate/"
        assert client.get("/admin/auth/user/history/").status_code == 302
        wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
        assert "This code is not right." in wrong
        right = client.post("/accounts/2fa/authenticate/", {"code": code(secured[0], 1)})
        assert right["Location"] == "/accounts/"
        assert client.get("/admin/auth/user/history/").status_code == 200

    def test_takes_a_code_once(self, client: Client, secured: tuple[str, list[str]]) -> None:
        with time_machine.travel("2026-11-22T12:00:05Z", tick=False):
            now = code(secured[0])
            sign_in(client)
            client.post("/accounts/2fa/authenticate/", {"code": now})
            client.post("/accounts/logout/")
            sign_in(client)
            again = client.post("/accounts/2fa/authenticate/", {"code": now})
        assert "This code is not right." in again.content.decode()

    def test_takes_each_recovery_code_once(
        self, client: Client, secured: tuple[str, list[str]]
    ) -> None:
        assert len(secured[1]) == 10
        for status in (302, 200):
            sign_in(client)
            found = client.post("/accounts/2fa/authenticate/", {"code": secured[1][0]})
            assert found.status_code == status
            client.post("/accounts/logout/")

    def test_cannot_be_guessed(self, client: Client, secured: tuple[str, list[str]]) -> None:
        sign_in(client)
        for _ in range(5):
            client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        page = client.post("/accounts/2fa/authenticate/", {"code": code(secured[0], 1)})
        assert "Too many wrong codes." in page.content.decode()

    def test_is_sealed_at_rest(self, secured: tuple[str, list[str]], settings: Any) -> None:
        stored = Authenticator.objects.get(type=Authenticator.Type.TOTP)
        assert secured[0] not in str(stored.data)
        old = settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [old]
        assert stored.wrap().validate_code(code(secured[0], 1))
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(sealing.Unreadable):
            stored.wrap().validate_code(code(secured[0]))

    def test_is_changed_only_by_whoever_just_signed_in(self, client: Client, ann: User) -> None:
        with time_machine.travel("2026-11-22T12:00:00Z", tick=False) as clock:
            sign_in(client)
            assert client.get(ACTIVATE).status_code == 200
            clock.shift(1000)
            assert client.get(ACTIVATE)["Location"].startswith("/accounts/reauthenticate/")
            client.post(f"/accounts/reauthenticate/?next={ACTIVATE}", {"password": PASSWORD})
            assert client.get(ACTIVATE).status_code == 200

    def test_is_removed_by_an_owner(
        self, client: Client, ann: User, secured: tuple[str, list[str]]
    ) -> None:
        boss = Client()
        enter(boss, person("boss", "owner"))
        place = f"/admin/auth/user/{ann.pk}/remove-second-factor/"
        assert "Remove it" in boss.get(place).content.decode()
        assert people.has_second_factor(ann)
        boss.post(place)
        assert not people.has_second_factor(ann)
        assert sign_in(client)["Location"] == "/accounts/"
        history = boss.get("/admin/auth/user/history/").content.decode()
        assert "second factor removed by somebody else" in history


class TestRequired:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Any) -> None:
        settings.PAWCHA_TWO_FACTOR = "required"

    def test_it_comes_before_anything_else(self, client: Client, ann: User) -> None:
        sign_in(client)
        for place in ("/admin/", "/admin/auth/user/", "/admin/auth/user/tokens/"):
            assert client.get(place)["Location"] == ACTIVATE
        assert "asks everybody for a second factor" in client.get(ACTIVATE).content.decode()
        set_up(client)
        assert client.get("/admin/auth/user/").status_code == 200

    def test_the_api_does_not_go_around_it(self, client: Client, ann: User) -> None:
        sign_in(client)
        answer = client.get("/api/v1/photos")
        assert (answer.status_code, answer.json()["error"]) == (403, "second_factor_needed")

    def test_one_can_sign_out(self, client: Client, ann: User) -> None:
        sign_in(client)
        client.post("/admin/logout/")
        assert client.get("/admin/").status_code == 302


def test_sealing_makes_another_text_each_time() -> None:
    one, two = (sealing.seal("secret", ["key"]) for _ in range(2))
    assert one != two
    assert sealing.unseal(one, ["new", "key"]) == "secret"
    with pytest.raises(sealing.Unreadable):
        sealing.unseal("never sealed", ["key"])
