"""A serializer that takes a token."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pytest_django import Settings
from rest_framework import serializers

from challenges.integration import testing
from challenges.integration.serializers import PawchaTokenField
from tests.wire import Wire, breaks, refuses, says

SENT = {"email": "ada@example.org", "pawcha": "a-token"}


class SignUp(serializers.Serializer[Any]):
    """Who wants the newsletter."""

    pawcha = PawchaTokenField(action="signup")
    email = serializers.EmailField()

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse one address, after the token."""
        if values.get("email") == "taken@example.org":
            raise serializers.ValidationError("Taken.")
        return values


def yes(action: str = "signup") -> dict[str, Any]:
    """Return the reply for a good token."""
    return {"success": True, "action": action}


def test_it_redeems_the_token_and_leaves_nothing_in_the_data(wire: Wire) -> None:
    wire.answer = says(yes())
    form = SignUp(data=SENT)
    assert form.is_valid()
    assert form.validated_data == {"email": "ada@example.org"}
    (sent,) = wire.forms
    assert (sent["secret"], sent["response"]) == ("the-secret", "a-token")


def test_what_pawcha_said_can_be_looked_up(wire: Wire) -> None:
    wire.answer = says(yes())
    form = SignUp(data=SENT)
    form.is_valid()
    field = form.fields["pawcha"]
    assert isinstance(field, PawchaTokenField)
    assert field.verdict is not None
    assert field.verdict.action == "signup"


@pytest.mark.parametrize("token", [None, "", " ", ..., ["a"], {}])
def test_it_asks_for_the_token(wire: Wire, token: Any) -> None:
    data = {"email": "ada@example.org"} | ({} if token is ... else {"pawcha": token})
    form = SignUp(data=data)
    assert not form.is_valid()
    assert list(form.errors) == ["pawcha"]
    assert wire.requests == []


def test_a_partial_update_needs_a_token_too(wire: Wire) -> None:
    form = SignUp(data={"email": "ada@example.org"}, partial=True)
    assert not form.is_valid()
    assert form.errors["pawcha"] == ["Please pick the cats first."]


def test_a_mistake_in_any_field_costs_no_token(wire: Wire) -> None:
    form = SignUp(data={**SENT, "email": "nonsense"})
    assert not form.is_valid()
    assert list(form.errors) == ["email"]
    assert wire.requests == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refuses("timeout-or-duplicate"), "expired"),
        (refuses("invalid-input-response"), "refused"),
        (says(yes("login")), "refused"),
        (breaks(httpx.ConnectError), "unavailable"),
    ],
)
def test_it_says_no_with_a_code(wire: Wire, answer: Any, code: str) -> None:
    wire.answer = answer
    form = SignUp(data=SENT)
    assert not form.is_valid()
    (detail,) = form.errors["pawcha"]
    assert detail.code == code


def test_a_token_of_one_request_is_not_another_ones(wire: Wire) -> None:
    wire.answer = says(yes())
    assert SignUp(data=SENT).is_valid()
    assert not SignUp(data={"email": "ada@example.org"}).is_valid()
    assert len(wire.requests) == 1


def test_each_of_many_needs_a_token_of_its_own(wire: Wire) -> None:
    wire.answer = says(yes())
    form = SignUp(data=[SENT, {**SENT, "pawcha": "b-token"}, {"email": "c@d.example"}], many=True)
    assert not form.is_valid()
    assert [sent["response"] for sent in wire.forms] == ["a-token", "b-token"]
    assert form.errors == {2: {"pawcha": ["Please pick the cats first."]}}


def test_it_is_never_shown() -> None:
    assert SignUp({"email": "ada@example.org", "pawcha": "a-token"}).data == {
        "email": "ada@example.org"
    }


def test_tests_need_no_pawcha(settings: Settings, wire: Wire) -> None:
    settings.PAWCHA_TESTING = True
    assert SignUp(data={**SENT, "pawcha": testing.TOKEN}).is_valid()
    assert not SignUp(data=SENT).is_valid()
    assert wire.requests == []
