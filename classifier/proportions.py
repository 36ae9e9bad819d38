"""How sure one may be of counted things. Pure, and light enough for a web process."""

from __future__ import annotations


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
