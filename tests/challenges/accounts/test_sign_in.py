"""Signing in: the right person gets in, whoever guesses does not, and nothing goes around it."""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import ip_network

import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory, override_settings
from django.urls import NoReverseMatch, reverse

from challenges import state
from challenges.accounts.adapters import AccountAdapter
from challenges.flows import people, tries
from challenges.state import base
from tests.people import PASSWORD, SIGN_IN, cookie, person

HOME = "203.0.113.7"
AWAY = "198.51.100.66"


@pytest.fixture
def ann(db: None) -> User:
    """Return an owner."""
    return person("ann", "owner")


def sign_in(client: Client, name: str = "ann", password: str = PASSWORD, **at: str) -> int:
    """Send the form; return the status: 302 is in, 200 is not."""
    sent = {"login": name, "password": password}
    return client.post(SIGN_IN, sent, **({"REMOTE_ADDR": HOME} | at)).status_code  # type: ignore[arg-type]


def watch(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Let no password be right, and return the list that grows with each that is looked at."""
    looked_at: list[str] = []

    def look(_person: User, password: str) -> bool:
        looked_at.append(password)
        return False

    monkeypatch.setattr(User, name, look)
    return looked_at


def guess(address: str) -> None:
    """Try a wrong password, as the form does it, without drawing the page."""
    request = RequestFactory().post(SIGN_IN, REMOTE_ADDR=address)
    with suppress(ValidationError):
        AccountAdapter(request).authenticate(request, username="ann", password="wrong")


class TestTheDoor:
    @pytest.mark.parametrize("name", ["ann", "ann@shelter.example.org", "ANN@shelter.example.org"])
    def test_opens_with_name_or_address(self, client: Client, ann: User, name: str) -> None:
        assert sign_in(client, name) == 302
        assert client.get("/admin/").status_code == 200

    def test_stays_shut_for_a_wrong_password(self, client: Client, ann: User) -> None:
        page = client.post(SIGN_IN, {"login": "ann", "password": "wrong"}).content.decode()
        assert "This name and this password do not belong together." in page
        assert client.get("/admin/").status_code == 302

    def test_says_the_same_of_names_that_nobody_has(self, client: Client, ann: User) -> None:
        found = [
            client.post(SIGN_IN, {"login": name, "password": "wrong"}).content.decode()
            for name in ("ann", "bob")
        ]
        assert re.findall(r'role="alert">.*<', found[0]) == re.findall(
            r'role="alert">.*<', found[1]
        )

    def test_stays_shut_for_people_who_are_switched_off(self, client: Client, ann: User) -> None:
        User.objects.update(is_active=False)
        sign_in(client)
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize("path", ["/admin/", "/admin/challenges/photo/", "/admin/login/"])
    def test_is_the_only_one(self, client: Client, ann: User, path: str) -> None:
        found = client.get(path, follow=True)
        assert found.redirect_chain[-1][0].startswith(SIGN_IN)
        around = client.post("/admin/login/", {"username": "ann", "password": PASSWORD})
        assert around["Location"] == SIGN_IN
        assert client.get("/admin/").status_code == 302

    def test_leads_back_to_where_one_was(self, client: Client, ann: User) -> None:
        page = client.get("/admin/challenges/photo/", follow=True)
        back = page.redirect_chain[-1][0]
        assert back == f"{SIGN_IN}?next=%2Fadmin%2Fchallenges%2Fphoto%2F"
        said = {"login": "ann", "password": PASSWORD, "next": "/admin/challenges/photo/"}
        assert client.post(SIGN_IN, said)["Location"] == "/admin/challenges/photo/"

    def test_leads_nowhere_else(self, client: Client, ann: User) -> None:
        said = {"login": "ann", "password": PASSWORD, "next": "https://evil.example.org/"}
        assert client.post(SIGN_IN, said)["Location"] == "/accounts/"

    @pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
    def test_has_nothing_beside_it(self, client: Client, db: None, name: str) -> None:
        with pytest.raises(NoReverseMatch):
            reverse(name)
        assert client.get("/accounts/signup/").status_code == 404

    def test_gives_a_new_session(self, client: Client, ann: User) -> None:
        session = client.session
        session["before"] = "here"
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
        sign_in(client)
        assert cookie(client) != session.session_key
        assert not Session.objects.filter(pk=session.session_key).exists()

    def test_ends_with_the_browser_unless_asked_to_stay(self, client: Client, ann: User) -> None:
        sign_in(client)
        assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ""
        client.post("/accounts/logout/")
        client.post(SIGN_IN, {"login": "ann", "password": PASSWORD, "remember": "on"})
        kept = client.cookies[settings.SESSION_COOKIE_NAME]
        assert (kept["max-age"], kept["httponly"], kept["samesite"]) == (7 * 86_400, True, "Lax")

    def test_closes_behind_one(self, client: Client, ann: User) -> None:
        sign_in(client)
        assert client.post("/accounts/logout/")["Location"] == SIGN_IN
        assert client.get("/admin/").status_code == 302
        sign_in(client)
        client.post("/admin/logout/")
        assert client.get("/admin/").status_code == 302


class TestHomes:
    @pytest.mark.parametrize(
        ("groups", "name"),
        [
            (("owner",), "admin:index"),
            (("analyst",), "admin:index"),
            (("reviewer",), "admin:challenges_label_queue"),
            (("uploader",), "admin:challenges_batch_upload"),
            (("reviewer", "uploader"), "admin:challenges_label_queue"),
            (("owner", "uploader"), "admin:index"),
        ],
    )
    def test_each_lands_where_work_waits(
        self, client: Client, db: None, groups: tuple[str, ...], name: str
    ) -> None:
        person("bea", *groups)
        landed = client.post(SIGN_IN, {"login": "bea", "password": PASSWORD}, follow=True)
        assert landed.redirect_chain[-1][0] == reverse(name)

    def test_who_is_in_no_group_is_told_so(self, client: Client, db: None) -> None:
        person("cem")
        page = client.post(SIGN_IN, {"login": "cem", "password": PASSWORD}, follow=True)
        assert page.status_code == 403
        assert "you are in no group yet" in page.content.decode()


class TestGuessing:
    def test_a_thousand_wrong_passwords_from_one_network(
        self, client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked_at = watch(monkeypatch, "check_password")
        for number in range(1000):
            guess(f"203.0.113.{number % 250}")
        # Five at once, and one a minute: however long a slow machine takes for a thousand.
        assert 5 <= len(looked_at) <= 8
        monkeypatch.undo()
        assert sign_in(client) == 200, "this network waits, even with the right password"
        assert sign_in(client, REMOTE_ADDR=AWAY) == 302, "from elsewhere the right person gets in"

    def test_a_thousand_wrong_passwords_from_a_thousand_networks(
        self, client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody who signed in on this computer before is not locked out by strangers."""
        assert sign_in(client, REMOTE_ADDR=AWAY) == 302
        client.post("/accounts/logout/")
        looked_at = watch(monkeypatch, "check_password")
        for number in range(1000):
            guess(f"10.{number // 250}.{number % 250}.1")
        assert 50 <= len(looked_at) <= 52
        monkeypatch.undo()
        assert sign_in(Client(), REMOTE_ADDR=AWAY) == 200, "a computer that nobody knows waits"
        assert sign_in(client, REMOTE_ADDR=AWAY) == 302, "one that is known does not"

    def test_many_accounts_from_one_network_share_their_tries(
        self, client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Of names that nobody has it is looked at, too: that takes as long.
        looked_at = watch(monkeypatch, "set_password")
        for number in range(40):
            sign_in(client, name=f"nobody-{number}", HTTP_ACCEPT="application/json")
        assert 20 <= len(looked_at) <= 24

    def test_the_wait_is_told(self, client: Client, ann: User) -> None:
        for _ in range(5):
            sign_in(client, password="wrong")
        page = client.post(SIGN_IN, {"login": "ann", "password": "w"}, REMOTE_ADDR=HOME)
        assert re.search(
            r"Too many wrong passwords\. Please wait \d+ seconds", page.content.decode()
        )

    def test_right_passwords_cost_no_tries(self, client: Client, ann: User) -> None:
        for _ in range(8):
            assert sign_in(client) == 302
            client.post("/accounts/logout/")

    def test_name_and_address_are_one_account(self, client: Client, ann: User) -> None:
        for name in ("ann", "Ann", "ann@shelter.example.org", "ANN", "aNN"):
            sign_in(client, name=name, password="wrong")
        assert sign_in(client) == 200

    def test_a_header_does_not_make_another_network(self, client: Client, ann: User) -> None:
        for number in range(6):
            sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}, {AWAY}")
        assert sign_in(client) == 200

    def test_a_listed_proxy_tells_the_address(self, client: Client, ann: User) -> None:
        with override_settings(TRUSTED_PROXIES=[ip_network("10.0.0.0/8")]):
            for _ in range(6):
                sign_in(client, password="wrong", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=HOME)
            assert sign_in(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=AWAY) == 302
            client.post("/accounts/logout/")
            client.cookies.clear()
            assert sign_in(client, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=HOME) == 200

    def test_another_s_cookie_makes_no_computer_known(self, ann: User) -> None:
        bob = person("bob", "owner")
        assert tries.is_known(tries.known_cookie(ann), ann)
        assert not tries.is_known(tries.known_cookie(bob), ann)
        assert not tries.is_known("forged", ann)

    def test_without_redis_nobody_gets_in_and_is_told_so(
        self, client: Client, ann: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gone = redis.Redis(host="127.0.0.1", port=1, decode_responses=True)
        state.reconnect()
        with monkeypatch.context() as patched:
            patched.setattr(base, "client", lambda: gone)
            page = client.post(SIGN_IN, {"login": "ann", "password": PASSWORD})
        state.reconnect()
        assert page.status_code == 503
        assert page["Retry-After"] == "5"
        assert "Nobody can sign in right now" in page.content.decode()
        assert client.get("/admin/").status_code == 302


def test_a_form_that_is_stale_is_explained(ann: User) -> None:
    page = Client(enforce_csrf_checks=True).post(SIGN_IN, {"login": "ann"})
    assert page.status_code == 403
    assert "load the page again, and send it once more" in page.content.decode()


class TestFirstPassword:
    def test_a_link_works_once(self, client: Client, db: None) -> None:
        new = User.objects.create_user("dora")
        link = people.password_link(new)
        place = reverse("account_first_password", args=[link.who, link.token])
        page = client.get(place, follow=True)
        assert link.token not in page.request["PATH_INFO"], "no log and no referrer has it"
        assert "You sign in as <strong>dora</strong>" in page.content.decode()
        said = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        assert client.post(page.request["PATH_INFO"], said)["Location"] == SIGN_IN
        new.refresh_from_db()
        assert new.check_password(PASSWORD)
        again = Client().get(place, follow=True).content.decode()
        assert "This link no longer works" in again

    def test_a_weak_password_is_explained(self, client: Client, db: None) -> None:
        link = people.password_link(User.objects.create_user("dora"))
        place = reverse("account_first_password", args=[link.who, link.token])
        page = client.get(place, follow=True)
        said = {"new_password1": "12345", "new_password2": "12345"}
        assert "too short" in client.post(page.request["PATH_INFO"], said).content.decode()

    def test_a_forged_link_does_not(self, client: Client, ann: User) -> None:
        link = people.password_link(ann)
        place = reverse("account_first_password", args=[link.who, "abc-def"])
        assert "This link no longer works" in client.get(place, follow=True).content.decode()


class TestChangingThePassword:
    def test_needs_the_old_one(self, client: Client, ann: User) -> None:
        sign_in(client)
        new = "another long password"
        said = {"oldpassword": "wrong", "password1": new, "password2": new}
        page = client.post("/accounts/password/change/", said)
        assert "This is not your password" in page.content.decode()
        client.post("/accounts/password/change/", said | {"oldpassword": PASSWORD})
        ann.refresh_from_db()
        assert ann.check_password(new)
        assert client.get("/admin/").status_code == 200

    def test_the_admin_s_own_page_leads_there(self, client: Client, ann: User) -> None:
        sign_in(client)
        found = client.get("/admin/password_change/")
        assert found["Location"] == "/accounts/password/change/"

    def test_nobody_guesses_the_old_one_in_an_open_session(self, client: Client, ann: User) -> None:
        sign_in(client)
        new = "another long password"
        said = {"oldpassword": "wrong", "password1": new, "password2": new}
        found = [client.post("/accounts/password/change/", said).status_code for _ in range(7)]
        assert found[-1] == 429
