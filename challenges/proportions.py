"""How sure one may be of counted things. Pure, and light enough for a web process."""

from __future__ import annotations

import math
from dataclasses import dataclass


def interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return between which shares, 0..1, the true one lies: exactly (Clopper and Pearson 1934).

    Of nothing counted nothing is known: 0 to 1.
    """
    # Its small part only: scipy.stats takes a second to import.
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = float(betaincinv(hits, n - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - tail)) if hits < n else 1.0
    return low, high


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a random sample tells of the rest of what it was drawn from. Numbers of things.

    `wrong` of `checked` were wrong; `rest` were not looked at. Of these `expected` are likely to be
    wrong, and between `least` and `most` with 95 % certainty.
    """

    checked: int
    wrong: int
    rest: int
    expected: int
    least: int
    most: int

    @property
    def sentence(self) -> str:
        """Return it in plain words."""
        if not self.checked:
            return "Nothing was checked, so nothing is known."
        was = "was" if self.wrong == 1 else "were"
        found = "none was" if not self.wrong else f"{self.wrong:,} {was}"
        start = f"In {self.checked:,} checked, {found} wrong"
        if not self.rest:
            return f"{start}: all were checked, none is left to guess about."
        expect = f"about {self.expected:,}" if self.expected else "hardly any"
        return (
            f"{start}: among the other {self.rest:,} expect {expect} wrong, "
            f"at most {self.most:,} (95 %)."
        )


def estimate(wrong: int, checked: int, rest: int) -> Estimate:
    """Return what `wrong` in a random sample of `checked` says of the `rest`.

    Raises ValueError when more are wrong than were checked.
    """
    if not 0 <= wrong <= checked or rest < 0:
        raise ValueError(f"{wrong} of {checked} cannot be wrong.")
    low, high = interval(wrong, checked)
    share = wrong / checked if checked else 0.0
    # Rounded against us: what is not known to be right may be wrong.
    return Estimate(
        checked=checked,
        wrong=wrong,
        rest=rest,
        expected=round(share * rest),
        least=math.floor(low * rest),
        most=math.ceil(high * rest),
    )
