"""One stored run of an attacker, as the report needs it: counts, shares and what does not add up.

Shares are worked out from the run's counts, never copied from its ratios, so that a figure on the
page is always one of counted things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from classifier.proportions import interval
from classifier.reports import attack_words
from classifier.reports.words import at_most, percent

# An attacker that reads plain photos worse than this is weak: what it fails at proves nothing.
STRONG: Final = 0.98
# The same bound as in classifier.attacks: the surest of fewer challenges say nothing.
ENOUGH: Final = 20
# What doubling an attacker's data or epochs may still gain, as a share of photos, before it counts.
LEARNED_OUT: Final = 0.01
# Rounding of stored ratios.
_NEAR: Final = 1e-6
# How a tuning log names a training (attackers.training.Recipe).
_EPOCHS: Final = re.compile(r"(\d+) epochs")

PLAIN, HARDENED, MIXED = "plain", "hardened", "mixed"
# No pictures that anybody is served: hardened ones with noise in the place of their patterns.
NOISE: Final = "noise"
LAB: Final = "lab"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of counted things: `hits` of `n`, with its 95 % interval (`low` to `high`, 0..1)."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return it, 0..1; 0 of nothing is 0."""
        return self.hits / self.n if self.n else 0.0


def rate(hits: int, n: int, within: tuple[float, float] | None = None) -> Rate:
    """Return a share with its interval: Clopper and Pearson's, if none `within` is known better."""
    low, high = within or interval(min(hits, n), n)
    return Rate(hits, n, low, high)


def told(one: Rate) -> str:
    """Return a share in words: of what was never seen it is only known that it is under so much."""
    return percent(one.share) if one.hits or not one.n else at_most(one.high)


@dataclass(frozen=True, slots=True)
class Learnt:
    """A point of a learning curve: how single photos were read after learning from `tiles`."""

    tiles: int
    photos: Rate


@dataclass(frozen=True, slots=True)
class Tried:
    """A line of the tuning log: what was tried, and how single photos were read then."""

    what: str
    photos: Rate


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which an attacker may answer, and how often it is right that way."""

    which: str
    solved: Rate

    @property
    def counts(self) -> bool:
        """Return whether it says enough to be the worst."""
        return not self.which.startswith("surest") or self.solved.n >= ENOUGH


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is done.

    `solved` and the others are shares of challenges, `photos` and `clean` of single photos;
    `passed` is None in the lab, where there are no limits. `per_1000` is passes per 1,000
    challenges issued: measured at a door, worked out from the token bucket in the lab. `recipes`
    tells apart by which hardening the tiles were made, `age` is how many rotations of the recipes
    lie between what was learnt and what was attacked. `doubling` is what the last doubling of
    its data gained, as a share of photos. With `seen` it stands on a network that took part in
    hardening or choosing. `before_learning` is what its network read of plain photos before it
    learned from our pictures, `bought` are the pictures that it paid people for. With `starter` it
    met nothing but starter pictures, which are drawn and public: it says nothing about photos.
    `flaws` say what in it contradicts itself.
    """

    id: int
    attacker: str
    rung: str
    door: str
    tiles: str
    learned: int
    age: int
    limits: bool
    recipes: str
    started: datetime
    finished: datetime
    challenges: int
    solved: Rate
    reversed: Rate
    passed: Rate | None
    tolerance: Mapping[int, Rate]
    photos: Rate
    auc: float | None
    clean: Rate | None
    predicted: float
    surest: Mapping[int, Rate]
    per_1000: float
    curve: tuple[Learnt, ...] = ()
    tuning: tuple[Tried, ...] = ()
    doubling: float | None = None
    seconds_per_photo: float = 0.0
    seconds: float = 0.0
    more: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    waited: float = 0.0
    site: int | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    seen: bool = False
    before_learning: Rate | None = None
    bought: Rate | None = None
    stored_worst: float | None = None
    starter: bool = False
    flaws: tuple[str, ...] = ()

    @property
    def weak(self) -> bool | None:
        """Return whether it reads plain photos too badly to prove anything.

        None when that is not measured, or says nothing of its kind. Who always says the opposite
        is as strong as who does not; who learned from our pictures has forgotten about plain ones,
        and is as strong as the network that it was before.
        """
        found = self.before_learning or self.clean
        if found is None or not attack_words.rung(self.rung).reads:
            return None
        return max(found.share, 1 - found.share) < STRONG

    @property
    def lengthening(self) -> float | None:
        """Return what the last doubling of its epochs gained, as a share of photos.

        By the last two lines of the tuning log. None when these are no shorter and longer training.
        """
        epochs = [_EPOCHS.match(one.what) for one in self.tuning[-2:]]
        if len(epochs) < 2 or not all(epochs):
            return None
        before, last = (int(one[1]) for one in epochs if one)
        if last < 2 * before:
            return None
        return self.tuning[-1].photos.share - self.tuning[-2].photos.share

    @property
    def learns_on(self) -> bool:
        """Return whether twice the data or epochs would still make it clearly better."""
        return any(
            gained is not None and gained >= LEARNED_OUT - _NEAR
            for gained in (self.doubling, self.lengthening)
        )

    @property
    def pictures(self) -> int:
        """Return how many pictures a challenge has."""
        if self.door == LAB or not self.challenges:
            return 12
        return max(1, round(self.photos.n / self.challenges))

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return each way to answer, those that count and those of too few challenges."""
        surest = [Way(f"surest {share} %", one) for share, one in self.surest.items()]
        return (Way("plain", self.solved), Way("reversed", self.reversed), *surest)

    @property
    def worst(self) -> Way:
        """Return the way that does best, which is the worst for us."""
        return max((one for one in self.ways if one.counts), key=lambda one: one.solved.share)

    @property
    def before(self) -> Rate:
        """Return how often it solves a challenge that it may choose to reverse, without limits."""
        return max(self.solved, self.reversed, key=lambda one: one.share)


def flaws(run: Run) -> Iterator[str]:
    """Yield in a sentence each what in a run contradicts itself: such a run is in no headline."""
    n = run.challenges
    for name, one in (("solved", run.solved), ("solved reversed", run.reversed)):
        if not 0 <= one.hits <= n:
            yield f"{one.hits:,} of {n:,} challenges cannot be {name}."
    if not run.solved.low - _NEAR <= run.solved.share <= run.solved.high + _NEAR:
        yield "The share of challenges solved lies outside its own interval."
    if run.photos.hits > run.photos.n or (run.clean and run.clean.hits > run.clean.n):
        yield "More photos are right than were seen."
    if any(one.hits > one.n or one.n > n for one in run.surest.values()):
        yield "More of the surest challenges are right than there are."
    if not 0 <= run.predicted <= 1:
        yield "What it predicts is no share."
    yield from _flaws_of_limits(run)


def _flaws_of_limits(run: Run) -> Iterator[str]:
    if run.tolerance.get(0) and run.door == LAB and run.tolerance[0].hits != run.solved.hits:
        yield "With no photo wrong it solves another number than it solves."
    if run.tolerance and list(run.tolerance.values())[-1].hits < run.tolerance[0].hits:
        yield "It solves fewer when more photos may be wrong."
    if run.passed and run.passed.hits > run.solved.hits:
        yield "It passes more challenges than it solves."
    if not 0 <= run.per_1000 <= 1000 * run.solved.share + _NEAR:
        yield "It passes more of 1,000 challenges than it solves."
    if run.stored_worst is not None and abs(run.stored_worst - run.worst.solved.share) > _NEAR:
        yield "Its worst figure is not the worst of its figures."
