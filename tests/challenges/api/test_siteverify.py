"""Redeeming a token: once, for its own site, while it lives."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from challenges import signing, state
from challenges.flows.sites import NewSite, add_secret
from challenges.models import Outcome, Site, SiteSecret
from tests.conftest import Visitor


@pytest.fixture
def token(stocked: NewSite, visitor: Visitor) -> str:
    """Return a token that nobody has redeemed."""
    return visitor.solve(stocked.site.sitekey)


def test_it_redeems_a_token_once(stocked: NewSite, visitor: Visitor, token: str) -> None:
    first = visitor.verify(stocked.secret, token)
    assert first.status_code == 200
    assert first["Content-Type"] == "application/json"
    assert first.json()["success"] is True
    again = visitor.verify(stocked.secret, token)
    assert again.json() == {"success": False, "error-codes": ["already-seen-response"]}


def test_it_redeems_once_without_redis_memory(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    assert visitor.verify(stocked.secret, token).json()["success"]
    state.client().flushdb()
    assert not visitor.verify(stocked.secret, token).json()["success"]


def test_a_token_lives_for_two_minutes(stocked: NewSite, visitor: Visitor, token: str) -> None:
    with time_machine.travel(timedelta(seconds=121)):
        late = visitor.verify(stocked.secret, token).json()
    assert late == {"success": False, "error-codes": ["expired-input-response"]}
    with time_machine.travel(timedelta(seconds=117)):
        assert visitor.verify(stocked.secret, token).json()["success"]


def test_another_sites_secret_does_not_use_a_token_up(
    stocked: NewSite, other_site: NewSite, visitor: Visitor, token: str
) -> None:
    theirs = visitor.verify(other_site.secret, token).json()
    assert theirs == {"success": False, "error-codes": ["invalid-input-response"]}
    assert visitor.verify(stocked.secret, token).json()["success"]


def test_a_wrong_sitekey_does_not_use_a_token_up(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    wrong = visitor.verify(stocked.secret, token, sitekey="another").json()
    assert wrong == {"success": False, "error-codes": ["sitekey-secret-mismatch"]}
    right = visitor.verify(stocked.secret, token, sitekey=stocked.site.sitekey).json()
    assert right["success"]


def test_it_refuses_what_was_never_a_token(stocked: NewSite, visitor: Visitor) -> None:
    for response in ("x", "a" * 118, signing.new_token("another key"), "é" * 118):
        reply = visitor.verify(stocked.secret, response).json()
        assert reply["error-codes"] == ["invalid-input-response"]


def test_it_tells_when_the_challenge_was_handed_out(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    told = visitor.verify(stocked.secret, token).json()
    issued = Outcome.objects.get().issued_at
    assert told["challenge_ts"] == issued.isoformat(timespec="seconds")
    assert told["hostname"] == "not-provided"


def test_two_secrets_are_valid_while_one_replaces_the_other(
    stocked: NewSite, visitor: Visitor
) -> None:
    new = add_secret(stocked.site)
    assert visitor.verify(new, visitor.solve(stocked.site.sitekey)).json()["success"]
    SiteSecret.objects.filter(digest=signing.digest(stocked.secret)).update(
        ends_at=timezone.now() - timedelta(seconds=1)
    )
    old = visitor.verify(stocked.secret, visitor.solve(stocked.site.sitekey)).json()
    assert old["error-codes"] == ["invalid-input-secret"]


def test_a_site_that_is_switched_off_redeems_nothing(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    Site.objects.update(active=False)
    reply = visitor.verify(stocked.secret, token).json()
    assert reply["error-codes"] == ["invalid-input-secret"]


def test_it_keeps_digests_only(stocked: NewSite, visitor: Visitor, token: str) -> None:
    outcome = Outcome.objects.get()
    assert outcome.token_digest == signing.digest(token)
    kept = json.dumps([list(Outcome.objects.values()), list(SiteSecret.objects.values())],
                      default=str)  # fmt: skip
    assert token not in kept
    assert stocked.secret not in kept
    assert token not in str(state.client().keys())


def test_it_redeems_without_redis(
    stocked: NewSite, visitor: Visitor, token: str, settings: Any
) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    state.reconnect()
    try:
        assert visitor.verify(stocked.secret, token).json()["success"]
        assert not visitor.verify(stocked.secret, token).json()["success"]
    finally:
        state.reconnect()
        settings.REDIS_URL = ""


def test_signing_keys_may_change_with_an_overlap(
    stocked: NewSite, visitor: Visitor, token: str, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key that nobody knows yet, long enough"
    assert visitor.verify(stocked.secret, token).json()["success"]


def test_another_site_does_not_learn_that_a_token_was_redeemed(
    stocked: NewSite, other_site: NewSite, visitor: Visitor, token: str
) -> None:
    visitor.verify(stocked.secret, token)
    theirs = visitor.verify(other_site.secret, token).json()
    assert theirs["error-codes"] == ["invalid-input-response"]
