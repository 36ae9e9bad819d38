"""The rules between challenges, with their numbers, for the owner of a site to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from challenges import odds
from challenges.budgets import SESSION_SECONDS, SLOWER, Heat, Tokens
from challenges.flows import dealing
from challenges.selection import EXPOSURES, MOST_ROUNDS
from challenges.state import AWAY, purses

# Shares of challenges that are solved: bots of several kinds, and people.
BOTS: Final = (0.01, 0.05, 0.15, 0.5, 0.88)
PEOPLE: Final = (0.7, 0.83, 0.95)
# So many challenges are spent on a network that nobody used before.
FRESH: Final = 50
THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Bot:
    """What the tokens leave, at one site, of a bot that solves this share of challenges.

    `fresh` passes are of the first FRESH challenges from a network that nobody used before,
    `issued` of 1,000 in the long run with the bot's own session alone. What comes back to the
    network by time adds `hourly` passes an hour at most: to an empty network a token is worth
    f / (1 - f)^R passes (it fills up to R each time), and nobody asks faster than they may.
    """

    solves: float
    fresh: float
    issued: float
    hourly: float


@dataclass(frozen=True, slots=True)
class Person:
    """What people solve, who solve this share: challenges until they pass, on average.

    `alone` where their network has tokens, `shared` where a bot has used them up.
    """

    solves: float
    alone: float
    shared: float


def bots() -> list[Bot]:
    """Return what the rules of this Pawcha leave of bots."""
    rule = purses.tokens()
    return [
        Bot(
            solves=share,
            fresh=odds.fresh_passes(
                share, FRESH, start=min(rule.start, rule.most), most=rule.most, refill=rule.refill
            ),
            issued=THOUSAND * odds.bucket_rate(share, rule.refill),
            hourly=min(
                rule.per_hour * share / (1 - share) ** rule.refill,
                60 * settings.PAWCHA["PREFIX_PER_MINUTE"] * share,
            ),
        )
        for share in BOTS
    ]


def people() -> list[Person]:
    """Return what people pay who share a network with a bot."""
    refill = purses.tokens().refill
    return [
        Person(
            solves=share,
            alone=1 / share,
            shared=odds.challenges_to_pass(share, refill),
        )
        for share in PEOPLE
    ]


@dataclass(frozen=True, slots=True)
class Limits:
    """All rules between challenges. Times in minutes; the rest are numbers of tries."""

    tokens: Tokens
    heat: Heat
    session_minutes: int
    most_rounds: int
    burst: int
    per_minute: int
    slow_per_minute: float
    composed_burst: int
    composed_per_minute: float
    site_burst: int
    site_per_minute: int
    away_minutes: int
    showings: int


def limits() -> Limits:
    """Return the rules as this Pawcha has them now."""
    rules = settings.PAWCHA
    return Limits(
        tokens=purses.tokens(),
        heat=purses.heat(),
        session_minutes=SESSION_SECONDS // 60,
        most_rounds=MOST_ROUNDS,
        burst=rules["PREFIX_BURST"],
        per_minute=rules["PREFIX_PER_MINUTE"],
        slow_per_minute=rules["PREFIX_PER_MINUTE"] / SLOWER,
        composed_burst=dealing.COMPOSED.burst,
        composed_per_minute=dealing.COMPOSED.per_minute,
        site_burst=rules["SITE_BURST"],
        site_per_minute=rules["SITE_PER_MINUTE"],
        away_minutes=AWAY // 60,
        showings=EXPOSURES,
    )
