"""A small network that begins at random and learns from tiles alone: no weights from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import torch

from classifier.attackers import apart, pixels, platt, training
from classifier.attackers.base import Tile
from classifier.attackers.platt import Platt
from classifier.attackers.training import Recipe
from classifier.attacks import Tried
from classifier.cnn.config import Preprocessing
from classifier.cnn.pawnet import PawNet
from classifier.cnn.reader import Reader

if TYPE_CHECKING:
    from torch import Tensor

SIDE: Final = 112
# Twice the epochs are in the log: there they have to gain less than a point.
TRIES: Final = (
    Recipe(epochs=30, lr=1e-3, statistics=True),
    Recipe(epochs=60, lr=1e-3, statistics=True),
)
# The share of the tiles by which the recipe is chosen and the chances are calibrated.
KEPT: Final = 0.15


@dataclass(slots=True)
class Scratch:
    """PawNet, trained on labelled tiles."""

    side: int = SIDE
    tries: Sequence[Recipe] = TRIES
    seed: int = 0
    name: str = "scratch-cnn"
    rung: str = "scratch"
    tuning: list[Tried] = field(default_factory=list)
    _network: Reader | None = None
    _platt: Platt = field(default_factory=Platt)

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Train with each recipe; the one that suits left-out photos best stays."""
        seen = pixels.tensor([tile.data for tile in tiles], self.side)
        cats = torch.tensor([bool(tile.cat) for tile in tiles])
        kept, out = apart.part(tiles, KEPT, self.seed)
        best, self.tuning = -1, []
        for recipe in self.tries:
            torch.manual_seed(self.seed)
            network = begin(self.side)
            training.train(network, seen[kept], cats[kept], recipe, self.seed)
            told = training.logits(network, seen[out])
            right = int(((told > 0) == cats[out]).sum())
            self.tuning.append(Tried(what=str(recipe), seen=len(out), right=right))
            if right > best:
                best, self._network = right, network
                self._platt = platt.fit(told.numpy(), cats[out].numpy())

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat). Raises RuntimeError before it learned anything."""
        if self._network is None:
            raise RuntimeError("A network that begins at random has to learn before it looks.")
        told: Tensor = training.logits(self._network, pixels.tensor(pictures, self.side))
        return self._platt.chances(told.numpy())


def begin(side: int) -> Reader:
    """Return a network at random."""
    network = PawNet(2)
    head = torch.randn(1, network.num_features) / network.num_features**0.5
    return Reader(network, head, torch.zeros(1), Preprocessing(size=side))
