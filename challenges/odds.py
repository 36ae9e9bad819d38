"""How likely a challenge is solved, and what the rules between challenges make of it. Pure.

Tested against Golle's printed tables and the vectors of design/attack-math.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


def solves(p: float, pictures: int, tolerance: int = 0) -> float:
    """Return how likely (0..1) someone who is right in a share `p` of single photos solves it.

    The challenge has so many counted `pictures` in all rounds (with a probe one fewer than are
    shown); `tolerance` of them may be wrong.
    """
    return at_most_wrong([p] * pictures, tolerance)


def at_most_wrong(chances: Iterable[float], tolerance: int = 0) -> float:
    """Return how likely (0..1) at most `tolerance` photos are read wrongly.

    `chances` has for each photo how likely it is read right. They need not be equal: the number of
    wrong ones then has a Poisson binomial distribution.
    """
    # exactly[k]: how likely k of the photos so far are wrong.
    exactly = [1.0] + [0.0] * tolerance
    for right in chances:
        shifted = [0.0, *exactly[:-1]]
        exactly = [
            same * right + fewer * (1 - right) for same, fewer in zip(exactly, shifted, strict=True)
        ]
    return min(1.0, sum(exactly))


def guesses(pictures: int, tolerance: int = 0, rounds: int = 1) -> float:
    """Return in one of how many tries the best blind guess is right, on average.

    No round is all cats or none, as everybody knows. `pictures` counts all rounds; each has as
    many, but the first, which has what is left over (with a probe one fewer than are shown).
    """
    each = -(-pictures // rounds)
    first = pictures - each * (rounds - 1)
    answers = float((2**first - 2) * (2**each - 2) ** (rounds - 1))
    return answers / (1 + pictures * bool(tolerance))


# --- what an attacker knows, and what comes of it ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Odds:
    """How one attacker does on one challenge; chances are 0..1.

    `solves` is how likely it is right when it trusts its own chances, `reversed` how likely it is
    right when it says the opposite of each, `belief` how likely it thinks it is right when it
    picks what seems likelier, and `hit` whether it then is.
    """

    solves: float
    reversed: float
    belief: float
    hit: bool

    @property
    def worst(self) -> float:
        """Return the better of the attacker and its reversed self: the worse for us."""
        return max(self.solves, self.reversed)


def odds(chances: Sequence[float], tolerance: int = 0) -> Odds:
    """Return how an attacker does that reads each photo rightly with these calibrated chances.

    The photos are those of all rounds together: which round was wrong is never told.
    """
    wrong = sum(right <= 0.5 for right in chances)
    return Odds(
        solves=at_most_wrong(chances, tolerance),
        reversed=at_most_wrong([1 - right for right in chances], tolerance),
        belief=at_most_wrong([max(right, 1 - right) for right in chances], tolerance),
        hit=wrong <= tolerance,
    )


def headline(panel: Mapping[str, Sequence[float]], tolerance: int = 0) -> float | None:
    """Return how likely the worst attacker of a panel solves it, or None when nobody was asked."""
    worst = [odds(chances, tolerance).worst for chances in panel.values()]
    return max(worst, default=None)


def accuracy_for(rate: float, pictures: int = 12, tolerance: int = 0) -> float:
    """Return what share of single photos one has to read rightly to solve a share `rate`."""
    if not tolerance:
        return float(rate ** (1 / pictures))
    low, high = 0.0, 1.0
    # It only ever grows with the accuracy: halving finds it, to the last digit of a float.
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if solves(middle, pictures, tolerance) > rate else (middle, high)
    return low


# --- rules between challenges: Golle (CCS 2008), his tables 6 and 7 ------------------------------


def partial_credit(p: float, challenges: int, pictures: int = 12, *, armed: bool = False) -> float:
    """Return how likely one passes within so many challenges under partial credit.

    All right passes. One wrong leads to a state (`armed`) in which one wrong is enough to pass;
    more wrong leads back. Pawcha does not use it: what it costs is shown.
    """
    full, near = solves(p, pictures), solves(p, pictures, 1)
    plain, credit, passed = (0.0, 1.0, 0.0) if armed else (1.0, 0.0, 0.0)
    for _ in range(challenges):
        passed += plain * full + credit * near
        plain, credit = (plain + credit) * (1 - near), plain * (near - full)
    return passed


def bucket_rate(solved: float, refill: int = 3) -> float:
    """Return the share of challenges that pass in the long run under the token bucket.

    `solved` is the share that is answered rightly, `refill` the tokens after a right answer. With
    no token a right answer passes nothing: another within `refill` challenges is needed.
    """
    return solved * (1 - (1 - solved) ** refill)


def bucket_rate_with_credit(p: float, refill: int = 3, pictures: int = 12) -> float:
    """Return the same under bucket and partial credit together, for single photos read at `p`."""
    near = solves(p, pictures, 1)
    return near * partial_credit(p, refill, pictures, armed=True)


def fresh_passes(solved: float, challenges: int, *, start: int, most: int, refill: int) -> float:
    """Return how often one passes who spends so many challenges on a prefix nobody used before.

    That is at one site: each has buckets of its own. The bucket begins with `start` tokens and
    holds at most `most`; no time passes, so none come back by themselves. With
    the bucket empty the visitor's own handle counts: it begins empty.
    """
    return sum(
        chance * passes
        for (_, _, passes), chance in _spend(solved, challenges, start, most, refill).items()
    )


def _spend(
    solved: float, challenges: int, start: int, most: int, refill: int
) -> dict[tuple[int, int, int], float]:
    """Return how likely each state is at the end: tokens of prefix and handle, and passes."""
    states = {(start, 0, 0): 1.0}
    for _ in range(challenges):
        after: dict[tuple[int, int, int], float] = {}
        for (prefix, handle, passes), chance in states.items():
            if prefix:
                right = (min(most, max(prefix, refill)), handle, passes + 1)
                wrong = (prefix - 1, handle, passes)
            else:
                right = (0, max(handle, refill), passes + bool(handle))
                wrong = (0, max(0, handle - 1), passes)
            for state, share in ((right, solved), (wrong, 1 - solved)):
                after[state] = after.get(state, 0.0) + chance * share
        states = after
    return states


def challenges_to_pass(solved: float, refill: int) -> float:
    """Return how many challenges one solves or tries, on average, until one passes with no token.

    One who solves a share `solved` has an empty handle on an empty prefix: it takes a right answer,
    and another within `refill` challenges after it. Infinite when nothing is solved.
    """
    if not solved:
        return math.inf
    second = 1 - (1 - solved) ** refill
    return (1 / solved + second / solved) / second


# --- bots choose ---------------------------------------------------------------------------------


def surest(answered: Iterable[tuple[float, bool]], share: float) -> float | None:
    """Return the pass rate on the surest `share` (0..1) of challenges; None when that is none.

    Each challenge is what the attacker believed (0..1) and whether its answer was right.
    """
    ranked = sorted(answered, key=lambda one: -one[0])
    chosen = ranked[: round(len(ranked) * share)]
    return sum(right for _, right in chosen) / len(chosen) if chosen else None


# --- money ---------------------------------------------------------------------------------------


def cost_per_pass(rate: float, per_try: float) -> float:
    """Return what one pass costs when a share `rate` of tries passes and each costs `per_try`."""
    return per_try / rate if rate else math.inf
