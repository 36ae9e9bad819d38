"""Networks trained on plain photos: what anybody can download, and several of them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier import panel
from classifier.attackers import platt
from classifier.attackers.base import Attacker


@dataclass(frozen=True, slots=True)
class Clean:
    """One network of the panel, as it is."""

    key: str
    rung: str = "clean"

    @property
    def name(self) -> str:
        """Return its name, with the network's."""
        return f"clean-{self.key}"

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) as the network has it, calibrated on plain photos."""
        return panel.tell(panel.load(self.key), list(pictures)) if pictures else []


@dataclass(frozen=True, slots=True)
class Together:
    """Several attackers who vote with the mean of their logits."""

    members: tuple[Attacker, ...]
    name: str = "clean-together"
    rung: str = "clean"

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return the chance of the mean logit."""
        if not pictures:
            return []
        logits = [platt.logit(member.look(pictures)) for member in self.members]
        mean: list[float] = platt.sigmoid(np.mean(logits, axis=0)).tolist()
        return mean
