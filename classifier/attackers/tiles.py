"""Learning from our own tiles: a network trained on plain photos goes on with labelled tiles.

The strongest rungs but people. Kerckhoffs: whoever runs our code can make as many tiles as he
likes; what he has not is the coin of each.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import torch

from classifier import panel
from classifier.attackers import apart, pixels, platt, training
from classifier.attackers.base import Tile
from classifier.attackers.platt import Platt
from classifier.attackers.training import Recipe
from classifier.attacks import Tried
from classifier.cnn import device as devices
from classifier.cnn import probe

if TYPE_CHECKING:
    from torch import Tensor

    from classifier.cnn.reader import Reader

SIDE: Final = 250
FOLDS: Final = 5
# How often each tile is looked at for the frozen features: once as it is, then changed at random.
VIEWS: Final = 4
KEPT: Final = 0.15
# Twice the epochs are in the log: there they have to gain less than a point.
TRIES: Final = (Recipe(epochs=5, lr=3e-4), Recipe(epochs=10, lr=3e-4))
ADVERSARIAL: Final = tuple(replace(one, adversarial=4 / 255) for one in TRIES)


@dataclass(slots=True)
class FrozenHead:
    """Logistic regression on a clean network's features of our tiles: minutes for thousands.

    One head for each fifth left out, by which its penalty is chosen; the mean of the heads looks.
    """

    key: str
    views: int = VIEWS
    seed: int = 0
    reader: Reader | None = None
    rung: str = "tiles"
    tuning: list[Tried] = field(default_factory=list)
    _weight: Tensor | None = None
    _bias: Tensor | None = None
    _platt: Platt = field(default_factory=Platt)

    @property
    def name(self) -> str:
        """Return its name, with the network's."""
        return f"tiles-head-{self.key}"

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Fit the heads, and calibrate on what each had not learned from."""
        seen = pixels.tensor([tile.data for tile in tiles], SIDE)
        cats = torch.tensor([bool(tile.cat) for tile in tiles]).long()
        place = torch.tensor(apart.folds(tiles, min(FOLDS, len(tiles) // 2), self.seed))
        found = [self.features(seen, view) for view in range(self.views)]
        heads, told = [], torch.zeros(len(tiles))
        for fold in sorted(set(place.tolist())):
            kept, out = place != fold, place == fold
            head = probe.fit(
                torch.cat([view[kept] for view in found]),
                cats[kept].repeat(self.views),
                (found[0][out], cats[out]),
                classes=2,
            )
            heads.append(head)
            told[out] = _margin(head.logits(found[0][out]))
        self._weight = torch.stack([head.weight[1] - head.weight[0] for head in heads]).mean(dim=0)
        self._bias = torch.stack([head.bias[1] - head.bias[0] for head in heads]).mean(dim=0)
        self._platt = platt.fit(told.numpy(), cats.numpy())
        right = int(((told > 0) == cats.bool()).sum())
        penalties = ", ".join(f"{head.penalty:g}" for head in heads)
        what = f"{self.views} views, penalties {penalties}"
        self.tuning = [Tried(what=what, seen=len(tiles), right=right)]

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat). Raises RuntimeError before it learned anything."""
        if self._weight is None or self._bias is None:
            raise RuntimeError(f"{self.name} has to learn before it looks.")
        if not pictures:
            return []
        seen = self.features(pixels.tensor(pictures, SIDE), 0)
        return self._platt.chances((seen @ self._weight + self._bias).numpy())

    def features(self, seen: Tensor, view: int) -> Tensor:
        """Return the features of each tile; view 0 is the tile as it is."""
        reader = self.reader or panel.load(self.key)
        dice = torch.Generator().manual_seed(self.seed * 1000 + view)
        found = []
        device = devices.best()
        reader.eval().to(device)
        look = panel.quick(reader).features if device.type == "cpu" else reader.features
        with torch.inference_mode():
            for start in range(0, len(seen), 16):
                batch = seen[start : start + 16].to(device).float() / 255
                batch = training.augmented(batch, dice) if view else batch
                found.append(look(batch).float().cpu())
        reader.cpu()
        return torch.cat(found)


@dataclass(slots=True)
class FineTuned:
    """All layers of a clean network, trained further on our tiles."""

    key: str
    tries: Sequence[Recipe] = TRIES
    side: int = SIDE
    seed: int = 0
    reader: Reader | None = None
    rung: str = "tiles"
    kind: str = "all"
    tuning: list[Tried] = field(default_factory=list)
    _network: Reader | None = None
    _platt: Platt = field(default_factory=Platt)

    @property
    def name(self) -> str:
        """Return its name, with the network's."""
        return f"tiles-{self.kind}-{self.key}"

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Train with each recipe from the clean weights; the best on left-out photos stays."""
        seen = pixels.tensor([tile.data for tile in tiles], self.side)
        cats = torch.tensor([bool(tile.cat) for tile in tiles])
        kept, out = apart.part(tiles, KEPT, self.seed)
        best, self.tuning = -1, []
        for recipe in self.tries:
            network = copy.deepcopy(self.reader or panel.load(self.key))
            training.train(network, seen[kept], cats[kept], recipe, self.seed)
            told = training.logits(network, seen[out])
            right = int(((told > 0) == cats[out]).sum())
            self.tuning.append(Tried(what=str(recipe), seen=len(out), right=right))
            if right > best:
                best, self._network = right, network
                self._platt = platt.fit(told.numpy(), cats[out].numpy())

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat); before it learned anything as the clean network has it."""
        network = self._network or self.reader or panel.load(self.key)
        told = training.logits(network, pixels.tensor(pictures, self.side))
        return self._platt.chances(told.numpy())


def _margin(told: Tensor) -> Tensor:
    return told[:, 1] - told[:, 0]
