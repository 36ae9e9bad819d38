"""What lies in Redis: every step that two could take at once is taken once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from challenges import state
from challenges.budgets import Budget
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import (
    AllPicturesSeen,
    AlreadyAnswered,
    ChallengeExpired,
    NoChallengeReady,
    TooManyRequests,
    UnknownChallenge,
)
from challenges.selection import CHALLENGE_SECONDS

PROFILE = "12x1-public"
HOME = ("home-today", "home-yesterday")


def a_draft(number: int = 1, risk: float = 0.125) -> Draft:
    """Return a draft whose photos nobody else has."""
    places = range(number * 12, number * 12 + 12)
    return Draft(
        id=f"d{number}", renditions=list(places), names=[f"{place}.webp" for place in places],
        groups=[str(place) for place in places], cats=0b101, risk=risk, pool="cleared",
        made_at=time.time(),
    )  # fmt: skip


def an_open_one(name: str = "c1", seconds: float = 120, prefix: str = "") -> OpenChallenge:
    """Open a challenge that ends in so many seconds, and return it."""
    challenge = OpenChallenge(
        id=name, outcome=1, site=1, profile=PROFILE, draft=a_draft(),
        expires_at=time.time() + seconds, prefix=prefix,
    )  # fmt: skip
    state.open_challenge(challenge)
    return challenge


def test_it_brings_back_an_open_challenge_as_it_was() -> None:
    challenge = an_open_one()
    assert state.peek("c1") == challenge
    assert state.fetch("c1") == (challenge, True)
    assert state.fetch("c1") == (challenge, False)


def test_it_lets_one_of_200_threads_close_a_challenge() -> None:
    challenge = an_open_one()

    def try_it(_: int) -> bool:
        try:
            state.settle(challenge, right=True)
        except AlreadyAnswered:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        assert sum(threads.map(try_it, range(200))) == 1


def test_it_refuses_a_challenge_that_is_over_or_was_never_there() -> None:
    late = an_open_one(seconds=-1)
    with pytest.raises(ChallengeExpired):
        state.settle(late, right=True)
    with pytest.raises(ChallengeExpired):
        state.fetch("c1")
    with pytest.raises(UnknownChallenge):
        state.settle(replace(late, id="nobody"), right=True)
    with pytest.raises(UnknownChallenge):
        state.peek("nobody")


def test_it_gives_each_overdue_challenge_to_one_sweeper_and_says_whether_it_was_seen() -> None:
    an_open_one("seen", 1)
    an_open_one("unseen", 1)
    an_open_one("young", 100)
    state.fetch("seen")
    with time_machine.travel(timedelta(seconds=2)):
        found = {one.challenge.id: one.fetched for one in state.overdue(10)}
        assert found == {"seen": True, "unseen": False}
        assert [state.expire("seen"), state.expire("seen")] == ["fetched", "closed"]
        assert [one.challenge.id for one in state.overdue(10)] == ["unseen"]
        assert state.expire("unseen") == "unseen"
        with pytest.raises(ChallengeExpired):
            state.fetch("seen")


def test_it_takes_ready_challenges_in_order_and_fresh_ones_first() -> None:
    state.push_ready(PROFILE, "worn", [a_draft(9, risk=1.2)])
    state.push_ready(PROFILE, "fresh", [a_draft(1), a_draft(2)])
    taken = [
        state.take_ready(PROFILE, ("fresh", "worn"), prefixes=HOME, site=1).id for _ in range(3)
    ]
    assert taken == ["d1", "d2", "d9"]
    with pytest.raises(NoChallengeReady):
        state.take_ready(PROFILE, ("fresh", "worn"), prefixes=HOME, site=1)


def test_it_keeps_worn_challenges_from_sites_that_refuse_them() -> None:
    state.push_ready(PROFILE, "worn", [a_draft(9, risk=1.2)])
    with pytest.raises(NoChallengeReady):
        state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1)


def test_it_does_not_show_a_prefix_the_same_photo_within_an_hour() -> None:
    state.push_ready(PROFILE, "fresh", [a_draft(1), a_draft(1), a_draft(2)])
    assert state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1).id == "d1"
    assert state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1).id == "d2"
    with pytest.raises(AllPicturesSeen) as refused:
        state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1)
    assert refused.value.retry_after is not None
    assert 110 <= refused.value.retry_after <= 120
    assert "Please try again in 2 minutes." in str(refused.value)
    elsewhere = ("office-today", "office-yesterday")
    assert state.take_ready(PROFILE, ("fresh",), prefixes=elsewhere, site=1).id == "d1"


def test_it_shows_a_photo_again_after_an_hour() -> None:
    state.push_ready(PROFILE, "fresh", [a_draft(1), a_draft(1)])
    state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1)
    state.mark_seen(an_open_one(prefix=HOME[0]))
    with (
        time_machine.travel(timedelta(seconds=state.AWAY - 5)),
        pytest.raises(AllPicturesSeen),
    ):
        state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1)
    with time_machine.travel(timedelta(seconds=state.AWAY + 1)):
        assert state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1).id == "d1"


def test_photos_that_nobody_looked_at_come_back_when_the_challenge_is_over() -> None:
    state.push_ready(PROFILE, "fresh", [a_draft(1), a_draft(1)])
    state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1)
    with time_machine.travel(timedelta(seconds=CHALLENGE_SECONDS + 1)):
        assert state.take_ready(PROFILE, ("fresh",), prefixes=HOME, site=1).id == "d1"


def test_it_remembers_what_a_prefix_saw_over_midnight() -> None:
    state.push_ready(PROFILE, "fresh", [a_draft(1), a_draft(1)])
    state.take_ready(PROFILE, ("fresh",), prefixes=("monday", "sunday"), site=1)
    with pytest.raises(AllPicturesSeen):
        state.take_ready(PROFILE, ("fresh",), prefixes=("tuesday", "monday"), site=1)


def test_a_flood_on_one_site_leaves_the_reserve_to_the_others() -> None:
    state.set_reserve(PROFILE, 20)
    state.push_ready(PROFILE, "fresh", [a_draft(number) for number in range(100)])
    for taken in range(80):
        state.take_ready(PROFILE, ("fresh",), prefixes=(f"bot {taken}", "-"), site=1)
    with pytest.raises(TooManyRequests):
        state.take_ready(PROFILE, ("fresh",), prefixes=("bot 80", "-"), site=1)
    for number in range(10):
        state.take_ready(PROFILE, ("fresh",), prefixes=(f"person {number}", "-"), site=2)


def test_a_flood_leaves_the_reserve_of_a_small_queue_too_and_over_the_minute() -> None:
    state.set_reserve(PROFILE, 2)
    state.push_ready(PROFILE, "fresh", [a_draft(number) for number in range(10)])
    for taken in range(8):
        state.take_ready(PROFILE, ("fresh",), prefixes=(f"bot {taken}", "-"), site=1)
    with (
        time_machine.travel(timedelta(seconds=59)),
        pytest.raises(TooManyRequests),
    ):
        state.take_ready(PROFILE, ("fresh",), prefixes=("bot 8", "-"), site=1)
    state.take_ready(PROFILE, ("fresh",), prefixes=("person", "-"), site=2)


def test_it_hands_out_each_ready_challenge_once_to_200_threads() -> None:
    state.push_ready(PROFILE, "fresh", [a_draft(number) for number in range(100)])

    def take(number: int) -> str | None:
        try:
            prefixes = (f"p{number}", "-")
            return state.take_ready(PROFILE, ("fresh",), prefixes=prefixes, site=1).id
        except NoChallengeReady:
            return None

    with ThreadPoolExecutor(50) as threads:
        taken = [one for one in threads.map(take, range(200)) if one]
    assert len(taken) == len(set(taken)) == 100


def test_it_spends_tries_until_the_bucket_is_empty_and_says_how_long_to_wait() -> None:
    budget = {"issue:prefix:x": Budget(burst=3, per_minute=6)}
    for _ in range(3):
        state.spend(budget)
    with pytest.raises(TooManyRequests, match="Please wait 1") as refused:
        state.spend(budget)
    assert refused.value.retry_after == 10
    with time_machine.travel(timedelta(seconds=11)):
        state.spend(budget)


def test_it_spends_from_all_buckets_or_from_none() -> None:
    full, empty = Budget(burst=2, per_minute=1), Budget(burst=1, per_minute=1)
    state.spend({"b": empty})
    for _ in range(5):
        with pytest.raises(TooManyRequests):
            state.spend({"a": full, "b": empty})
    state.spend({"a": full})
    state.spend({"a": full})


def test_it_spends_exactly_the_burst_from_200_threads() -> None:
    budget = {"issue:prefix:y": Budget(burst=60, per_minute=1)}

    def try_it(_: int) -> bool:
        try:
            state.spend(budget)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(50) as threads:
        assert sum(threads.map(try_it, range(200))) == 60


def test_a_clock_that_jumps_back_takes_no_tries_away() -> None:
    budget = {"issue:prefix:z": Budget(burst=3, per_minute=1)}
    state.spend(budget)
    with time_machine.travel(timedelta(hours=-1)):
        state.spend(budget)
        state.spend(budget)


def test_it_lets_one_caller_in_at_a_time() -> None:
    with state.only_one("x", 10) as first, state.only_one("x", 10) as second:
        assert (first, second) == (True, False)
    with state.only_one("x", 10) as again:
        assert again


def test_an_alarm_is_news_once() -> None:
    assert state.alarm_since("worn") is None
    assert state.raise_alarm("worn")
    assert not state.raise_alarm("worn")
    assert state.alarm_since("worn") == pytest.approx(time.time(), abs=2)
