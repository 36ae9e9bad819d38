"""A dictionary of known photos: whoever has our photos with labels need not read any."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from challenges import imaging
from classifier.attackers import pixels, platt
from classifier.attackers.base import Tile
from classifier.attackers.known import Index
from classifier.attackers.platt import Platt

# Known photos by which it learns how far a match is to be trusted.
TRIED: Final = 200
# How near (0..1) unknown pictures seldom come, until it has seen for itself; and how seldom.
FLOOR: Final = 0.5
SELDOM: Final = 0.9


@dataclass(slots=True)
class Dictionary:
    """The animal of the nearest known picture; the nearer that is, the surer.

    `rate` is which share of our photos (0..1) it believes to have: with fewer, a near picture is
    more often just a similar one.
    """

    index: Index
    name: str = "dictionary-hash"
    rung: str = "dictionary"
    rate: float = 0.5
    seed: int = 0
    _cats: list[bool] = field(default_factory=list)
    _floor: float = FLOOR
    _platt: Platt = field(default_factory=lambda: Platt(slope=6.0))

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Take these photos as the known ones; renditions of them show how far to trust a match.

        It makes these renditions with our own open code, half of them of photos that it then
        pretends not to know.
        """
        self._cats = []
        for tile in tiles:
            self.remember(tile.data, cat=bool(tile.cat))
        dice = random.Random(self.seed)  # noqa: S311
        chosen = dice.sample(range(len(tiles)), min(TRIED, len(tiles)))
        shown = {place: imaging.render(pixels.image(tiles[place].data), dice) for place in chosen}
        unknown = [self.index.nearest(data, without=place)[0] for place, data in shown.items()]
        self._floor = float(np.quantile(unknown, SELDOM)) if len(unknown) > 1 else FLOOR
        scores = [
            self._score(data, without=-1 if dice.random() < self.rate else place)
            for place, data in shown.items()
        ]
        found = platt.fit(scores, [bool(tiles[place].cat) for place in chosen])
        if found.slope > 0 and len(tiles) > 1:
            # The sides are alike to it: an offset would be chance in a few hundred photos.
            self._platt = Platt(found.slope, 0.0)

    def remember(self, picture: bytes, *, cat: bool) -> None:
        """Add one more known picture."""
        self.index.add(pixels.image(picture))
        self._cats.append(cat)

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) by the nearest known picture of each; a half when it knows none."""
        return self._platt.chances(np.array([self._score(data) for data in pictures]))

    def _score(self, data: bytes, without: int = -1) -> float:
        """Return how much nearer the nearest is than a strange one: above 0 for a cat."""
        near, which = self.index.nearest(data, without)
        if which < 0 or near <= self._floor:
            return 0.0
        over = (near - self._floor) / (1 - self._floor)
        return over if self._cats[which] else -over
