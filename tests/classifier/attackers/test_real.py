"""The ladder on real photos (make test-photos): what each rung is known to reach, it reaches."""

from __future__ import annotations

import random
import tarfile
from functools import cache
from pathlib import Path

import pytest

from challenges import imaging
from classifier.attackers import pixels
from classifier.attackers.base import Tile
from classifier.attackers.dictionary import Dictionary
from classifier.attackers.golle import Golle
from classifier.attackers.known import Hashes
from classifier.attackers.repeats import Repeats
from tests.classifier.attackers.learnable import encoded, share_right

PHOTOS = Path(__file__).parents[4] / "shared" / "photos"
pytestmark = pytest.mark.photos


@cache
def photos(each: int) -> tuple[Tile, ...]:
    """Return the first photos of each animal, by turns, as stored."""
    found = []
    for word in ("cat", "dog"):
        with tarfile.open(PHOTOS / f"{word}s-180px.tar") as archive:
            files = (archive.extractfile(entry) for entry in archive if entry.isfile())
            data = [file.read() for file, _ in zip(files, range(each), strict=False) if file]
        found.append([Tile(one, word == "cat", f"{word} {n}") for n, one in enumerate(data)])
    return tuple(tile for pair in zip(*found, strict=True) for tile in pair)


def renditions(known: tuple[Tile, ...], seed: int) -> list[Tile]:
    """Return a plain rendition of each."""
    dice = random.Random(seed)
    made = [imaging.render(pixels.image(tile.data), dice) for tile in known]
    return [Tile(data, one.cat, one.photo) for data, one in zip(made, known, strict=True)]


def test_the_attack_of_2008_is_far_from_guessing_after_a_few_hundred_photos() -> None:
    # 79.6 % after 4,000 photos and with 5,000 scraps, which takes a quarter of an hour.
    every = photos(300)
    attacker = Golle(scraps=500)
    attacker.learn(every[:400])
    assert share_right(attacker, list(every[400:])) > 0.6


def test_a_hash_finds_nearly_every_photo_in_its_renditions() -> None:
    known = photos(300)[:80]
    attacker = Dictionary(Hashes())
    attacker.learn(known)
    assert share_right(attacker, renditions(known, seed=7)) > 0.95


def test_a_rendition_is_known_by_its_pixels_and_a_fresh_crop_is_not() -> None:
    shown = renditions(photos(300)[:80], seed=1)
    attacker = Repeats()
    for tile in shown:
        attacker.remember(tile.data, cat=bool(tile.cat))
    assert attacker.paid == 80
    again = [Tile(encoded(pixels.image(tile.data), "WEBP", 60), tile.cat) for tile in shown]
    assert share_right(attacker, again) == 1
    fresh = renditions(photos(300)[:80], seed=2)
    assert sum(attacker.knows(tile.data) for tile in fresh) <= 4


def test_a_new_head_on_frozen_features_reads_plain_photos_after_a_few() -> None:
    pytest.importorskip("torch", reason="this machine only serves: torch is not installed")
    from classifier.attackers.tiles import FrozenHead

    every = photos(300)
    attacker = FrozenHead("lite0", views=2)
    attacker.learn(renditions(every[:60], seed=1))
    assert share_right(attacker, renditions(every[400:460], seed=1)) > 0.93
