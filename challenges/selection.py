"""Which pictures a challenge gets: the fair draw, the deck, and who may see what. Pure."""

from __future__ import annotations

import enum
import math
import re
import secrets
from dataclasses import dataclass, replace
from typing import Final

# Pictures in a round of a challenge, unless the site's policy says otherwise.
PICTURES: Final = 12
LEAST_PICTURES: Final = 9
MOST_PICTURES: Final = 16
MOST_ROUNDS: Final = 3
# Seconds from the issue of a challenge to its end, and of a token from the answer to its end,
# unless the site's policy says otherwise; and the most that it may say.
CHALLENGE_SECONDS: Final = 120
TOKEN_SECONDS: Final = 120
MOST_SECONDS: Final = 600
# Showings of one rendition before it is replaced.
EXPOSURES: Final = 8
# The ease of a photo is known in steps of 1 / EASES: few enough that each has its own deck.
EASES: Final = 50
# Budgets are kept in so many parts of a percent.
_PARTS: Final = 100
# Both budgets of a profile and its tolerance, as they stand in its key.
_BUDGETS: Final = re.compile(r"(?=[bl])(?:b(\d+))?(?:l(\d+))?t(\d)")
# Hardened pictures of each animal from which a network learns, at least.
ENOUGH_TO_LEARN: Final = 150
# Starter pictures leave the pool when both animals have this many photos of the owner's own.
ENOUGH_OF_OWN: Final = 100

_random = secrets.SystemRandom()


class Audience(enum.StrEnum):
    """Who will see a challenge: photos "for local trial only" are for loopback sites alone.

    Public test keys (TESTING) only ever show starter pictures.
    """

    LOOPBACK = "loopback"
    PUBLIC = "public"
    TESTING = "testing"


class Over(enum.StrEnum):
    """What to do when the pool cannot meet an attack budget."""

    SERVE = "serve"
    ROUNDS = "rounds"
    REFUSE = "refuse"


class Ease(enum.StrEnum):
    """For whom photos are easy or hard; the value is the photo's field that says how easy.

    CLEAN networks learned from plain photos only, TAUGHT ones from our own hardened pictures.
    """

    CLEAN = "ease"
    TAUGHT = "taught_ease"


@dataclass(frozen=True, slots=True)
class Profile:
    """What ready challenges have in common; sites with equal profiles share them.

    `count` pictures in each of `rounds`. With `probes` one picture of the challenge may be a photo
    that nobody has labelled yet; it does not count. The best network may solve at most `budget`
    of 100 challenges, one that learned from our own pictures `taught_budget`, where `tolerance`
    pictures may be wrong; without a budget that is 0.
    """

    count: int
    audience: Audience
    rounds: int = 1
    probes: bool = False
    budget: float | None = None
    tolerance: int = 0
    over: Over = Over.SERVE
    taught_budget: float | None = None

    @property
    def budgets(self) -> dict[Ease, float]:
        """Return the budgets that it has, in percent, by whom they are about."""
        both = {Ease.CLEAN: self.budget, Ease.TAUGHT: self.taught_budget}
        return {ease: budget for ease, budget in both.items() if budget is not None}

    @property
    def key(self) -> str:
        """Return the profile as a short text for keys, such as 12x1-public or 9x2-public-b50t1.

        b50 is a budget of half a percent, l3500 one of 35 % for networks that learned from us.
        """
        parts = [f"{self.count}x{self.rounds}-{self.audience}"]
        if self.probes:
            parts.append("probes")
        if self.budgets:
            letters = {Ease.CLEAN: "b", Ease.TAUGHT: "l"}
            said = (f"{letters[ease]}{round(one * _PARTS)}" for ease, one in self.budgets.items())
            parts.append(f"{''.join(said)}t{self.tolerance}")
            parts += [self.over] * (self.over is not Over.SERVE)
        return "-".join(parts)

    @property
    def total(self) -> int:
        """Return the number of pictures in all rounds."""
        return self.count * self.rounds

    @property
    def counted(self) -> int:
        """Return the number of pictures that count in every challenge of it."""
        return self.total - self.probes

    @property
    def needed(self) -> int:
        """Return how many photos of each animal the most lopsided challenge needs."""
        return self.rounds * (self.count - 1)

    def with_rounds(self, rounds: int) -> Profile:
        """Return the same of so many rounds."""
        return replace(self, rounds=rounds)

    @classmethod
    def parse(cls, key: str) -> Profile:
        """Return the profile that has this key. Raises ValueError when none has."""
        shape, audience, *more = key.split("-")
        count, _, rounds = shape.partition("x")
        plain = cls(int(count), Audience(audience), int(rounds or 1), probes="probes" in more)
        for part in more:
            if found := _BUDGETS.fullmatch(part):
                budget, taught = (int(one) / _PARTS if one else None for one in found.groups()[:2])
                over = [Over(word) for word in more if word in set(Over)]
                return replace(
                    plain,
                    budget=budget,
                    tolerance=int(found[3]),
                    over=over[0] if over else Over.SERVE,
                    taught_budget=taught,
                )
        return plain


def columns(count: int) -> int:
    """Return in how many columns so many pictures are laid: 9 as 3 x 3, more in rows of four."""
    return 3 if count <= LEAST_PICTURES else 4


def audience_of(key: str) -> Audience:
    """Return the audience of the profile that has this key."""
    return Profile.parse(key).audience


def draw_cats(count: int) -> list[bool]:
    """Return for each of `count` places whether it holds a cat.

    Each place is its own fair draw from the system's secure random source; all cats and no cats
    are drawn again, so the number of cats stays unknown but is never 0 or `count`.
    """
    while True:
        bits = secrets.randbits(count)
        if 0 < bits < (1 << count) - 1:
            return [bool(bits >> place & 1) for place in range(count)]


def draw_rounds(count: int, rounds: int, probe: int = -1) -> list[bool]:
    """Return for each place of all rounds whether it holds a cat, each round drawn by itself.

    The place `probe` counts for nothing (it is False): the others of its round are drawn as if it
    were not there.
    """
    places: list[bool] = []
    for first in range(0, count * rounds, count):
        inside = first <= probe < first + count
        drawn = draw_cats(count - inside)
        if inside:
            drawn.insert(probe - first, False)
        places += drawn
    return places


def mask(places: list[bool]) -> int:
    """Return a number whose bit i says whether place i is true."""
    return sum(1 << place for place, true in enumerate(places) if true)


def next_deal(deal_order: float, highest: float = 0.0) -> float:
    """Return the photo's place in the next round of the deck.

    A round is a whole number and the place within it is random: every photo is dealt once a
    round, in an order that nobody can foresee. One that is rounds behind, because it was not
    wanted, goes to the round of the `highest`: it is not dealt again and again until it is there.
    """
    return max(math.floor(deal_order) + 1, math.floor(highest)) + _random.random()


def ease_step(ease: float) -> float:
    """Return the step (0..1) on which an ease lies."""
    return round(min(1.0, max(0.0, ease)) * EASES) / EASES


def eases_up_to(ease: float) -> list[float]:
    """Return all steps that are no easier than this (0..1), hardest first."""
    return [step / EASES for step in range(math.floor(ease * EASES + 1e-9) + 1)]


def join_deck(lowest: float | None) -> float:
    """Return the place of a new photo: somewhere in the round that is being dealt."""
    return math.floor(lowest or 0.0) + _random.random()
