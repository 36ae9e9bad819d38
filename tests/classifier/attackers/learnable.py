"""Tiles that can be learned, and tiles in which there is nothing to learn."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image

from classifier.attackers.base import Attacker, Tile
from tests.classifier import sets
from tests.drawn import picture

SIDE = 64


def encoded(image: Image.Image, kind: str = "WEBP", quality: int = 82) -> bytes:
    """Return a picture as a client gets it."""
    with io.BytesIO() as out:
        image.save(out, kind, quality=quality)
        return out.getvalue()


def tiles(count: int, first: int = 0) -> list[Tile]:
    """Return drawn cats and dogs, by turns: each animal has a colour of its own under noise."""
    found = []
    for number in range(first, first + count):
        word = ("cat", "dog")[number % 2]
        drawn = sets.picture(word, number, SIDE).resize((SIDE, SIDE))
        found.append(Tile(encoded(drawn), word == "cat", f"photo {number}"))
    return found


def noise(count: int, first: int = 0) -> list[Tile]:
    """Return pictures of nothing in particular, called cats and dogs by a coin."""
    coin = random.Random(first)
    return [
        Tile(encoded(picture(number, SIDE, SIDE)), coin.random() < 0.5, f"noise {number}")
        for number in range(first, first + count)
    ]


def photo(seed: int) -> Image.Image:
    """Return a picture with detail enough to know it again in a crop."""
    dice = np.random.default_rng(seed)
    size, smooth = (360, 280), Image.Resampling.BICUBIC
    shapes, dots = (dice.integers(0, 256, (a, b, 3), dtype=np.uint8) for a, b in ((5, 6), (14, 18)))
    layers = [Image.fromarray(one).resize(size, smooth) for one in (shapes, dots)]
    return Image.blend(layers[0], layers[1], 0.3)


def share_right(attacker: Attacker, seen: list[Tile]) -> float:
    """Return which share of tiles an attacker reads rightly."""
    told = attacker.look([tile.data for tile in seen])
    assert len(told) == len(seen)
    assert all(0 <= p <= 1 for p in told)
    return sum((p > 0.5) == tile.cat for p, tile in zip(told, seen, strict=True)) / len(seen)


def overconfidence(attacker: Attacker, seen: list[Tile]) -> float:
    """Return how much surer an attacker is than it is right, in shares of tiles."""
    sure = sum(max(p, 1 - p) for p in attacker.look([tile.data for tile in seen])) / len(seen)
    return sure - share_right(attacker, seen)
