"""What limits and prices make of a solve rate: for the attack report. Pure."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Final

from challenges import odds

# Challenges that a bot spends on a network that nobody used before.
SPENT: Final = (5, 10, 20, 40, 80)
SECONDS_AN_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the token bucket: see the owner's page about limits.

    A network (/24 or /56) begins with `start` tokens, holds `most`, gets `per_hour` back in an
    hour; a right answer fills up to `refill`. After `hot` unsolved ones a round is added.
    """

    start: int
    most: int
    per_hour: int
    refill: int
    hot: int


@dataclass(frozen=True, slots=True)
class Prices:
    """What things cost, in dollars: one try (address and request), a computer for an hour, and
    1,000 challenges solved by paid people, from `people_least` to `people_most`.
    """

    a_try: float
    an_hour: float
    people_least: float
    people_most: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What a person pays who is right in a share `solves` (0..1) of challenges.

    Challenges until the first pass, on average: `usual` with tokens left, `shared` where a bot
    has emptied the bucket of the network, `hot` where each challenge has a round more, too.
    """

    solves: float
    usual: float
    shared: float
    hot: float


def neighbour(solves: float, refill: int) -> Neighbour:
    """Return what a person pays whose network is shared with a bot."""
    return Neighbour(
        solves,
        usual=_first(solves),
        shared=odds.challenges_to_pass(solves, refill),
        # Two rounds are graded together, so both have to be right.
        hot=odds.challenges_to_pass(solves**2, refill),
    )


def _first(solves: float) -> float:
    return 1 / solves if solves else math.inf


@functools.lru_cache(maxsize=32)
def fresh(solves: float, rules: Rules) -> tuple[tuple[int, float], ...]:
    """Return how often a bot passes that spends so many challenges on a fresh network at once."""
    return tuple(
        (
            spent,
            odds.fresh_passes(
                solves, spent, start=rules.start, most=rules.most, refill=rules.refill
            ),
        )
        for spent in SPENT
    )


def per_try(prices: Prices, pictures: int, seconds_per_photo: float) -> float:
    """Return what one try costs a bot in dollars: address, request and computing."""
    return prices.a_try + pictures * seconds_per_photo * prices.an_hour / SECONDS_AN_HOUR


def per_1000_solves(passes: float, a_try: float) -> float:
    """Return what 1,000 passes cost when a share `passes` (0..1) of tries passes."""
    return 1000 * odds.cost_per_pass(passes, a_try)
