"""How sure one may be of counted things. Pure, and light enough for a web process."""

from __future__ import annotations

from challenges.proportions import interval

__all__ = ["interval", "mcnemar", "percent"]


def mcnemar(one: int, other: int) -> float:
    """Return the chance that two equally good networks differ by as much, 0..1.

    Of photos on which exactly one of the two is right: `one` and `other` are how often it was
    each of them. The exact, two-sided form of McNemar's test (1947), which Dietterich (1998)
    recommends for two networks that were trained once and looked at the same photos.
    """
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(one, other), one + other, 0.5)))


def percent(share: float, digits: int = 1) -> str:
    """Return a share, 0..1, in percent as people write it: 99.5 %."""
    return f"{100 * share:.{digits}f} %"
