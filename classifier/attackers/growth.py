"""Whether a rung had learned all it could: its curve, and what twice the data or epochs gain.

A rung that still climbs is no measure of what an attacker can do: it was stopped too soon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from classifier.attackers.apart import folds
from classifier.attackers.base import Attacker, Learner, Tile
from classifier.attacks import Point, Tried, doubling
from classifier.fair import apart

# What a doubling may gain at most for the rung to count: one point, as a share of photos.
MOST: Final = 0.01


@dataclass(frozen=True, slots=True)
class Growth:
    """The curve, and what the last doubling of data and that of epochs gained, as shares.

    `epochs` is None for a rung that has none.
    """

    curve: list[Point]
    data: float | None
    epochs: float | None = None

    @property
    def counts(self) -> bool:
        """Return whether both doublings were seen to gain less than a point."""
        if self.data is None:
            return False
        return self.data < MOST and (self.epochs is None or self.epochs < MOST)


def lengthened(tuning: Sequence[Tried]) -> float | None:
    """Return what the longest training of a tuning log gained over the one before, as a share.

    The lines of a rung that trains are its recipes from short to long. None: only one was tried.
    """
    if len(tuning) < 2:
        return None
    before, last = tuning[-2:]
    return last["right"] / last["seen"] - before["right"] / before["seen"]


def right(attacker: Attacker, tiles: Sequence[Tile]) -> int:
    """Return how many tiles an attacker reads rightly."""
    told = attacker.look([tile.data for tile in tiles])
    return sum((p > 0.5) == tile.cat for p, tile in zip(told, tiles, strict=True))


def curve(
    make: Callable[[], Learner],
    learned: Sequence[Tile],
    measured: Sequence[Tile],
    sizes: Sequence[int],
) -> list[Point]:
    """Return how a rung that begins anew each time reads tiles after learning from so many.

    A smaller size is a part of each larger one, with its share of cats and dogs. Raises
    LeakingSplit when a photo is on both sides.
    """
    apart({tile.photo for tile in learned} - {""}, {tile.photo for tile in measured} - {""})
    order = mixed(learned)
    points = []
    for size in sorted({min(size, len(order)) for size in sizes}):
        attacker = make()
        attacker.learn(order[:size])
        points.append(Point(learned=size, seen=len(measured), right=right(attacker, measured)))
    return points


def growth(
    make: Callable[[], Learner],
    learned: Sequence[Tile],
    measured: Sequence[Tile],
    sizes: Sequence[int] = (),
    longer: Callable[[], Learner] | None = None,
) -> Growth:
    """Return the curve over `sizes`, half and all of the tiles, and what the doublings gained.

    `longer` makes the same rung with twice the epochs.
    """
    every = len(learned)
    points = curve(make, learned, measured, [*sizes, every // 2, every])
    gained = None
    if longer is not None:
        more = longer()
        more.learn(mixed(learned))
        last = points[-1]
        gained = (right(more, measured) - last["right"]) / last["seen"]
    return Growth(points, doubling(points), gained)


def mixed(tiles: Sequence[Tile]) -> list[Tile]:
    """Return the tiles in an order in which every beginning has its share of both animals.

    It follows from the photos' names alone.
    """
    cats = [tile for tile in tiles if tile.cat]
    dogs = [tile for tile in tiles if not tile.cat]
    found = []
    for animal in (cats, dogs):
        rank = folds(animal, max(len(animal), 1)) if animal else []
        found.append([tile for _, tile in sorted(zip(rank, animal, strict=True), key=_first)])
    longer, shorter = sorted(found, key=len, reverse=True)
    spread = [((n + 0.5) / len(longer), tile) for n, tile in enumerate(longer)]
    spread += [((n + 0.5) / len(shorter), tile) for n, tile in enumerate(shorter)]
    return [tile for _, tile in sorted(spread, key=_first)]


def _first(pair: tuple[float, Tile]) -> float:
    return pair[0]
