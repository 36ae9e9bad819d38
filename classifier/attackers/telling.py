"""Does what is seen from outside tell a secret bit? Learned on one half, judged on the other.

The judged half decides alone, so its count of right guesses has an exact distribution where there
is nothing to tell, whatever was learned: binomial where each bit is a fair coin of its own, and
hypergeometric where photos were picked so that both bits are equally frequent. Many questions are
asked of one service: by Holm's rule (1979) the chance that any of them accuses a clean one is at
most FAMILY, however the questions hang together.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from classifier.proportions import interval

# How likely a clean service is accused of anything at all, 0..1.
FAMILY: Final = 0.01
# Fewer judged bits than this say nothing.
ENOUGH: Final = 20
# A value that was seen less often is no kind of its own: nothing can be learned of it.
KIND: Final = 5
# So many kinds are told apart; numbers with more values are cut into so many equal parts.
KINDS: Final = 8
# So many of a channel's traits are used together, the most telling ones.
TRAITS: Final = 3

Trait = float | str


@dataclass(frozen=True, slots=True)
class Case:
    """One secret bit and the traits beside it. `unit` is never on both sides of the split.

    Of one `unit` only the first case counts where bits are judged `balanced`.
    """

    traits: Mapping[str, Trait]
    bit: bool
    unit: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one channel told of one secret: `right` of `seen` guesses, and its 95 % interval.

    `p` is how likely that many are right by luck; `adjusted` the same among all that was asked.
    `alarm` is the share from which it would have been accused, had all others been clean: what is
    below may have been missed. `content`: it follows from the picture itself, so that it is shown
    and never accused.
    """

    channel: str
    target: str
    seen: int
    right: int
    low: float
    high: float
    p: float
    adjusted: float = 1.0
    alarm: float = 1.0
    content: bool = False

    @property
    def share(self) -> float:
        """Return the share of right guesses, 0..1: a half where nothing was judged."""
        return self.right / self.seen if self.seen else 0.5

    @property
    def enough(self) -> bool:
        """Return whether enough bits were judged to say anything."""
        return self.seen >= ENOUGH

    @property
    def leaks(self) -> bool:
        """Return whether the channel is accused."""
        return self.enough and not self.content and self.adjusted <= FAMILY


def tell(
    channel: str,
    target: str,
    cases: Sequence[Case],
    *,
    balanced: bool,
    content: bool = False,
    seed: int = 0,
) -> Told:
    """Return how well the traits of these cases tell their bits.

    `balanced`: bits belong to photos, of which there may be more of one kind: each unit counts
    once, and as many of both bits. Otherwise each bit was drawn by a fair coin. `content`: see
    Told.
    """
    dice = Random(seed)  # noqa: S311 - a split that can be repeated
    ones = _firsts(cases) if balanced else list(cases)
    learned, judged = _halves(ones, dice)
    if balanced:
        learned, judged = _even(learned, dice), _even(judged, dice)
    model = Model(learned)
    guesses = [model.guess(case.traits) for case in judged]
    right = sum(guess == case.bit for guess, case in zip(guesses, judged, strict=True))
    n = len(judged)
    p = _hypergeometric(n, sum(guesses), right) if balanced else _binomial(n, right)
    low, high = interval(right, n)
    return Told(channel, target, n, right, low, high, p, content=content)


def judge(found: Sequence[Told]) -> list[Told]:
    """Return the same, each with its chance among all that was asked (Holm), in the same order."""
    asked = [one for one in found if one.enough and not one.content]
    adjusted: dict[int, float] = {}
    running = 0.0
    for rank, one in enumerate(sorted(asked, key=lambda one: one.p)):
        running = max(running, min(1.0, one.p * (len(asked) - rank)))
        adjusted[id(one)] = running
    limit = FAMILY / max(len(asked), 1)
    return [
        replace(one, adjusted=adjusted.get(id(one), 1.0), alarm=_alarm(one.seen, limit))
        for one in found
    ]


# --- the split ------------------------------------------------------------------------------------


