"""API tokens: shown once, as able as their person, ended by a button, by time, or with them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from rest_framework.test import APIClient

from challenges.flows import tokens
from challenges.models import ApiToken
from tests.people import PASSWORD, SIGN_IN, person, sign_in

TOKENS = "/admin/auth/user/tokens/"
CALL = "/api/v1/photos"


@pytest.fixture
def rea(db: None) -> User:
    """Return a reviewer."""
    return person("rea", "reviewer")


def call(text: str, **at: Any) -> Any:
    """Call the API with a token."""
    return APIClient().get(CALL, HTTP_AUTHORIZATION=f"Token {text}", **at)


def test_a_token_is_made_shown_once_and_ended(client: Client, rea: User) -> None:
    sign_in(client, rea)
    page = client.post(TOKENS, {"name": "Nightly script", "life": "365"}).content.decode()
    found = re.search(r'value="(pawcha_\w+)"', page)
    assert found
    assert call(found[1]).status_code == 200
    again = client.get(TOKENS).content.decode()
    assert "Nightly script" in again
    assert found[1] not in again
    assert found[1] not in str(ApiToken.objects.values())
    client.post(TOKENS, {"end": ApiToken.objects.get().token_key})
    assert call(found[1]).status_code == 401


def test_nobody_ends_the_token_of_another(client: Client, rea: User) -> None:
    made = tokens.make(rea, "script", None)
    client.force_login(person("uli", "uploader"))
    client.post(TOKENS, {"end": made.token.token_key})
    assert call(made.text).status_code == 200


def test_a_token_without_a_name_is_explained(client: Client, rea: User) -> None:
    sign_in(client, rea)
    page = client.post(TOKENS, {"name": " "}).content.decode()
    assert "Give the token a name: what will use it?" in page


def test_a_person_has_so_many_at_most(rea: User) -> None:
    for number in range(tokens.MOST):
        tokens.make(rea, f"script {number}", None)
    with pytest.raises(ValidationError, match="End one that you no longer use first"):
        tokens.make(rea, "one more", None)


@pytest.mark.parametrize(("life", "after", "works"), [("30", 31, 401), ("never", 400, 200)])
def test_a_token_ends_when_it_should(rea: User, life: str, after: int, works: int) -> None:
    made = tokens.make(rea, "script", tokens.LIVES[life])
    with time_machine.travel(made.token.created + timedelta(days=after)):
        assert call(made.text).status_code == works


def test_a_token_may_what_its_person_may(rea: User) -> None:
    made = tokens.make(rea, "script", None)
    rea.groups.clear()
    answer = call(made.text)
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    User.objects.update(is_active=False)
    answer = call(made.text)
    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed_in")


def test_who_is_not_signed_in_is_told_how(db: None) -> None:
    answer = APIClient().get(CALL)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Token realm="Pawcha"'
    assert answer.json() == {
        "error": "not_signed_in",
        "message": "Sign in to the admin, or send an API token: Authorization: Token pawcha_...",
    }


@pytest.mark.parametrize("text", ["wrong", "", "two words", "p\u00e4wcha"])
def test_a_bad_token_is_explained(db: None, text: str) -> None:
    answer = call(text)
    assert answer.status_code == 401
    assert "This API token is not valid" in answer.json()["message"]


def test_bad_tokens_are_counted_for_each_network(rea: User, settings: Any) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "UNKNOWN_SECRET_BURST": 3}
    found = [call("wrong", REMOTE_ADDR="198.51.100.66").status_code for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]
    good = tokens.make(rea, "script", None).text
    assert call(good, REMOTE_ADDR="198.51.100.66").status_code == 200


def test_the_session_of_the_admin_needs_its_csrf_token(rea: User) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client, rea)
    assert client.get(CALL).status_code == 200
    answer = client.post("/api/v1/photos/1/retire")
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert "does not come from a page of the admin" in answer.json()["message"]


def test_the_last_use_is_known(rea: User) -> None:
    made = tokens.make(rea, "script", None)
    call(made.text)
    made.token.refresh_from_db()
    assert made.token.used_at is not None


def test_a_token_does_not_open_the_admin(client: Client, rea: User) -> None:
    made = tokens.make(rea, "script", None)
    page = client.get("/admin/", HTTP_AUTHORIZATION=f"Token {made.text}")
    assert page["Location"].startswith("/admin/login/")
    assert client.post(SIGN_IN, {"login": "rea", "password": PASSWORD}).status_code == 302
