"""The secret coins: tossed by the system's secure source, and looked at for fairness. No torch."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# A fair coin is called biased this seldom (0..1), however many groups are looked at.
LEVEL: Final = 0.001


@dataclass(frozen=True, slots=True)
class Served:
    """A rendition that visitors get: what it shows, its recipe and coin, how often it was shown."""

    animal: str
    recipe: str
    pushed: bool
    shown: int = 0


@dataclass(frozen=True, slots=True)
class Fairness:
    """How the coins of one group fell, and between what (0..1) the true share then lies.

    Of so many renditions, or, where the group is "..., as shown", of so many showings.
    """

    group: str
    pushed: int
    number: int
    low: float
    high: float

    @property
    def fair(self) -> bool:
        """Return whether the coins may have been fair."""
        return self.low <= 0.5 <= self.high


def toss() -> bool:
    """Return a fair coin: True pushes a rendition towards the wrong animal."""
    return bool(secrets.randbits(1))


def look(served: Iterable[Served]) -> list[Fairness]:
    """Return how the coins fell: of all, by animal, by recipe, and by both; made, and as shown.

    Fair coins that are not shown equally often, by their side, are as bad as biased ones. The
    intervals are exact (Clopper and Pearson 1934) and as wide together as LEVEL wants
    (Bonferroni): fair coins show a biased group once in 1 / LEVEL looks at most. All showings of a
    rendition have one coin, so those are weights: see _weighed.
    """
    groups: dict[str, list[tuple[bool, int]]] = {}
    for one in served:
        for group in ("all", one.animal, one.recipe, f"{one.animal}, {one.recipe}"):
            groups.setdefault(group, []).append((one.pushed, 1))
            if one.shown:
                groups.setdefault(f"{group}, as shown", []).append((one.pushed, one.shown))
    level = LEVEL / max(1, len(groups))
    return [_weighed(group, coins, level) for group, coins in sorted(groups.items())]


def _weighed(group: str, coins: list[tuple[bool, int]], level: float) -> Fairness:
    """Return how these coins fell, each with its weight.

    Weighed ones tell as much as fewer equal ones: (sum of w)^2 / (sum of w^2) of them (Kish 1965,
    "Survey sampling"), to which the exact interval then applies (Korn and Graubard 1998,
    "Confidence intervals for proportions with small expected number of positive counts").
    """
    number = sum(weight for _, weight in coins)
    pushed = sum(weight for coin, weight in coins if coin)
    worth = number / sum(weight**2 for _, weight in coins)
    return Fairness(group, pushed, number, *_interval(pushed * worth, number * worth, level))


def _interval(hits: float, number: float, level: float) -> tuple[float, float]:
    # Its small part only: scipy.stats takes a second to import.
    from scipy.special import betaincinv

    low = float(betaincinv(hits, number - hits + 1, level / 2)) if hits else 0.0
    high = float(betaincinv(hits + 1, number - hits, 1 - level / 2)) if hits < number else 1.0
    return low, high
