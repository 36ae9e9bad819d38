"""How likely a challenge is solved: by a network, and by guessing. Pure."""

from __future__ import annotations

from collections.abc import Iterable


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
