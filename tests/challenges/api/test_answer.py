"""POST /api/v1/challenges/{id}/answer"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.conf import LazySettings
from django.db import OperationalError

from challenges import state
from challenges.flows import sweep
from challenges.flows.sites import NewSite
from challenges.models import Outcome
from challenges.signing import digest
from tests.conftest import Visitor, cats_of, outcome_of


@pytest.fixture
def challenge(stocked: NewSite, visitor: Visitor) -> str:
    """Return the id of an open challenge."""
    return str(visitor.ask(stocked.site.sitekey).json()["id"])


def wrong(challenge: str) -> list[int]:
    """Return picks that differ from the answer in one picture."""
    cats = cats_of(challenge)
    return cats[1:] or [*cats, (cats[0] + 1) % 12]


def test_it_gives_a_token_for_exactly_the_cats(visitor: Visitor, challenge: str) -> None:
    reply = visitor.answer(challenge, cats_of(challenge))
    assert reply.status_code == 200
    assert set(reply.json()) == {"token", "expires_at", "adopt"}
    assert reply["Cache-Control"] == "no-store"
    outcome = outcome_of(challenge)
    assert outcome.state == Outcome.State.PASSED
    assert outcome.token_digest == digest(reply.json()["token"])


def test_the_order_of_the_picks_does_not_matter(visitor: Visitor, challenge: str) -> None:
    assert visitor.answer(challenge, cats_of(challenge)[::-1]).status_code == 200


def test_it_refuses_a_wrong_answer_with_a_sentence(visitor: Visitor, challenge: str) -> None:
    reply = visitor.answer(challenge, wrong(challenge))
    assert reply.status_code == 422
    assert reply.json() == {
        "error": "wrong_answer",
        "message": "Not quite: please try these new pictures.",
    }
    outcome = outcome_of(challenge)
    assert (outcome.state, outcome.token_digest) == (Outcome.State.FAILED, None)


@pytest.mark.parametrize("first_right", [True, False])
def test_it_takes_one_answer(visitor: Visitor, challenge: str, *, first_right: bool) -> None:
    visitor.answer(challenge, cats_of(challenge) if first_right else wrong(challenge))
    reply = visitor.answer(challenge, cats_of(challenge))
    assert (reply.status_code, reply.json()["error"]) == (409, "already_answered")


def test_it_takes_no_answer_after_two_minutes(visitor: Visitor, challenge: str) -> None:
    with time_machine.travel(timedelta(seconds=121)):
        reply = visitor.answer(challenge, cats_of(challenge))
    assert (reply.status_code, reply.json()["error"]) == (410, "challenge_expired")
    assert outcome_of(challenge).state == Outcome.State.OPEN


def test_it_takes_an_answer_just_in_time(visitor: Visitor, challenge: str) -> None:
    with time_machine.travel(timedelta(seconds=118)):
        assert visitor.answer(challenge, cats_of(challenge)).status_code == 200


@pytest.mark.parametrize("picks", [[], None, "0", [99], [1, 1], [[1]], {"a": 1}, [0.5]])
def test_malformed_picks_leave_the_challenge_open(
    visitor: Visitor, challenge: str, picks: Any
) -> None:
    reply = visitor.answer(challenge, picks)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_picks")
    assert visitor.answer(challenge, cats_of(challenge)).status_code == 200


@pytest.mark.parametrize("sent", ["{", "[]", "[[0]]", '"picks"', ""])
def test_a_malformed_body_leaves_the_challenge_open(
    visitor: Visitor, challenge: str, sent: str
) -> None:
    path = f"/api/v1/challenges/{challenge}/answer"
    reply = visitor.post(path, sent, content_type="application/json")
    assert reply.status_code == 400
    assert visitor.answer(challenge, cats_of(challenge)).status_code == 200


def test_nobody_answers_a_challenge_that_is_not_there(visitor: Visitor, challenge: str) -> None:
    reply = visitor.answer("a" * 32, [0])
    assert (reply.status_code, reply.json()["error"]) == (404, "unknown_challenge")


def test_it_limits_how_often_an_address_prefix_answers(
    stocked: NewSite, bot: Visitor, challenge: str, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "PREFIX_BURST": 1, "PREFIX_PER_MINUTE": 1}
    bot.answer(challenge, wrong(challenge))
    other = Visitor("192.0.2.1").ask(stocked.site.sitekey).json()["id"]
    reply = bot.answer(other, cats_of(other))
    assert (reply.status_code, reply.json()["error"]) == (429, "too_many_requests")
    assert Visitor("192.0.2.1").answer(other, cats_of(other)).status_code == 200


def test_a_challenge_that_redis_forgot_is_refused_not_passed(
    visitor: Visitor, challenge: str
) -> None:
    cats = cats_of(challenge)
    state.client().flushdb()
    assert visitor.answer(challenge, cats).status_code == 404


def test_an_old_snapshot_of_redis_does_not_reopen_a_challenge(
    visitor: Visitor, challenge: str
) -> None:
    opened = state.peek(challenge)
    visitor.answer(challenge, cats_of(challenge))
    state.open_challenge(opened)  # As if Redis had come back from before the answer.
    reply = visitor.answer(challenge, cats_of(challenge))
    assert (reply.status_code, reply.json()["error"]) == (409, "already_answered")


def test_it_asks_the_database_for_one_update_and_one_look(
    visitor: Visitor, challenge: str, django_assert_num_queries: Any
) -> None:
    cats = cats_of(challenge)
    # savepoint, SET LOCAL, UPDATE, release; and who of the pictures looks for a home
    with django_assert_num_queries(5):
        visitor.answer(challenge, cats)


def test_a_late_answer_is_told_so_before_and_after_it_was_filed(
    visitor: Visitor, challenge: str
) -> None:
    cats = cats_of(challenge)
    with time_machine.travel(timedelta(seconds=125)):
        before = visitor.answer(challenge, cats)
        sweep.close_overdue()
        after = visitor.answer(challenge, cats)
    assert [reply.json()["error"] for reply in (before, after)] == ["challenge_expired"] * 2


def test_an_answer_that_could_not_be_recorded_may_be_given_again(
    visitor: Visitor, challenge: str
) -> None:
    cats = cats_of(challenge)
    with patch("challenges.flows.answer.close", side_effect=OperationalError("gone")):
        reply = visitor.answer(challenge, cats)
    assert (reply.status_code, reply.json()["error"]) == (503, "unavailable")
    assert visitor.answer(challenge, cats).status_code == 200
