"""Which photos measure a network honestly."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier.cnn.data import Sample
from classifier.cnn.unseen import choose


def sample(number: int, phash: int | None = None) -> Sample:
    """Return a photo; unless told otherwise it resembles no other."""
    digest = f"{number:064x}"[::-1]
    return Sample(f"{number}.jpg", 0, digest, number * 0x9E3779B97F4A7C15 % 2**63 if phash is None
                  else phash, 100, 100)  # fmt: skip


def said(number: int, phash: int = 0) -> dict[str, object]:
    """Return what split.json says of a photo."""
    return {"name": "x", "sha256": sample(number).digest, "phash": phash, "class": "cat"}


def test_photos_that_trained_or_validated_are_left_out() -> None:
    found = choose([sample(n) for n in range(5)], {"train": [said(0)], "val": [said(3)]})
    assert found.chosen == (1, 2, 4)
    assert (found.same, found.alike, found.aside, found.tested) == (2, 0, 0, False)


def test_photos_set_aside_for_testing_are_what_is_measured() -> None:
    split = {"train": [said(0)], "test": [said(2), said(9)]}
    found = choose([sample(n) for n in range(5)], split)
    assert found.chosen == (2,)
    assert (found.same, found.aside, found.tested) == (1, 3, True)


def test_near_duplicates_of_training_photos_are_left_out() -> None:
    photos = [sample(0, 0b1111 << 40), sample(1, 0b0111 << 40), sample(2)]
    found = choose(photos, {"train": [said(0)]})
    assert found.chosen == (2,)
    assert (found.same, found.alike) == (1, 1)


def test_near_duplicates_of_training_photos_that_are_elsewhere_are_left_out() -> None:
    photos = [sample(1, 0b0111 << 40), sample(2)]
    found = choose(photos, {"train": [said(0, 0b1111 << 40)]})
    assert found.chosen == (1,)
    assert (found.same, found.alike) == (0, 1)


def test_a_split_may_name_photos_by_the_first_digits_of_their_files() -> None:
    found = choose([sample(n) for n in range(3)], {"train": [sample(1).digest[:16]], "val": []})
    assert found.chosen == (0, 2)
    assert found.same == 1


def test_without_a_split_every_photo_counts() -> None:
    assert choose([sample(n) for n in range(3)], {}).chosen == (0, 1, 2)


def test_all_photos_may_have_taken_part() -> None:
    assert choose([sample(0)], {"val": [said(0)]}).chosen == ()
