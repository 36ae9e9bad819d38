"""Tokens over HTTP: a right answer that nobody can pay for brings one more challenge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import OperationalError, connection

from challenges import signing, state, words
from challenges.flows import statistics, stock, sweep
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Site
from challenges.models.photos import Rights
from challenges.selection import Audience
from tests import pets
from tests.conftest import Visitor, cats_of, outcome_of


@pytest.fixture(autouse=True)
def _no_tokens(settings: Any) -> None:
    """Let a prefix begin with nothing, unless a test says otherwise."""
    give(settings, BUCKET_START=0, BUCKET_PER_HOUR=0)


@pytest.fixture
def stocked(site_owner: NewSite) -> NewSite:
    """Return the site owner, with so many pictures that none is shown twice."""
    pets.pool(90)
    stock.keep_stocked(90)
    return site_owner


def give(settings: Any, **rules: int) -> None:
    """Change some of the operator's rules."""
    settings.PAWCHA = settings.PAWCHA | rules


def look(visitor: Visitor, challenge: Any) -> None:
    """Fetch the pictures."""
    assert visitor.get(f"/api/v1/challenges/{challenge['id']}/pictures").status_code == 200


def solve(visitor: Visitor, challenge: Any) -> Any:
    """Look, and answer rightly; return what is told."""
    look(visitor, challenge)
    reply = visitor.answer(challenge["id"], cats_of(challenge["id"]))
    assert reply.status_code == 200, reply.content
    return reply.json()


def test_two_right_answers_in_a_row_pass_where_the_network_has_no_token(
    stocked: NewSite, visitor: Visitor
) -> None:
    first = visitor.ask(stocked.site.sitekey, lang="de", action="login", host="").json()
    told = solve(visitor, first)
    assert set(told) == {"next"}
    following = told["next"]
    assert set(following) == set(first)
    assert following["id"] != first["id"]
    assert following["session"] == first["session"]
    assert following["prompt"] == first["prompt"] == words.words("de")["prompt"]
    token = solve(visitor, following)["token"]
    verdict = visitor.verify(stocked.secret, token).json()
    assert (verdict["success"], verdict["action"]) == (True, "login")
    one, two = Outcome.objects.order_by("pk")
    assert (one.state, one.paid, one.token_digest) == (Outcome.State.MORE, "", None)
    assert (two.state, two.paid, two.door) == (Outcome.State.PASSED, "session", "widget")
    assert (two.language, two.action, two.hostname) == ("de", "login", one.hostname)


def test_what_was_solved_counts_for_a_challenge_asked_for_later(
    stocked: NewSite, visitor: Visitor
) -> None:
    first = visitor.ask(stocked.site.sitekey).json()
    told = solve(visitor, first)
    look(visitor, told["next"])
    # The visitor asks for new pictures: the ones they looked at cost one of three.
    later = visitor.ask(stocked.site.sitekey, session=told["next"]["session"]).json()
    assert later["session"] == first["session"]
    assert "token" in solve(visitor, later)


@pytest.mark.parametrize("session", ["", "forged", "a.b", "é.x", "x" * 2000, "another's key"])
def test_a_handle_that_we_did_not_give_counts_as_none(
    stocked: NewSite, visitor: Visitor, session: str
) -> None:
    solve(visitor, visitor.ask(stocked.site.sitekey).json())
    if session == "another's key":
        session = signing.new_session("another key")
    asked = visitor.ask(stocked.site.sitekey, session=session)
    assert asked.status_code == 201
    assert asked.json()["session"] != session
    assert "next" in solve(visitor, asked.json())


def test_a_handle_stays_good_when_the_signing_key_changes(
    stocked: NewSite, visitor: Visitor, settings: Any
) -> None:
    told = solve(visitor, visitor.ask(stocked.site.sitekey).json())
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-for-tests-0123456789-abcdefghijklmnop"
    later = visitor.ask(stocked.site.sitekey, session=told["next"]["session"]).json()
    assert "token" in solve(visitor, later)


def test_the_network_pays_first(stocked: NewSite, visitor: Visitor, settings: Any) -> None:
    give(settings, BUCKET_START=6)
    assert "token" in solve(visitor, visitor.ask(stocked.site.sitekey).json())
    assert Outcome.objects.get().paid == "prefix"


def test_who_leaves_pays_as_who_is_wrong(stocked: NewSite, visitor: Visitor, settings: Any) -> None:
    give(settings, BUCKET_START=2)
    left, wrong = (visitor.ask(stocked.site.sitekey).json() for _ in range(2))
    look(visitor, left)
    look(visitor, wrong)
    assert visitor.answer(wrong["id"], cats_of(wrong["id"])[1:] or [0]).status_code == 422
    assert "next" in solve(visitor, visitor.ask(stocked.site.sitekey).json())
    with time_machine.travel(timedelta(seconds=125)):
        sweep.close_overdue()
    assert outcome_of(left["id"]).paid == outcome_of(wrong["id"]).paid == "prefix"
    assert outcome_of(left["id"]).state == Outcome.State.EXPIRED


