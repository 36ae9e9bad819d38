"""Fair draws: challenges from measured tiles, and what chance there is in the photos. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PICTURES: Final = 12
# How often photos are drawn again for the interval, and what it leaves out at both ends together.
RESAMPLES: Final = 1000
LEFT_OUT: Final = 0.05

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class LeakingSplit(ValueError):
    """An attacker was measured on photos that it had learned from."""


def draw(
    cats: Flags,
    photos: Sequence[str],
    challenges: int,
    pictures: int,
    dice: np.random.Generator,
) -> NDArray[np.int64]:
    """Return indexes of tiles, challenges x pictures, drawn fairly.

    Each picture is a cat or a dog by a fair coin, though never all of them one animal; then photos
    of that animal are equally likely, no photo twice in a challenge, and so are a photo's tiles.
    Raises ValueError when there are too few photos of an animal.
    """
    if len(photos) != len(cats):
        raise ValueError(f"{len(cats)} tiles, but {len(photos)} names of photos")
    names, owner = np.unique(np.asarray(photos, dtype=str), return_inverse=True)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(names))
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    animal = cats[order[first]]
    if np.any(cats != animal[owner]):
        raise ValueError("a photo cannot be a cat in one tile and a dog in another")
    wanted = _coins(challenges, pictures, dice)
    chosen = np.empty(wanted.shape, dtype=np.int64)
    for one in (True, False):
        pool = np.flatnonzero(animal == one)
        if len(pool) < pictures:
            word = "cats" if one else "dogs"
            raise ValueError(f"{len(pool)} photos of {word} are too few for {pictures} pictures")
        places = wanted == one
        chosen[places] = pool[_distinct(len(pool), challenges, pictures, dice)][places]
    tile = (dice.random(chosen.shape) * counts[chosen]).astype(np.int64)
    return order[first[chosen] + tile]


def _coins(challenges: int, pictures: int, dice: np.random.Generator) -> Flags:
    """Return which pictures are cats: fair coins, thrown again where all agree."""
    wanted = dice.random((challenges, pictures)) < 0.5
    while True:
        alike = np.flatnonzero(wanted.all(axis=1) | ~wanted.any(axis=1))
        if not len(alike):
            return wanted
        wanted[alike] = dice.random((len(alike), pictures)) < 0.5


def _distinct(many: int, rows: int, width: int, dice: np.random.Generator) -> NDArray[np.int64]:
    """Return rows of numbers below `many`, none twice in a row."""
    if many < 8 * width:
        return np.array([dice.permutation(many)[:width] for _ in range(rows)], dtype=np.int64)
    found = dice.integers(many, size=(rows, width))
    while True:
        ranked = np.sort(found, axis=1)
        again = np.flatnonzero((ranked[:, 1:] == ranked[:, :-1]).any(axis=1))
        if not len(again):
            return found
        found[again] = dice.integers(many, size=(len(again), width))


def over_photos(
    right: Flags,
    cats: Flags,
    photos: Sequence[str],
    pictures: int,
    dice: np.random.Generator,
) -> tuple[float, float]:
    """Return between which rates (0..1) challenges are solved without error: 95 %.

    Photos of each animal are drawn again with all their tiles (percentile bootstrap). A draw's
    rate follows from its share of photos read rightly, so no challenge needs to be drawn.
    """
    shares = [_redrawn(right[cats == one], photos, cats == one, dice) for one in (True, False)]
    rates = rate_of(shares[0], shares[1], pictures)
    low, high = np.quantile(rates, [LEFT_OUT / 2, 1 - LEFT_OUT / 2])
    return float(low), float(high)


def _redrawn(
    right: Flags, photos: Sequence[str], where: Flags, dice: np.random.Generator
) -> Floats:
    """Return the share read rightly in each of RESAMPLES draws of as many photos."""
    _, owner = np.unique(np.asarray(photos, dtype=str)[where], return_inverse=True)
    share = np.bincount(owner, right) / np.bincount(owner)
    found: Floats = share[dice.integers(len(share), size=(RESAMPLES, len(share)))].mean(axis=1)
    return found


def rate_of(cats: Floats | float, dogs: Floats | float, pictures: int = PICTURES) -> Floats:
    """Return how many challenges (0..1) are solved without error by who reads such shares rightly.

    Each picture is a cat by a fair coin; all cats and no cats are thrown again.
    """
    a, b = np.asarray(cats, dtype=np.float64), np.asarray(dogs, dtype=np.float64)
    alike = (a / 2) ** pictures + (b / 2) ** pictures
    found: Floats = (((a + b) / 2) ** pictures - alike) / (1 - 2 * 0.5**pictures)
    return np.clip(found, 0.0, 1.0)


def apart(learned: Collection[str], measured: Collection[str]) -> None:
    """Say that no photo is on both sides. Raises LeakingSplit with how many are."""
    both = set(learned) & set(measured)
    if both:
        raise LeakingSplit(
            f"{len(both)} of {len(set(measured))} measured photos had been learned from: "
            f"{min(both)} is one."
        )
