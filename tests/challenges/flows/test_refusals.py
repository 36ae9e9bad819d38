"""What is refused is counted by site, once."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from challenges import state
from challenges.flows import refusals
from challenges.flows.sites import NewSite
from challenges.models import Refusal
from challenges.state import tally
from tests.conftest import Visitor, cats_of


def counts() -> dict[tuple[str, str], int]:
    """Return what PostgreSQL knows after a worker took the counts over."""
    refusals.take_over()
    rows = Refusal.objects.filter(span="hour")
    return {(row.door, row.code): row.number for row in rows}


def test_each_door_counts_its_refusals(stocked: NewSite, visitor: Visitor) -> None:
    key = stocked.site.sitekey
    visitor.ask(key, host="https://elsewhere.example")
    visitor.ask(key, dialect="x" * 21)
    visitor.ask("nobody's key")
    challenge = visitor.ask(key).json()["id"]
    visitor.answer(challenge, [])
    token = visitor.answer(challenge, cats_of(challenge)).json()["token"]
    visitor.answer(challenge, [0])
    for _ in range(3):
        visitor.verify(stocked.secret, token)
    visitor.verify(stocked.secret, "no token", sitekey="another")
    assert counts() == {
        ("issue", "host_not_allowed"): 1,
        ("issue", "invalid_request"): 1,
        ("answer", "invalid_picks"): 1,
        ("answer", "already_answered"): 1,
        ("verify", "redeemed"): 2,
        ("verify", "other_sitekey"): 1,
    }


def test_a_wrong_answer_is_no_refusal(stocked: NewSite, visitor: Visitor) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    right = cats_of(challenge)
    assert visitor.answer(challenge, [p for p in range(12) if p not in right]).status_code == 422
    assert counts() == {}


def test_a_refusal_is_refused_even_when_it_cannot_be_counted(
    stocked: NewSite, visitor: Visitor
) -> None:
    with patch("challenges.state.tally.client", side_effect=state.Unreachable("away")):
        reply = visitor.ask(stocked.site.sitekey, host="https://elsewhere.example")
    assert reply.json()["error"] == "host_not_allowed"


@pytest.mark.parametrize(
    "where", ["challenges.state.tally.done", "challenges.flows.refusals._take_over"]
)
def test_a_kill_while_they_are_taken_over_neither_loses_nor_doubles(
    site_owner: NewSite, where: str
) -> None:
    site = site_owner.site.pk
    for _ in range(3):
        tally.note(site, "issue", "too_many_requests")
    with patch(where, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        refusals.take_over()
    tally.note(site, "issue", "too_many_requests")
    tally.note(site, "issue", "unavailable")
    assert refusals.take_over() >= 3
    assert counts() == {("issue", "too_many_requests"): 4, ("issue", "unavailable"): 1}
    assert refusals.take_over() == 0


def test_counts_of_a_site_that_is_gone_are_left_out(site_owner: NewSite) -> None:
    tally.note(987_654, "issue", "unavailable")
    tally.note(site_owner.site.pk, "issue", "unavailable")
    assert counts() == {("issue", "unavailable"): 1}
