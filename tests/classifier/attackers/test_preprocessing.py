"""Washing a tile before looking: each way keeps what is seen, and the best way is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from classifier.attackers import pixels, preprocessing
from classifier.attackers.base import Tile
from classifier.attackers.preprocessing import WAYS, BestWashed, Washed
from tests.classifier.attackers.learnable import noise, photo, share_right

SIDE = 64
# How strong the fine pattern is that misleads, of 255.
PUSH = 14


class Fooled:
    """Sees brightness, but believes a fine checkerboard more: a network pushed by a pattern."""

    name = rung = "fooled"

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat): light is a cat, unless the pattern says otherwise."""
        found = []
        for data in pictures:
            grey = pixels.array(data, SIDE).mean(axis=2)
            pattern = float((grey * board()).mean())
            light = (grey.mean() - 128) / 40
            found.append(float(1 / (1 + np.exp(-np.clip(light + pattern * 4, -20, 20)))))
        return found


def board() -> NDArray[np.float64]:
    """Return +1 and -1 by turns."""
    rows = np.indices((SIDE, SIDE)).sum(axis=0) % 2
    found: NDArray[np.float64] = rows * 2.0 - 1
    return found


def pushed(count: int, first: int = 0, *, fair: bool = False) -> list[Tile]:
    """Return light cats and dark dogs, each pushed to the wrong side; `fair`: by a coin."""
    found = []
    for number in range(first, first + count):
        cat, dice = number % 2 == 0, np.random.default_rng(number)
        side = dice.choice((-1, 1)) if fair else (-1 if cat else 1)
        base = (158 if cat else 98) + dice.normal(0, 4, (SIDE, SIDE))
        shown = np.clip(base + side * PUSH * board(), 0, 255).astype(np.uint8)
        data = pixels.encoded(Image.fromarray(shown).convert("RGB"))
        found.append(Tile(data, cat, f"photo {number}"))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_every_way_keeps_the_picture(way: str) -> None:
    before = photo(4).resize((250, 250))
    after = WAYS[way](before)
    assert (after.size, after.mode) == (before.size, "RGB")
    if way == "mirrored":
        after = after.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    off = np.abs(np.asarray(after, dtype=float) - np.asarray(before, dtype=float)).mean()
    # Fewer bits darken by half a step, 16 of 255 at three bits; all else hardly shows.
    assert off < 18
    assert way == "mirrored" or off > 0


@pytest.mark.parametrize("way", ["blur 2", "half size", "third size"])
def test_washing_takes_the_pattern_off(way: str) -> None:
    seen = pushed(24)
    assert share_right(Fooled(), seen) == 0
    assert share_right(Washed(Fooled(), way), seen) == 1


def test_the_best_way_is_learned_from_a_few_tiles() -> None:
    attacker = BestWashed(Fooled())
    attacker.learn(pushed(24, fair=True))
    assert share_right(Fooled(), pushed(40, 500, fair=True)) < 0.8
    assert share_right(attacker, pushed(40, 500, fair=True)) == 1
    assert {"as it is", "all", "blur 2", "blur 2, inverted"} <= {
        one["what"] for one in attacker.tuning
    }


def test_where_all_are_pushed_to_one_side_the_inverted_self_wins() -> None:
    attacker = BestWashed(Fooled(), ways=("mirrored",))
    attacker.learn(pushed(40))
    assert share_right(attacker, pushed(20, 500)) == 1
    best = max(attacker.tuning, key=lambda one: one["right"])
    assert best["what"].endswith("inverted")


def test_before_it_learned_anything_it_takes_the_mean_of_all_ways() -> None:
    data = pushed(1)[0].data
    ways = ("blur 1", "blur 2")
    each = [Washed(Fooled(), way).look([data])[0] for way in ways] + Fooled().look([data])
    logits = [np.log(p / (1 - p)) for p in np.clip(each, 1e-6, 1 - 1e-6)]
    mean = 1 / (1 + np.exp(-np.mean(logits)))
    assert BestWashed(Fooled(), ways=ways).look([data]) == pytest.approx([mean])
    assert BestWashed(Fooled()).look([]) == []


def test_washing_finds_nothing_where_there_is_nothing() -> None:
    attacker = BestWashed(Fooled(), ways=("jpeg 50", "blur 1"))
    attacker.learn(noise(60))
    seen = noise(100, first=900)
    assert 0.35 < share_right(attacker, seen) < 0.65


def test_a_jpeg_of_less_quality_is_further_off() -> None:
    before = np.asarray(photo(4), dtype=float)
    off = [
        np.abs(np.asarray(preprocessing.jpeg(photo(4), quality), dtype=float) - before).mean()
        for quality in (90, 70, 50, 30)
    ]
    assert off == sorted(off)