def _firsts(cases: Sequence[Case]) -> list[Case]:
    """Return one case of each unit."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(case.unit, case)
    return list(first.values())


def _halves(cases: Sequence[Case], dice: Random) -> tuple[list[Case], list[Case]]:
    """Return the cases in two halves, by their units."""
    units = sorted({case.unit for case in cases})
    dice.shuffle(units)
    mine = set(units[: len(units) // 2])
    return (
        [case for case in cases if case.unit in mine],
        [case for case in cases if case.unit not in mine],
    )


def _even(cases: Sequence[Case], dice: Random) -> list[Case]:
    """Return as many cases of each bit, drawn at random."""
    sides = [[case for case in cases if case.bit is bit] for bit in (False, True)]
    least = min(map(len, sides))
    return [case for side in sides for case in dice.sample(side, least)]


# --- the guess ------------------------------------------------------------------------------------


class Model:
    """A naive Bayes over the most telling traits, each cut into a few kinds."""

    def __init__(self, cases: Sequence[Case]) -> None:
        """Learn from cases whose bits are known."""
        names = sorted({name for case in cases for name in case.traits})
        tables = [_Table(name, cases) for name in names]
        best = sorted(tables, key=lambda table: -table.weight)[:TRAITS]
        self.tables = [table for table in best if table.weight > 0]

    def guess(self, traits: Mapping[str, Trait]) -> bool:
        """Return the likelier bit."""
        return sum(table.says(traits) for table in self.tables) > 0


class _Table:
    """How often each kind of one trait went with each bit."""

    def __init__(self, name: str, cases: Sequence[Case]) -> None:
        self.name = name
        values = [case.traits.get(name, "") for case in cases]
        self.kinds, self.edges = _kinds(values)
        counts: dict[str, list[int]] = defaultdict(lambda: [1, 1])
        for value, case in zip(values, cases, strict=True):
            counts[self._kind(value)][case.bit] += 1
        self.says_of = {
            kind: math.log(yes / no) if kind else 0.0 for kind, (no, yes) in counts.items()
        }
        self.weight = _weight(list(counts.values()))

    def says(self, traits: Mapping[str, Trait]) -> float:
        """Return the log odds of the bit; 0 where nothing was learned."""
        return self.says_of.get(self._kind(traits.get(self.name, "")), 0.0)

    def _kind(self, value: Trait) -> str:
        if self.edges is not None and isinstance(value, int | float):
            return str(sum(value > edge for edge in self.edges))
        return f"={value}" if f"={value}" in self.kinds else ""


def _kinds(values: Sequence[Trait]) -> tuple[frozenset[str], list[float] | None]:
    """Return the values that are kinds of their own, and the edges between numbers if many."""
    counts = Counter(values)
    numbers = sorted(value for value in values if isinstance(value, int | float))
    if len(counts) <= KINDS or len(numbers) < len(values):
        common = counts.most_common(KINDS)
        return frozenset(f"={value}" for value, count in common if count >= KIND), None
    parts = max(2, min(KINDS, len(numbers) // 25))
    cuts = [numbers[len(numbers) * part // parts] for part in range(1, parts)]
    return frozenset(), sorted(set(cuts))


def _weight(counts: Sequence[Sequence[int]]) -> float:
    """Return how much more than by luck a table tells: chi-square over its degrees of freedom."""
    total = [sum(row[bit] for row in counts) for bit in (0, 1)]
    n = sum(total)
    chi = 0.0
    for row in counts:
        for bit in (0, 1):
            expected = sum(row) * total[bit] / n
            chi += (row[bit] - expected) ** 2 / expected
    return chi - (len(counts) - 1)


# --- luck -----------------------------------------------------------------------------------------


def _binomial(n: int, right: int) -> float:
    """Return how likely at least so many of `n` fair coins are guessed rightly."""
    from scipy.special import bdtrc

    return float(bdtrc(right - 1, n, 0.5)) if right > 0 else 1.0


def _hypergeometric(n: int, yes: int, right: int) -> float:
    """Return how likely `yes` guesses of "1" make so many right where half of `n` bits are 1."""
    half = n // 2
    hits = (right + yes - half) // 2
    chances = [
        math.exp(_choose(half, hit) + _choose(n - half, yes - hit) - _choose(n, yes))
        for hit in range(max(hits, 0), min(half, yes) + 1)
    ]
    return min(1.0, sum(chances)) if n else 1.0


def _choose(n: int, k: int) -> float:
    """Return the logarithm of how many ways there are to choose k of n."""
    if not 0 <= k <= n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _alarm(n: int, limit: float) -> float:
    """Return the least share of right guesses whose luck is at most `limit`."""
    right = next((k for k in range(n // 2, n + 1) if _binomial(n, k) <= limit), n + 1)
    return right / n if n and right <= n else 1.0
