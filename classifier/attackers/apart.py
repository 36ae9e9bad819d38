"""What an attacker keeps from learning, to choose and to calibrate by: whole photos, both kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from classifier.attackers.base import Tile


def folds(tiles: Sequence[Tile], many: int, seed: int = 0) -> list[int]:
    """Return a fold, 0 to many - 1, for each tile: all tiles of a photo are in one.

    Each fold has its share of cats and of dogs. A tile of no named photo is its own.
    """
    names = [tile.photo or hashlib.sha256(tile.data).hexdigest() for tile in tiles]
    fold: dict[str, int] = {}
    for animal in (True, False):
        own = {name for name, tile in zip(names, tiles, strict=True) if bool(tile.cat) == animal}
        ranked = sorted(own, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
        for place, name in enumerate(ranked):
            fold.setdefault(name, place % many)
    return [fold[name] for name in names]


def part(tiles: Sequence[Tile], share: float, seed: int = 0) -> tuple[list[int], list[int]]:
    """Return the indexes to learn from, and about `share` (0..1) of all to choose by.

    A fifth of the photos is a fold of five; there is at least one photo of each animal in it when
    there are two.
    """
    many = max(2, round(1 / share))
    place = folds(tiles, many, seed)
    kept = [index for index, one in enumerate(place) if one]
    return kept, [index for index, one in enumerate(place) if not one]
