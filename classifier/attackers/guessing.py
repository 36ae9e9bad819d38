"""Guessing: what every other rung has to beat. 1 challenge in 4,094."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

# So near to a half that no chance comes of it, and enough to name an animal.
LEAN = 1e-6


@dataclass(slots=True)
class Guessing:
    """A fair coin for each picture, without a look at it."""

    seed: int = 0
    name: str = "guessing"
    rung: str = "guessing"
    _coin: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Take the coin."""
        self._coin = random.Random(self.seed)  # noqa: S311  An attacker's coin guards nothing.

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return a half for each picture, leaning to one side by nothing to speak of."""
        return [0.5 + self._coin.choice((-LEAN, LEAN)) for _ in pictures]
