"""Tokens: looking takes one, a right answer passes with one, and without one it takes two."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from statistics import mean, stdev
from typing import Any

import pytest
import time_machine

from challenges import odds, state
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import AlreadyAnswered, ChallengeExpired
from challenges.selection import Audience
from challenges.state import purses

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
START, MOST, REFILL = 6, 12, 3
_numbers = count()


@pytest.fixture(autouse=True)
def _rules(settings: Any) -> Iterator[None]:
    """Let it be noon, and nothing come back by time, unless a test says so."""
    settings.PAWCHA = settings.PAWCHA | {
        "BUCKET_START": START, "BUCKET_MOST": MOST, "BUCKET_PER_HOUR": 12, "BUCKET_REFILL": REFILL,
        "HEAT_ROUNDS": 30, "HEAT_LEAK": 20,
    }  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        yield


def opened(prefix: str = "home", session: str = "ann", **more: Any) -> OpenChallenge:
    """Open a challenge for this prefix and this visitor's handle."""
    number = next(_numbers)
    draft = Draft(
        id=f"d{number}", renditions=[], names=["x"] * 12, groups=[], cats=0b101, risk=0,
        pool="cleared", made_at=time.time(),
    )  # fmt: skip
    ends = time.time() + more.pop("expires_in", 120)
    given: dict[str, Any] = {"profile": "12x1-public", "site": 1} | more
    challenge = OpenChallenge(
        id=f"c{number}", outcome=number, draft=draft, expires_at=ends, prefix=prefix,
        session=session, **given,
    )  # fmt: skip
    state.open_challenge(challenge)
    return challenge


def looked_at(prefix: str = "home", session: str = "ann", **more: Any) -> OpenChallenge:
    """Open a challenge and look at its pictures."""
    challenge = opened(prefix, session, **more)
    state.fetch(challenge.id)
    return challenge


def answer(*, right: bool, prefix: str = "home", session: str = "ann", **more: Any) -> str:
    """Look at a challenge and answer it; return what comes of it."""
    return state.settle(looked_at(prefix, session, **more), right=right).ending


def purse(prefix: str = "home", site: int = 1, audience: Audience = Audience.PUBLIC) -> state.Purse:
    """Return what a prefix has at a site, and ann's handle."""
    return state.purse((prefix, f"{prefix} yesterday"), site, audience, "ann")


def tokens(prefix: str = "home", **more: Any) -> float:
    """Return the tokens of a prefix."""
    return purse(prefix, **more).tokens


def heat(prefix: str = "home") -> float:
    """Return how hot a prefix is."""
    return purse(prefix).heat


def spend_all(prefix: str = "home", site: int = 1) -> None:
    """Look at challenges until the prefix has no token at this site."""
    while tokens(prefix, site=site) >= 1:
        looked_at(prefix, session="somebody else", site=site)


class TestPaying:
    """Whose token is taken, and when."""

    def test_the_first_look_takes_a_token_and_later_ones_none(self) -> None:
        challenge = opened()
        assert tokens() == START
        assert state.fetch(challenge.id) == (challenge, True)
        assert tokens() == START - 1
        assert state.fetch(challenge.id) == (challenge, False)
        assert state.settle(challenge, right=False).paid == "prefix"
        assert tokens() == START - 1

    def test_what_nobody_looks_at_costs_nothing(self) -> None:
        for _ in range(20):
            opened()
        assert tokens() == START

    def test_an_answer_without_a_look_pays_then(self) -> None:
        assert state.settle(opened(), right=False).paid == "prefix"
        assert tokens() == START - 1

    def test_wrong_left_expired_and_skipped_cost_the_same(self) -> None:
        left = {}
        for way in ("wrong", "left", "expired"):
            challenge = looked_at(way)
            if way == "wrong":
                state.settle(challenge, right=False)
            if way == "expired":
                with time_machine.travel(NOON + timedelta(seconds=121), tick=False):
                    assert state.expire(challenge.id) == "fetched"
            left[way] = tokens(way)
        assert set(left.values()) == {START - 1}

    def test_the_handle_pays_when_the_prefix_cannot(self) -> None:
        spend_all()
        assert answer(right=True) == "more"
        challenge = looked_at()
        assert state.settle(challenge, right=True) == state.Settled(challenge, "pass", "session")

    def test_the_sweeper_is_told_who_paid(self) -> None:
        challenge = looked_at()
        with time_machine.travel(NOON + timedelta(seconds=121), tick=False):
            assert state.overdue(9) == [state.Overdue(challenge, fetched=True, paid="prefix")]

    def test_tokens_come_back_with_time_up_to_the_most(self) -> None:
        spend_all()
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assert tokens() == pytest.approx(1)
            assert answer(right=False) == "wrong"
            assert tokens() == pytest.approx(0)
        with time_machine.travel(NOON + timedelta(hours=9), tick=False):
            assert tokens() == MOST

    def test_a_part_of_a_token_pays_nothing(self) -> None:
        spend_all()
        with time_machine.travel(NOON + timedelta(minutes=4), tick=False):
            assert answer(right=True) == "more"
            assert tokens() == pytest.approx(0.8)

    def test_a_clock_that_jumps_back_gives_and_takes_nothing(self) -> None:
        looked_at()
        with time_machine.travel(NOON - timedelta(hours=3), tick=False):
            assert tokens() == START - 1


