"""An attacker who says the opposite: pushed towards wrong, he is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classifier.attackers.base import Attacker


@dataclass(frozen=True, slots=True)
class Inverted:
    """Another attacker, turned round."""

    inner: Attacker
    name: str = "inverted"
    rung: str = "preprocessing"

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return 1 - P(cat) as the other has it."""
        return [1 - p for p in self.inner.look(pictures)]
