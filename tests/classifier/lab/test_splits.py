"""Three sides by photo, and no picture on two of them."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier.cnn.data import Sample
from classifier.lab import splits
from classifier.lab.splits import LeakingSplit, Placed

CLASSES = ("cat", "dog")


def photo(number: int, label: int = 0, phash: int | None = None) -> Sample:
    """Return a photo that is like no other, unless a hash is given."""
    dice = random.Random(f"{label}:{number}")
    return Sample(
        f"PetImages/{CLASSES[label].title()}/{number}.jpg",
        label,
        f"{dice.getrandbits(256):064x}",
        dice.getrandbits(64) if phash is None else phash,
        180,
        180,
    )


def photos(count: int) -> list[Sample]:
    """Return so many photos of each animal."""
    return [photo(number, label) for label in (0, 1) for number in range(count)]


def test_every_photo_has_one_side_and_most_are_for_the_hardener() -> None:
    counts = Counter(splits.build(photos(300), CLASSES, set()).values())
    assert counts["dev"] + counts["attack"] == 600
    assert 310 < counts["dev"] < 410


def test_photos_of_the_audit_take_their_near_duplicates_along() -> None:
    first, second = photo(1), photo(2, phash=photo(1).phash ^ 1)
    sides = splits.build([first, second], CLASSES, {first.digest[:16]})
    assert sides == {"cat/1": "audit", "cat/2": "audit"}


def test_the_same_number_is_the_same_photo_whatever_its_size() -> None:
    small = splits.key_of("PetImages/Cat/17.jpg", "cat", "aa")
    assert small == splits.key_of("originals/cat/cat.17.jpg", "cat", "bb") == "cat/17"
    assert small != splits.key_of("PetImages/Dog/17.jpg", "dog", "cc")


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    sides = splits.build(photos(20), CLASSES, set())
    splits.write(tmp_path / "sides.json.gz", sides)
    assert splits.read(tmp_path / "sides.json.gz") == sides


def test_photos_that_nobody_knows_are_spread_over_all_sides() -> None:
    placed = splits.place(photos(200), CLASSES, {})
    assert {one.side for one in placed} == set(splits.SIDES)


def test_an_unknown_photo_goes_where_its_near_duplicate_is() -> None:
    known, twin = photo(1), photo(2, phash=photo(1).phash ^ 1)
    for side in splits.SIDES:
        placed = splits.place([known, twin], CLASSES, {"cat/1": side})
        assert [one.side for one in placed] == [side, side]


def test_a_photo_that_is_planted_on_two_sides_is_caught() -> None:
    known, twin = photo(1), photo(2, phash=photo(1).phash ^ 1)
    with pytest.raises(LeakingSplit, match="same picture"):
        splits.place([known, twin], CLASSES, {"cat/1": "audit", "cat/2": "attack"})


def test_a_photo_that_comes_twice_under_one_name_is_caught() -> None:
    one = Placed("cat/1", 1, "dev")
    with pytest.raises(LeakingSplit):
        splits.check([one, dataclasses.replace(one, phash=2**40 - 1, side="audit")])


def test_the_shipped_table_keeps_the_test_photos_of_the_shipped_network_for_the_audit() -> None:
    counts = Counter(splits.read().values())
    assert counts["audit"] == len(splits.shipped_test()) == 2422
    assert counts["dev"] > 8000
    assert counts["attack"] > 5000