class TestPassing:
    """What a right answer is worth."""

    def test_a_right_answer_gives_its_token_back_and_fills_up_to_the_refill(self) -> None:
        assert answer(right=True) == "pass"
        assert tokens() == START
        for _ in range(START - 1):
            assert answer(right=False) == "wrong"
        assert tokens() == 1
        assert answer(right=True) == "pass"
        assert tokens() == REFILL

    def test_a_right_answer_never_fills_beyond_the_most(self) -> None:
        looked_at()
        with time_machine.travel(NOON + timedelta(hours=9), tick=False):
            answer(right=True)
            assert tokens() == MOST
            first, second = looked_at(), looked_at()
            state.settle(first, right=True)
            state.settle(second, right=True)
            assert tokens() == MOST

    def test_what_nobody_paid_for_arms_and_never_passes(self) -> None:
        spend_all()
        unpaid = [looked_at() for _ in range(3)]
        assert [state.settle(one, right=True).ending for one in unpaid] == ["more"] * 3
        assert tokens() == 0
        assert [answer(right=True) for _ in range(5)] == ["pass"] * 5

    def test_a_stranger_on_an_empty_prefix_passes_with_two_right_answers_in_a_row(self) -> None:
        spend_all()
        assert [answer(right=True, session="stranger") for _ in range(2)] == ["more", "pass"]

    def test_it_takes_the_second_right_answer_within_the_refill(self) -> None:
        spend_all()
        said = [answer(right=right) for right in (True, False, False, True)]
        assert said == ["more", "wrong", "wrong", "pass"]
        spend_all("office")
        more = [
            answer(right=right, prefix="office", session="bob")
            for right in (True, False, False, False, True)
        ]
        assert more == ["more", "wrong", "wrong", "wrong", "more"]

    def test_somebody_else_s_handle_does_not_count(self) -> None:
        spend_all()
        assert answer(right=True, session="ann") == "more"
        assert answer(right=True, session="bob") == "more"
        assert answer(right=True, session="ann") == "pass"

    def test_a_prefix_has_tokens_at_each_site_and_one_heat_at_all(self) -> None:
        for _ in range(START - 1):
            answer(right=False, site=1)
        assert (tokens(site=1), tokens(site=2)) == (1, START)
        # What an easy site gives back buys nothing at a hard one.
        for _ in range(9):
            assert answer(right=True, site=2) == "pass"
        assert answer(right=False, site=1) == "wrong"
        assert answer(right=True, site=1, session="bob") == "more"
        assert purse(site=1).heat == purse(site=2).heat

    def test_the_purse_tells_the_handle_s_tokens_at_this_site_while_it_lives(self) -> None:
        spend_all()
        assert purse().handle == 0
        assert answer(right=True) == "more"
        assert (purse().handle, purse(site=2).handle) == (REFILL, 0)
        looked_at()
        assert purse().handle == REFILL - 1
        with time_machine.travel(NOON + timedelta(minutes=61), tick=False):
            assert purse().handle == 0

    def test_a_handle_counts_at_one_site(self) -> None:
        spend_all()
        spend_all(site=2)
        assert answer(right=True, site=1) == "more"
        assert answer(right=True, site=2) == "more"

    def test_a_handle_is_forgotten_an_hour_after_its_last_use(self) -> None:
        spend_all()
        answer(right=True)
        with time_machine.travel(NOON + timedelta(minutes=59), tick=False):
            spend_all()
            assert answer(right=True) == "pass"
        with time_machine.travel(NOON + timedelta(minutes=120), tick=False):
            spend_all()
            assert answer(right=True) == "more"

    def test_starter_pictures_have_tokens_of_their_own(self) -> None:
        spend_all()
        for _ in range(9):
            assert answer(right=True, profile="12x1-testing") == "pass"
        assert tokens() == 0
        assert tokens(audience=Audience.TESTING) == START
        assert answer(right=True) == "more"

    @pytest.mark.parametrize("free", [{"reserved": True}, {"test": "key"}, {"limits": False}])
    def test_rehearsals_test_keys_and_attacks_without_limits_are_outside(self, free: Any) -> None:
        spend_all()
        hot = heat()
        challenge = looked_at(**free)
        assert state.settle(challenge, right=True) == state.Settled(challenge, "pass")
        assert (tokens(), heat()) == (0, hot)


