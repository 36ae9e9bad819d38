"""Whether each recipe belongs in the family: is it harder for those who learned from the others?

Training on the other recipes has to leave it measurably harder, or rotating it in gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier import panel
from classifier.attackers import apart, pixels
from classifier.attackers.base import Tile
from classifier.attackers.tiles import SIDE, VIEWS, FrozenHead
from classifier.cnn import probe
from classifier.fair import LEFT_OUT, RESAMPLES

FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How tiles of one recipe are read by who never saw it, and by who learned from it, too.

    Both learned from as many tiles, of other photos. `low` to `high` is where the difference of
    the two shares lies (others less all), with 95 %: a bootstrap over photos.
    """

    recipe: str
    network: str
    seen: int
    others: int
    every: int
    low: float
    high: float

    @property
    def harder(self) -> bool:
        """Return whether it is measurably harder for who never saw it."""
        return self.high < 0


def measure(tiles: Sequence[Tile], network: str, seed: int = 0) -> list[LeftOut]:
    """Return this for each recipe of the tiles, by heads on a network's frozen features."""
    return compare(tiles, _features(tiles, FrozenHead(network, seed=seed)), network, seed)


def compare(tiles: Sequence[Tile], features: Tensor, network: str, seed: int = 0) -> list[LeftOut]:
    """Return the same for features that are known: views x tiles x numbers."""
    recipes = np.array([tile.recipe for tile in tiles])
    return [
        _left_out(tiles, features, recipes == recipe, recipe, network, seed)
        for recipe in sorted(set(recipes.tolist()))
    ]


def _features(tiles: Sequence[Tile], head: FrozenHead) -> Tensor:
    """Return each tile's features, views x tiles x numbers: the first view is the tile as it is."""
    seen = pixels.tensor([tile.data for tile in tiles], SIDE)
    return torch.stack([head.features(seen, view) for view in range(VIEWS)])


def _left_out(
    tiles: Sequence[Tile],
    features: Tensor,
    mine: NDArray[np.bool_],
    recipe: str,
    network: str,
    seed: int,
) -> LeftOut:
    cats = torch.tensor([bool(tile.cat) for tile in tiles]).long()
    fold = np.array(apart.folds(tiles, FOLDS, seed))
    dice = np.random.default_rng(seed)
    right = np.zeros((2, len(tiles)), dtype=bool)
    for one in range(FOLDS):
        rest = np.flatnonzero((fold != one) & ~mine)
        every = np.flatnonzero(fold != one)
        same = np.sort(dice.choice(every, size=len(rest), replace=False))
        measured = np.flatnonzero((fold == one) & mine)
        for row, learned in enumerate((rest, same)):
            head = _fit(features, cats, learned, fold == (one + 1) % FOLDS)
            told = head.logits(features[0, measured]).argmax(dim=1)
            right[row, measured] = (told == cats[measured]).numpy()
    others, all_of_them = right[0, mine], right[1, mine]
    names = [tile.photo for tile, here in zip(tiles, mine, strict=True) if here]
    low, high = _between(others.astype(float) - all_of_them, names, dice)
    return LeftOut(
        recipe, network, int(mine.sum()), int(others.sum()), int(all_of_them.sum()), low, high
    )


def _fit(
    features: Tensor, cats: Tensor, learned: NDArray[np.int64], aside: NDArray[np.bool_]
) -> probe.Head:
    """Fit a head on these tiles; those of the photos set aside choose its penalty."""
    kept, out = learned[~aside[learned]], learned[aside[learned]]
    views = features[:, kept].flatten(0, 1)
    return probe.fit(views, cats[kept].repeat(len(features)), (features[0, out], cats[out]), 2)


def _between(
    differences: NDArray[np.float64], photos: Sequence[str], dice: np.random.Generator
) -> tuple[float, float]:
    names, owner = np.unique(np.asarray(photos, dtype=str), return_inverse=True)
    sums, counts = np.bincount(owner, differences), np.bincount(owner)
    drawn = dice.integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [LEFT_OUT / 2, 1 - LEFT_OUT / 2])
    return float(low), float(high)


def networks() -> tuple[str, ...]:
    """Return the networks that read for this: those that judge."""
    return panel.keys(panel.Role.JUDGES)
