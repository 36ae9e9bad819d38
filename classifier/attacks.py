"""What a run of an attacker came to: figures from arrays, in the lab and at the front door. Pure.

Everything that the report says of an attacker is in a Result, which AttackRun keeps as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from challenges import odds
from classifier.fair import PICTURES, Flags, Floats, draw, over_photos
from classifier.proportions import interval

# A lab run draws so many challenges: the surest 1 % of them are 200.
CHALLENGES: Final = 20_000
# Shares of the challenges that a bot might answer alone, in percent.
SUREST: Final = (20, 5, 1)
TOLERANCES: Final = (0, 1)
# The surest of fewer challenges than this say nothing about the worst.
ENOUGH: Final = 20


class Photos(TypedDict):
    """How single photos were read."""

    seen: int
    right: int
    auc: float | None


class Clean(TypedDict):
    """How the same attacker reads plain tiles of these photos."""

    seen: int
    right: int


class Limits(TypedDict):
    """What the front door's limits did: more rounds asked, refusals by code, seconds waited."""

    more: int
    refused: dict[str, int]
    waited: float


class Worst(TypedDict):
    """The best way the attacker has: its rate (0..1) and which way that is."""

    rate: float
    which: str


class Point(TypedDict):
    """One point of a learning curve: photos read after learning from so many tiles."""

    learned: int
    seen: int
    right: int


class Tried(TypedDict):
    """One line of a tuning log: what was tried, and photos read rightly (not the measured ones)."""

    what: str
    seen: int
    right: int


class Result(TypedDict):
    """What came of a run; AttackRun.result. Counts, rates 0..1, seconds.

    `predicted` is the mean chance that the attacker gave itself to be right in all pictures of a
    challenge; `per_1000` is passes per 1,000 challenges issued: measured at the front door, and
    in the lab what the token bucket would let through in the long run.
    """

    challenges: int
    solved: int
    passed: int | None
    reversed: int
    tolerance: dict[str, int]
    photos: Photos
    clean: Clean | None
    predicted: float
    surest: dict[str, tuple[int, int]]
    per_1000: float
    curve: list[Point]
    tuning: list[Tried]
    interval: tuple[float, float]
    seconds_per_photo: float
    seconds: float
    limits: Limits
    worst: Worst


@dataclass(frozen=True, slots=True)
class Exchange:
    """One challenge at the front door, all of its rounds together.

    `p_cat` is what the attacker thought of each picture, `cats` the truth, read from our own rows
    afterwards; `solved` is what the server said, `passed` whether a token came.
    """

    p_cat: Sequence[float]
    cats: Sequence[bool]
    solved: bool
    passed: bool


def result(
    p_cat: ArrayLike,
    cats: ArrayLike,
    photos: Sequence[str],
    *,
    challenges: int = CHALLENGES,
    pictures: int = PICTURES,
    refill: int = 3,
    seed: int = 0,
    clean: tuple[int, int] | None = None,
    curve: Iterable[Point] = (),
    tuning: Iterable[Tried] = (),
    seconds_per_photo: float = 0.0,
    seconds: float = 0.0,
) -> Result:
    """Return what an attacker comes to who thought `p_cat` (0..1) of tiles of these photos.

    `cats` is the truth and `photos` the source photo of each tile: a photo is in a challenge once,
    by one of its tiles. `refill` is R of the token bucket, `clean` (seen, right) of the same
    attacker on plain tiles of the same photos. The interval is a bootstrap over photos.
    Raises ValueError when there are too few photos of an animal.
    """
    p, truth = np.asarray(p_cat, dtype=np.float64), np.asarray(cats, dtype=np.bool_)
    dice = np.random.default_rng(seed)
    rows = draw(truth, photos, challenges, pictures, dice)
    said = answers(p, dice)
    found = _figures(p[rows], said[rows], truth[rows], np.ones(rows.shape, dtype=np.bool_))
    rate = found.solved / challenges
    low, high = over_photos(said == truth, truth, photos, pictures, dice)
    return Result(
        challenges=challenges,
        solved=found.solved,
        passed=None,
        reversed=found.reversed,
        tolerance=found.tolerance,
        photos=_photos(p, said, truth),
        clean=None if clean is None else Clean(seen=clean[0], right=clean[1]),
        predicted=found.predicted,
        surest=found.surest,
        per_1000=1000 * odds.bucket_rate(rate, refill),
        curve=list(curve),
        tuning=list(tuning),
        # What was drawn may lie beside by the luck of the draw: that belongs to it, too.
        interval=(min(low, rate), max(high, rate)),
        seconds_per_photo=seconds_per_photo,
        seconds=seconds,
        limits=Limits(more=0, refused={}, waited=0.0),
        worst=found.worst(challenges),
    )