class TestTakingBack:
    """A close that could not be recorded."""

    def test_reopening_takes_the_settlement_of_a_pass_back(self) -> None:
        for _ in range(START - 1):
            answer(right=False)
        challenge = looked_at()
        before = tokens(), heat()
        state.settle(challenge, right=True)
        assert (tokens(), heat()) != before
        state.reopen(challenge)
        assert (tokens(), heat()) == before
        assert state.settle(challenge, right=True).ending == "pass"
        assert tokens() == REFILL

    def test_reopening_disarms_the_handle(self) -> None:
        spend_all()
        challenge = looked_at()
        assert state.settle(challenge, right=True).ending == "more"
        state.reopen(challenge)
        assert answer(right=True) == "more"

    def test_what_was_paid_stays_paid(self) -> None:
        challenge = opened()
        state.settle(challenge, right=False)
        state.reopen(challenge)
        assert tokens() == START - 1
        assert state.settle(challenge, right=True).paid == "prefix"
        assert tokens() == START

    def test_nobody_reopens_what_is_open(self) -> None:
        challenge = looked_at()
        with pytest.raises(AlreadyAnswered):
            state.reopen(challenge)
        assert tokens() == START - 1

    def test_a_reopened_challenge_is_overdue_again_when_its_time_is_up(self) -> None:
        challenge = looked_at()
        state.settle(challenge, right=True)
        state.reopen(challenge)
        with time_machine.travel(NOON + timedelta(seconds=121), tick=False):
            with pytest.raises(ChallengeExpired):
                state.settle(challenge, right=True)
            assert [one.challenge for one in state.overdue(9)] == [challenge]


class TestRaces:
    """Many at once."""

    def test_of_32_parallel_answers_one_gets_the_pass(self) -> None:
        challenge = looked_at()

        def try_it(_: int) -> str:
            try:
                return state.settle(challenge, right=True).ending
            except AlreadyAnswered:
                return "late"

        with ThreadPoolExecutor(32) as threads:
            said = list(threads.map(try_it, range(32)))
        assert sorted(said) == ["late"] * 31 + ["pass"]
        assert tokens() == START

    def test_50_challenges_looked_at_at_once_with_three_tokens_give_three_passes(self) -> None:
        for _ in range(START - 3):
            looked_at()
        challenges = [opened() for _ in range(50)]
        with ThreadPoolExecutor(50) as threads:
            list(threads.map(lambda one: state.fetch(one.id), challenges))
            said = list(threads.map(lambda one: state.settle(one, right=True).ending, challenges))
        assert sorted(said) == ["more"] * 47 + ["pass"] * 3

    def test_50_first_looks_at_one_challenge_take_one_token(self) -> None:
        challenge = opened()
        with ThreadPoolExecutor(50) as threads:
            firsts = list(threads.map(lambda _: state.fetch(challenge.id)[1], range(50)))
        assert sum(firsts) == 1
        assert tokens() == START - 1


class TestHeat:
    """Challenges that were looked at and not solved."""

    def test_it_counts_what_was_looked_at_and_not_solved_and_leaks(self) -> None:
        for _ in range(10):
            answer(right=False)
        answer(right=True)
        assert heat() == 10
        with time_machine.travel(NOON + timedelta(minutes=15), tick=False):
            assert heat() == pytest.approx(5)
        with time_machine.travel(NOON + timedelta(hours=2), tick=False):
            assert heat() == 0

    def test_solving_never_cools_below_nothing(self) -> None:
        for _ in range(3):
            answer(right=True)
        assert heat() == 0
        looked_at()
        assert heat() == 1

    def test_it_brings_rounds_and_longer_waits(self) -> None:
        rule = purses.heat()
        assert [rule.more_rounds(one) for one in (0, 30, 30.5, 90, 90.5)] == [0, 0, 1, 1, 2]
        assert [rule.wait_factor(one) for one in (0, 90, 90.5)] == [1, 1, 4]


