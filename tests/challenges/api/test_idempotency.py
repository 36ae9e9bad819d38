"""A client whose connection broke may ask again with the same idempotency key, and nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection

from challenges import state
from challenges.flows.sites import NewSite
from challenges.flows.siteverify import redeem
from challenges.models import Outcome
from challenges.verdicts import Solved
from tests.challenges.api.test_verify_requests import EVERYWHERE, OURS
from tests.conftest import Visitor

KEY = "6f3b2c1a-0d4e-4f5a-8b6c-7d8e9f0a1b2c"
OTHER_KEY = "00000000-0000-4000-8000-000000000001"
THREADS = 16


@pytest.fixture
def token(stocked: NewSite, visitor: Visitor) -> str:
    """Return a token that nobody has redeemed."""
    return visitor.solve(stocked.site.sitekey)


def verify(visitor: Visitor, site: NewSite, token: str, key: Any = None, place: str = OURS) -> Any:
    """Verify the token, with a key or without, and return the reply."""
    sent = {"secret": site.secret, "response": token}
    if key is not None:
        sent["idempotency_key"] = key
    return visitor.post(place, sent, format="json").json()


@EVERYWHERE
def test_the_same_key_gets_the_same_answer_again(
    stocked: NewSite, visitor: Visitor, token: str, place: str
) -> None:
    first = verify(visitor, stocked, token, KEY, place)
    redeemed_at = Outcome.objects.get().redeemed_at
    assert first["success"] is True
    assert verify(visitor, stocked, token, KEY, place) == first
    assert Outcome.objects.get().redeemed_at == redeemed_at


@pytest.mark.parametrize("spelling", [KEY.upper(), KEY.replace("-", ""), f" {KEY} "])
def test_a_key_may_be_spelt_differently(
    stocked: NewSite, visitor: Visitor, token: str, spelling: str
) -> None:
    assert verify(visitor, stocked, token, spelling)["success"]
    assert verify(visitor, stocked, token, KEY)["success"]


def test_another_key_or_none_does_not_get_in(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    assert verify(visitor, stocked, token, KEY)["success"]
    assert not verify(visitor, stocked, token, OTHER_KEY)["success"]
    assert not verify(visitor, stocked, token)["success"]
    assert verify(visitor, stocked, token, KEY)["success"]


def test_a_key_does_not_help_after_a_redeem_without_one(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    assert verify(visitor, stocked, token)["success"]
    refused = verify(visitor, stocked, token, KEY)
    assert refused == {"success": False, "error-codes": ["already-seen-response"]}


def test_one_key_serves_one_token_at_a_time(stocked: NewSite, visitor: Visitor, token: str) -> None:
    another = visitor.solve(stocked.site.sitekey)
    assert verify(visitor, stocked, token, KEY)["success"]
    assert verify(visitor, stocked, another, KEY)["success"]
    assert not verify(visitor, stocked, another, OTHER_KEY)["success"]


def test_a_key_is_worth_nothing_to_another_site(
    stocked: NewSite, other_site: NewSite, visitor: Visitor, token: str
) -> None:
    assert verify(visitor, stocked, token, KEY)["success"]
    theirs = verify(visitor, other_site, token, KEY)
    assert theirs == {"success": False, "error-codes": ["invalid-input-response"]}


def test_a_key_does_not_make_a_token_live_longer(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    assert verify(visitor, stocked, token, KEY)["success"]
    with time_machine.travel(timedelta(seconds=121)):
        assert not verify(visitor, stocked, token, KEY)["success"]


@pytest.mark.parametrize("key", ["", "1", "retry", "x" * 10_000, "\0", 7, ["a"], {"a": 1}, True])
def test_what_is_no_uuid_is_no_key(
    stocked: NewSite, visitor: Visitor, token: str, key: Any
) -> None:
    assert verify(visitor, stocked, token, key)["success"]
    assert not verify(visitor, stocked, token, key)["success"]


def test_a_key_works_with_and_without_what_redis_remembers(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    assert verify(visitor, stocked, token, KEY)["success"]
    assert state.client().keys("pawcha:spent:*")
    assert verify(visitor, stocked, token, KEY)["success"]
    state.client().flushdb()
    assert verify(visitor, stocked, token, KEY)["success"]
    assert not verify(visitor, stocked, token, OTHER_KEY)["success"]
    assert not verify(visitor, stocked, token)["success"]


def redeem_at_once(site: NewSite, token: str, keys: list[str]) -> list[str]:
    """Redeem in as many threads, each with a connection of its own; return the keys let in."""

    def one(key: str) -> str | None:
        try:
            return key if isinstance(redeem(site.site, token, key), Solved) else None
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return [key for key in threads.map(one, keys) if key is not None]


def make_new() -> None:
    """Let the token be one that nobody has redeemed."""
    Outcome.objects.update(redeemed_at=None, redeem_key="")
    state.client().flushdb()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_many_keys_one_wins_and_may_come_again(
        self, stocked: NewSite, visitor: Visitor
    ) -> None:
        token = visitor.solve(stocked.site.sitekey)
        for _ in range(5):
            keys = [str(uuid4()) for _ in range(THREADS)]
            (winner,) = redeem_at_once(stocked, token, keys)
            assert redeem_at_once(stocked, token, keys * 2) == [winner, winner]
            assert Outcome.objects.get().redeem_key == winner
            make_new()

    def test_all_with_one_key_get_in(self, stocked: NewSite, visitor: Visitor) -> None:
        token = visitor.solve(stocked.site.sitekey)
        assert len(redeem_at_once(stocked, token, [KEY] * THREADS)) == THREADS

    def test_those_with_a_key_and_one_without_do_not_both_get_in(
        self, stocked: NewSite, visitor: Visitor
    ) -> None:
        token = visitor.solve(stocked.site.sitekey)
        for _ in range(5):
            let_in = redeem_at_once(stocked, token, ["", KEY] * (THREADS // 2))
            assert let_in == [""] or set(let_in) == {KEY}
            make_new()