def at_the_door(
    exchanges: Sequence[Exchange],
    *,
    limits: Limits | None = None,
    issued: int | None = None,
    seconds_per_photo: float = 0.0,
    seconds: float = 0.0,
) -> Result:
    """Return what a run over HTTP came to. `issued` counts challenges that went unanswered, too.

    The interval of the solve rate is Clopper and Pearson's: each challenge has photos of its own.
    """
    width = max((len(one.p_cat) for one in exchanges), default=0)
    shown = np.array([[place < len(one.p_cat) for place in range(width)] for one in exchanges])
    shown = shown.reshape(len(exchanges), width).astype(np.bool_)
    p, truth = np.full(shown.shape, 0.5), np.zeros(shown.shape, dtype=np.bool_)
    p[shown] = [value for one in exchanges for value in one.p_cat]
    truth[shown] = [value for one in exchanges for value in one.cats]
    said = answers(p, np.random.default_rng(0))
    told = np.array([one.solved for one in exchanges], dtype=np.bool_)
    found = _figures(p, said, truth, shown, told)
    n, passed = len(exchanges), sum(one.passed for one in exchanges)
    return Result(
        challenges=n,
        solved=found.solved,
        passed=passed,
        reversed=found.reversed,
        tolerance=found.tolerance,
        photos=_photos(p[shown], said[shown], truth[shown]),
        clean=None,
        predicted=found.predicted,
        surest=found.surest,
        per_1000=1000 * passed / max(n if issued is None else issued, 1),
        curve=[],
        tuning=[],
        interval=interval(found.solved, n),
        seconds_per_photo=seconds_per_photo,
        seconds=seconds,
        limits=limits or Limits(more=0, refused={}, waited=0.0),
        worst=found.worst(n),
    )


def answers(p_cat: Floats, dice: np.random.Generator) -> Flags:
    """Return which tiles are called cats: the likelier animal, by a coin where both are alike."""
    called: Flags = (p_cat > 0.5) | ((p_cat == 0.5) & (dice.random(p_cat.shape) < 0.5))
    return called


def auc(p_cat: ArrayLike, cats: ArrayLike) -> float | None:
    """Return how likely (0..1) a cat gets a higher number than a dog; ties count half.

    The rank sum of Mann and Whitney (1947). None when there are not both animals.
    """
    p, truth = np.asarray(p_cat, dtype=np.float64), np.asarray(cats, dtype=np.bool_)
    many, others = int(truth.sum()), int((~truth).sum())
    if not many or not others:
        return None
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return float((rank[place][truth].sum() - many * (many + 1) / 2) / (many * others))


def doubling(curve: Sequence[Point]) -> float | None:
    """Return what the last doubling of the data gained, as a share of photos (0.01 is a point).

    A rung counts only when this is under a point: else it had not learned all it could. None when
    no earlier point learned from half as much or less.
    """
    ranked = sorted(curve, key=lambda one: one["learned"])
    if not ranked:
        return None
    last = ranked[-1]
    halves = [one for one in ranked if one["learned"] * 2 <= last["learned"]]
    if not halves:
        return None
    half = halves[-1]
    doublings = np.log2(last["learned"] / max(half["learned"], 1))
    gained = last["right"] / last["seen"] - half["right"] / half["seen"]
    return float(gained / doublings)


def _photos(p: Floats, said: Flags, truth: Flags) -> Photos:
    return Photos(seen=len(truth), right=int((said == truth).sum()), auc=auc(p, truth))


@dataclass(frozen=True, slots=True)
class _Figures:
    """What follows from challenges x pictures; see Result."""

    solved: int
    reversed: int
    tolerance: dict[str, int]
    predicted: float
    surest: dict[str, tuple[int, int]]

    def worst(self, challenges: int) -> Worst:
        """Return the best of the attacker's ways."""
        counted = {"plain": (self.solved, challenges), "reversed": (self.reversed, challenges)}
        for percent, (right, n) in self.surest.items():
            if n >= ENOUGH:
                counted[f"surest {percent} %"] = right, n
        rates = {which: right / max(n, 1) for which, (right, n) in counted.items()}
        which = max(rates, key=lambda one: rates[one])
        return Worst(rate=rates[which], which=which)


def _figures(
    p: Floats, said: Flags, truth: Flags, shown: Flags, told: Flags | None = None
) -> _Figures:
    """Return the figures; `shown` is False where a row is filled up, `told` the server's word."""
    wrong = ((said != truth) & shown).sum(axis=1)
    right = ((said == truth) & shown).sum(axis=1)
    belief = np.where(shown, np.maximum(p, 1 - p), 1.0).prod(axis=1)
    solved = wrong == 0 if told is None else told
    return _Figures(
        solved=int(solved.sum()),
        reversed=int((right == 0).sum()),
        tolerance={str(k): int((wrong <= k).sum()) for k in TOLERANCES},
        predicted=float(belief.mean()) if len(p) else 0.0,
        surest=_surest(belief, solved),
    )


def _surest(belief: Floats, solved: Flags) -> dict[str, tuple[int, int]]:
    ranked = solved[np.argsort(-belief, kind="stable")]
    found = {}
    for percent in SUREST:
        chosen = ranked[: round(len(ranked) * percent / 100)]
        found[str(percent)] = int(chosen.sum()), len(chosen)
    return found