def test_when_no_challenge_can_follow_it_says_why_and_the_next_one_passes(
    stocked: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()
    picks = cats_of(challenge["id"])
    kept = state.ready_drafts("12x1-public", "fresh")
    state.drop_ready("12x1-public", "fresh", kept)
    reply = visitor.answer(challenge["id"], picks)
    assert (reply.status_code, reply.json()["error"]) == (503, "no_challenge_ready")
    assert outcome_of(challenge["id"]).state == Outcome.State.MORE
    state.push_ready("12x1-public", "fresh", kept)
    later = visitor.ask(stocked.site.sitekey, session=challenge["session"]).json()
    assert "token" in solve(visitor, later)


def test_a_site_that_was_switched_off_hands_out_no_more(stocked: NewSite, visitor: Visitor) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()
    Site.objects.update(active=False)
    reply = visitor.answer(challenge["id"], cats_of(challenge["id"]))
    assert (reply.status_code, reply.json()["error"]) == (404, "unknown_sitekey")


def test_an_answer_that_could_not_be_recorded_settles_nothing(
    stocked: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()
    look(visitor, challenge)
    picks = cats_of(challenge["id"])
    with patch("challenges.flows.answer.close", side_effect=OperationalError("gone")):
        assert visitor.answer(challenge["id"], picks).status_code == 503
    # Were it not taken back, the handle would be armed now.
    later = visitor.ask(stocked.site.sitekey, session=challenge["session"]).json()
    assert "next" in solve(visitor, later)


def test_what_was_solved_counts_even_if_the_database_fails_right_after(
    stocked: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()
    picks = cats_of(challenge["id"])
    with patch("challenges.flows.answer.one_more", side_effect=OperationalError("gone")):
        assert visitor.answer(challenge["id"], picks).status_code == 503
    assert outcome_of(challenge["id"]).state == Outcome.State.MORE
    later = visitor.ask(stocked.site.sitekey, session=challenge["session"]).json()
    assert "token" in solve(visitor, later)


def test_after_a_loss_of_redis_the_handle_is_good_and_empty(
    stocked: NewSite, visitor: Visitor
) -> None:
    told = solve(visitor, visitor.ask(stocked.site.sitekey).json())
    state.client().flushdb()
    stock.keep_stocked(90)
    later = visitor.ask(stocked.site.sitekey, session=told["next"]["session"]).json()
    assert later["session"] == told["next"]["session"]
    assert "next" in solve(visitor, later)


def test_test_mode_arms_nothing_for_real_pictures(stocked: NewSite, visitor: Visitor) -> None:
    pets.pool(40, rights=Rights.STARTER)
    Site.objects.update(test_mode=True)
    stock.keep_stocked(90)
    told = solve(visitor, visitor.ask(stocked.site.sitekey).json())
    Site.objects.update(test_mode=False)
    prefix = outcome_of(told["next"]["id"]).prefix
    network = state.purse((prefix, "yesterday"), stocked.site.pk, Audience.PUBLIC)
    assert network == state.Purse(tokens=0, heat=0)


def test_the_statistics_know_it(stocked: NewSite, visitor: Visitor) -> None:
    solve(visitor, solve(visitor, visitor.ask(stocked.site.sitekey).json())["next"])
    total = statistics.report([stocked.site.pk], statistics.last_hours(1)).total
    assert (total.issued, total.more, total.passed, total.answered, total.missing) == (
        2, 1, 1, 2, 0,
    )  # fmt: skip
    assert (total.pass_rate, total.right_rate) == (0.5, 1)


@pytest.mark.django_db(transaction=True)
def test_of_32_parallel_answers_over_http_one_gets_the_pass(
    stocked: NewSite, visitor: Visitor, settings: Any
) -> None:
    give(settings, BUCKET_START=6)
    challenge = visitor.ask(stocked.site.sitekey).json()
    look(visitor, challenge)
    picks = cats_of(challenge["id"])

    def answer(_: int) -> int:
        try:
            return int(Visitor("203.0.113.7").answer(challenge["id"], picks).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as threads:
        statuses = list(threads.map(answer, range(32)))
    assert sorted(statuses) == [200] + [409] * 31


def test_a_stranger_on_a_hot_network_passes_with_two_right_answers_in_a_row(
    stocked: NewSite, settings: Any
) -> None:
    give(settings, BUCKET_START=2, HEAT_ROUNDS=1, HEAT_LEAK=1)
    bot, stranger = Visitor("198.51.100.66"), Visitor("198.51.100.7")
    for _ in range(2):
        look(bot, bot.ask(stocked.site.sitekey).json())
    challenge = stranger.ask(stocked.site.sitekey).json()
    assert challenge["rounds"] == 2
    assert "token" in solve(stranger, solve(stranger, challenge)["next"])