class TestMidnight:
    """A prefix has another hash each day."""

    def test_tokens_and_heat_go_over_once(self) -> None:
        for _ in range(START - 1):
            answer(right=False, prefix="monday")
        carried = state.purse(("tuesday", "monday"), 1, Audience.PUBLIC)
        assert carried == state.Purse(tokens=1, heat=START - 1)
        looked_at("tuesday")
        again = state.purse(("tuesday", "monday"), 1, Audience.PUBLIC)
        assert again == state.Purse(tokens=0, heat=START)
        # What is still open from before midnight pays with nothing twice.
        assert answer(right=True, prefix="monday") == "more"

    def test_a_prefix_of_which_nothing_is_known_begins_anew(self) -> None:
        fresh = state.purse(("tuesday", "monday"), 1, Audience.PUBLIC)
        assert fresh == state.Purse(tokens=START, heat=0)

    def test_nobody_has_a_fresh_prefix_twice(self) -> None:
        # Asked for before midnight, and looked at after it: yesterday's prefix was never used.
        kept = [opened("monday", session=f"kept {number}") for number in range(START)]
        for _ in range(2):
            assert state.purse(("tuesday", "monday"), 1, Audience.PUBLIC).tokens == START
        said = [answer(right=True, prefix="tuesday", session=f"new {n}") for n in range(START)]
        assert said == ["pass"] * START
        for one in kept:
            state.fetch(one.id)
        said = [state.settle(one, right=True).ending for one in kept]
        assert said == ["more"] * START

    def test_nothing_comes_back_to_yesterday_s_prefix(self) -> None:
        kept = opened("monday", expires_in=1200)
        state.purse(("tuesday", "monday"), 1, Audience.PUBLIC)
        with time_machine.travel(NOON + timedelta(minutes=15), tick=False):
            assert state.settle(kept, right=True).ending == "more"


def test_after_a_loss_of_redis_every_prefix_begins_anew() -> None:
    spend_all()
    state.client().flushdb()
    assert tokens() == START
    assert answer(right=True) == "pass"


def test_no_key_stays_for_ever() -> None:
    spend_all()
    answer(right=True)
    names = [str(name) for name in state.client().scan_iter("pawcha:*") if name != "pawcha:open"]
    assert len(names) > 3
    for name in names:
        assert 0 < int(state.client().ttl(name)) <= 86_400 + 60, name


def spent(dice: Random, solves: float, challenges: int) -> int:
    """Return how often a bot passes that spends so many challenges on a fresh prefix."""
    prefix = session = f"bot {next(_numbers)}"
    endings = [
        answer(right=dice.random() < solves, prefix=prefix, session=session)
        for _ in range(challenges)
    ]
    return endings.count("pass")


@pytest.mark.parametrize(("solves", "challenges", "bots"), [(0.15, 25, 160), (0.5, 25, 80)])
def test_a_fresh_prefix_passes_as_often_as_the_formula_says(
    solves: float, challenges: int, bots: int
) -> None:
    dice = Random(7)
    passes = [spent(dice, solves, challenges) for _ in range(bots)]
    expected = odds.fresh_passes(solves, challenges, start=START, most=MOST, refill=REFILL)
    error = stdev(passes) / bots**0.5
    assert abs(mean(passes) - expected) < 3 * error
    # It would be noticed if right answers passed without a token.
    assert solves * challenges - expected > 3 * error


def test_people_on_an_empty_network_need_as_many_challenges_as_the_formula_says() -> None:
    dice, people, solves = Random(7), 150, 0.7
    spend_all()
    took = []
    for number in range(people):
        for tries in count(1):
            ending = answer(right=dice.random() < solves, session=f"person {number}")
            if ending == "pass":
                took.append(tries)
                break
    expected = odds.challenges_to_pass(solves, REFILL)
    assert abs(mean(took) - expected) < 3 * stdev(took) / people**0.5
    assert expected == pytest.approx(2.9, abs=0.05)


def test_a_bot_that_answers_only_what_it_is_sure_of_pays_for_all_that_it_looked_at() -> None:
    # Of each ten challenges it is sure of one, and right then; the others it leaves.
    looked = 300
    passed = 0
    for number in range(looked):
        challenge = looked_at("bot", "bot")
        if number % 10 == 9:
            passed += state.settle(challenge, right=True).ending == "pass"
    # Were leaving free, all 30 that it answered would pass.
    assert passed == 0


def test_a_new_handle_for_each_challenge_is_worth_nothing() -> None:
    spend_all()
    said = [answer(right=True, session=f"new {number}") for number in range(20)]
    assert set(said) == {"more"}
