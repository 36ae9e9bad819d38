"""A visitor asks, looks, picks and gets a token; a host's server redeems it."""

from __future__ import annotations

from challenges.flows.sites import NewSite
from challenges.models import Outcome, Rendition
from tests.conftest import Visitor, cats_of, outcome_of


def test_a_visitor_solves_a_challenge_and_the_host_learns_it(
    stocked: NewSite, visitor: Visitor
) -> None:
    asked = visitor.ask(stocked.site.sitekey, host="https://shop.example.org", action="sign-up")
    assert asked.status_code == 201
    challenge = asked.json()
    shape = {"columns", "count", "rounds", "per_round"}
    assert set(challenge) == {"id", "prompt", "expires_at", "pictures", "session"} | shape
    pictures = visitor.get(f"/api/v1/challenges/{challenge['id']}/pictures")
    assert pictures.status_code == 200

    answered = visitor.answer(challenge["id"], cats_of(challenge["id"]))
    assert answered.status_code == 200
    token = answered.json()["token"]
    assert 100 <= len(token) <= 2048

    verified = visitor.verify(stocked.secret, token).json()
    assert verified["success"] is True
    assert verified["hostname"] == "shop.example.org"
    assert verified["action"] == "sign-up"
    assert verified["error-codes"] == []
    assert verified["challenge_ts"].endswith("+00:00")

    outcome = outcome_of(challenge["id"])
    assert outcome.state == Outcome.State.PASSED
    assert outcome.redeemed_at is not None
    assert outcome.picks == outcome.cats
    shown = Rendition.objects.filter(pk__in=outcome.renditions).values_list("shown", flat=True)
    assert list(shown) == [1] * 12
