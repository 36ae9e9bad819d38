"""Who tries secrets that nobody has is slowed down; who has one never is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from challenges import state
from challenges.flows.sites import NewSite
from tests.challenges.api.test_verify_requests import EVERYWHERE
from tests.conftest import Visitor

BURST = 30


@pytest.fixture
def now(db: None) -> Iterator[time_machine.Traveller]:
    """Stop the clock, so that no try comes back meanwhile."""
    with time_machine.travel(1_800_000_000, tick=False) as traveller:
        yield traveller


def guess(visitor: Visitor, place: str = "/siteverify") -> Any:
    """Try a secret that nobody has."""
    return visitor.post(place, {"secret": "guess", "response": "x"})


@EVERYWHERE
def test_guessing_ends_with_429_and_the_wait(now: Any, bot: Visitor, place: str) -> None:
    assert [guess(bot, place).status_code for _ in range(BURST)] == [200] * BURST
    late = guess(bot, place)
    assert (late.status_code, late["Retry-After"]) == (429, "6")
    assert late.json() == {"success": False, "error-codes": ["invalid-input-secret"]}


def test_tries_come_back_ten_a_minute(now: time_machine.Traveller, bot: Visitor) -> None:
    for _ in range(BURST):
        guess(bot)
    now.shift(timedelta(seconds=60))
    assert [guess(bot).status_code for _ in range(11)] == [200] * 10 + [429]


def test_a_neighbour_shares_the_tries_and_others_do_not(
    now: Any, bot: Visitor, visitor: Visitor
) -> None:
    for _ in range(BURST):
        guess(bot)
    assert guess(Visitor("198.51.100.1")).status_code == 429
    assert guess(visitor).status_code == 200


def test_a_known_secret_is_never_limited(now: Any, stocked: NewSite, visitor: Visitor) -> None:
    tokens = [visitor.solve(stocked.site.sitekey) for _ in range(2)]
    for _ in range(BURST + 1):
        guess(visitor)
    for _ in range(3 * BURST):
        assert visitor.verify(stocked.secret, "x").status_code == 200
    assert all(visitor.verify(stocked.secret, token).json()["success"] for token in tokens)


def test_a_request_without_a_secret_costs_nothing(now: Any, visitor: Visitor) -> None:
    for _ in range(BURST + 1):
        assert visitor.post("/siteverify", {"response": "x"}).status_code == 200
    assert guess(visitor).status_code == 200


def test_without_redis_nobody_is_limited(db: None, bot: Visitor, settings: Any) -> None:
    settings.PAWCHA = settings.PAWCHA | {"UNKNOWN_SECRET_BURST": 1}
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    state.reconnect()
    try:
        assert [guess(bot).status_code for _ in range(3)] == [200] * 3
    finally:
        state.reconnect()


def test_those_without_a_readable_address_share_their_tries(now: Any) -> None:
    nobody = Visitor("")
    assert [guess(nobody).status_code for _ in range(BURST + 1)] == [200] * BURST + [429]
