"""Splitting: no photo, and no near-duplicate of it, on two sides."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from challenges.imaging import NEAR, distance
from classifier.cnn import duplicates
from classifier.cnn.data import Sample
from classifier.cnn.split import SIDES, first_of_each, load, save, split


def samples(count: int, near: int = 0) -> list[Sample]:
    """Return photos of two classes with random hashes; the last `near` nearly repeat the first."""
    chance = random.Random(7)
    made = [
        Sample(f"{n}.jpg", n % 2, f"{n:064x}", chance.getrandbits(64), 200, 200)
        for n in range(count)
    ]
    for n in range(near):
        bits = sum(1 << place for place in chance.sample(range(64), NEAR))
        made[-1 - n] = replace(made[-1 - n], phash=made[n].phash ^ bits)
    return made


def test_neighbours_within_the_distance_share_a_group_and_others_do_not() -> None:
    hashes = [0, 0b11111, 0b1111111111, 1 << 60 | 0x00FF_FF00_FF00, (1 << 64) - 1]
    a, b, c, d, e = duplicates.groups(hashes, bits=5)
    assert a == b == c
    assert len({a, d, e}) == 3


def test_every_pair_is_found_as_by_looking_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "ROWS", 7)
    hashes = [sample.phash for sample in samples(60, near=20)]
    slowly = {(i, j) for j in range(60) for i in range(j) if distance(hashes[i], hashes[j]) <= NEAR}
    assert set(duplicates.pairs(hashes)) == slowly
    assert len(slowly) >= 20


def test_signed_hashes_are_the_same_hashes() -> None:
    assert len(set(duplicates.groups([-1, (1 << 64) - 1]))) == 1


def test_each_photo_is_on_one_side_and_the_shares_are_about_right() -> None:
    made = split(samples(4000), seed=1, val_share=0.1, test_share=0.15)
    assert sorted((*made.train, *made.val, *made.test)) == list(range(4000))
    assert 320 <= len(made.val) <= 480
    assert 500 <= len(made.test) <= 700


def test_near_duplicates_are_never_on_two_sides() -> None:
    photos = samples(600, near=250)
    made = split(photos, seed=3, val_share=0.3, test_share=0.3)
    side_of = {index: name for name in SIDES for index in made.side(name)}
    pairs = list(duplicates.pairs([photo.phash for photo in photos]))
    assert len(pairs) >= 250
    assert all(side_of[one] == side_of[other] for one, other in pairs)


def test_neither_order_nor_company_moves_a_photo() -> None:
    photos = samples(500)
    made = split(photos, 1, 0.2, 0.2)
    held_out = {photos[index].digest for index in made.test}
    shuffled = random.Random(2).sample(photos, 300)
    again = split(shuffled, 1, 0.2, 0.2)
    found = {shuffled[index].digest for index in again.test}
    assert found == held_out & {photo.digest for photo in shuffled}


def test_another_seed_is_another_split() -> None:
    photos = samples(200)
    assert split(photos, 1, 0.2, 0.2).test != split(photos, 2, 0.2, 0.2).test


def test_a_saved_split_is_the_same_split(tmp_path: Path) -> None:
    photos = samples(100)
    made = split(photos, 1, 0.2, 0.2)
    save(tmp_path / "split.json", made, photos, ("cat", "dog"))
    assert load(tmp_path / "split.json", photos) == made


def test_a_saved_split_leaves_newcomers_out_and_misses_who_is_gone(tmp_path: Path) -> None:
    photos = samples(100)
    made = split(photos, 1, 0.2, 0.2)
    save(tmp_path / "split.json", made, photos, ("cat", "dog"))
    newcomer = replace(photos[0], digest="f" * 64)
    assert load(tmp_path / "split.json", [*photos, newcomer]) == made
    with pytest.raises(KeyError):
        load(tmp_path / "split.json", photos[1:])


def test_a_limit_is_for_each_class() -> None:
    photos = samples(100)
    taken = first_of_each(photos, range(100), 10)
    assert [photos[index].label for index in taken].count(0) == 10
    assert len(taken) == 20
    assert first_of_each(photos, range(100), 0) == list(range(100))
