"""POST /api/v1/challenges/{id}/extend"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from challenges import state
from challenges.exceptions import AlreadyExtended
from challenges.flows import issue, rehearsal, showing, sweep
from challenges.flows.sites import NewSite
from tests.conftest import Visitor, cats_of, outcome_of


@pytest.fixture
def asked(stocked: NewSite, visitor: Visitor) -> dict[str, Any]:
    """Return an open challenge as the visitor got it, and looked at it."""
    told: dict[str, Any] = visitor.ask(stocked.site.sitekey).json()
    visitor.get(pictures_of(told["id"]))
    return told


def pictures_of(challenge: str) -> str:
    """Return where the pictures are."""
    return f"/api/v1/challenges/{challenge}/pictures"


def extend(visitor: Visitor, challenge: str) -> Any:
    """Ask for more time."""
    return visitor.post(f"/api/v1/challenges/{challenge}/extend", {}, format="json")


def test_it_gives_two_minutes_more(visitor: Visitor, asked: dict[str, Any]) -> None:
    reply = extend(visitor, asked["id"])
    assert reply.status_code == 200
    assert set(reply.json()) == {"expires_at"}
    assert reply["Cache-Control"] == "no-store"
    before, after = (datetime.fromisoformat(told["expires_at"]) for told in (asked, reply.json()))
    assert (after - before).total_seconds() == pytest.approx(120, abs=0.001)


@pytest.mark.parametrize(("seconds", "status"), [(121, 200), (238, 200), (241, 410)])
def test_the_answer_has_as_much_longer(
    visitor: Visitor, asked: dict[str, Any], seconds: int, status: int
) -> None:
    cats = cats_of(asked["id"])
    extend(visitor, asked["id"])
    with time_machine.travel(timedelta(seconds=seconds)):
        assert visitor.answer(asked["id"], cats).status_code == status


def test_the_pictures_can_be_fetched_as_much_longer(
    visitor: Visitor, asked: dict[str, Any]
) -> None:
    extend(visitor, asked["id"])
    pictures = pictures_of(asked["id"])
    with time_machine.travel(timedelta(seconds=200)):
        assert visitor.get(pictures).status_code == 200
    with time_machine.travel(timedelta(seconds=241)):
        assert visitor.get(pictures).status_code == 410


def test_it_does_so_once(visitor: Visitor, asked: dict[str, Any]) -> None:
    extend(visitor, asked["id"])
    again = extend(visitor, asked["id"])
    assert (again.status_code, again.json()["error"]) == (409, "already_extended")
    ends = state.peek(asked["id"]).expires_at
    assert ends - timezone.now().timestamp() < 241


def test_of_many_who_ask_at_once_one_gets_it(visitor: Visitor, asked: dict[str, Any]) -> None:
    def try_it(_: int) -> bool:
        try:
            showing.extend(asked["id"])
        except AlreadyExtended:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(try_it, range(100))) == 1


def test_what_is_over_stays_over(visitor: Visitor, asked: dict[str, Any]) -> None:
    with time_machine.travel(timedelta(seconds=121)):
        late = extend(visitor, asked["id"])
        assert (late.status_code, late.json()["error"]) == (410, "challenge_expired")
    visitor.answer(asked["id"], cats_of(asked["id"]))
    answered = extend(visitor, asked["id"])
    assert (answered.status_code, answered.json()["error"]) == (409, "already_answered")
    unknown = extend(visitor, "a" * 32)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown_challenge")


def test_what_was_not_looked_at_is_not_kept_from_others(stocked: NewSite, bot: Visitor) -> None:
    challenge = bot.ask(stocked.site.sitekey).json()["id"]
    refused = extend(bot, challenge)
    assert (refused.status_code, refused.json()["error"]) == (404, "unknown_challenge")
    bot.get(pictures_of(challenge))
    assert extend(bot, challenge).status_code == 200


def test_a_rehearsal_is_not_extended(stocked: NewSite, visitor: Visitor) -> None:
    opened = issue.hand_out(
        rehearsal._stage(), rehearsal._draft(), visitor=rehearsal.NOBODY, hostname="",
        asked=issue.Asked(), reserved=True,
    )  # fmt: skip
    state.fetch(opened.id)
    assert extend(visitor, opened.id).status_code == 404


def test_the_sweeper_waits_for_the_new_end(visitor: Visitor, asked: dict[str, Any]) -> None:
    extend(visitor, asked["id"])
    with time_machine.travel(timedelta(seconds=125)):
        assert sweep.close_overdue().expired == 0
    with time_machine.travel(timedelta(seconds=245)):
        closed = sweep.close_overdue()
    assert (closed.expired, closed.lost) == (1, 0)
    assert outcome_of(asked["id"]).state == "expired"


def test_redis_remembers_it_as_long_as_the_sweeper_may_need(
    visitor: Visitor, asked: dict[str, Any]
) -> None:
    extend(visitor, asked["id"])
    left = state.client().ttl(f"pawcha:challenge:{asked['id']}")
    assert 835 < int(left) <= 840


def test_what_was_looked_at_stays_away_for_the_hour(
    visitor: Visitor, asked: dict[str, Any]
) -> None:
    extend(visitor, asked["id"])
    challenge = state.peek(asked["id"])
    with time_machine.travel(timedelta(minutes=50)):
        away = state.seen_groups((challenge.prefix, "yesterday"))
    assert set(challenge.draft.groups) <= set(away)
