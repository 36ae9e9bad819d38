"""Whether a rung had learned all it could, and splits by photo."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier.attackers import apart, growth, scratch
from classifier.attackers import tiles as tiles_rung
from classifier.attackers.base import Tile
from classifier.attackers.training import Recipe
from classifier.attacks import Point, Tried
from classifier.fair import LeakingSplit


@dataclass
class Pupil:
    """Right in a share that depends on how many tiles it learned from, and how often."""

    gain: float
    epochs: int = 1
    heard: list[Sequence[Tile]] = field(default_factory=list)
    name: str = "pupil"
    rung: str = "pupil"

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Count the tiles."""
        self.heard.append(tiles)

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Read the first share of the pictures rightly: their bytes name the animal."""
        many = len(self.heard[-1]) * self.epochs
        share = min(1.0, 0.5 + self.gain * many)
        right = round(share * len(pictures))
        return [
            0.9 if (data.startswith(b"cat")) == (place < right) else 0.1
            for place, data in enumerate(pictures)
        ]


def tiles(count: int, first: int = 0) -> list[Tile]:
    return [
        Tile(f"{('cat', 'dog')[n % 3 == 0]} {n}".encode(), n % 3 != 0, f"photo {n}")
        for n in range(first, first + count)
    ]


def test_a_rung_that_still_climbs_does_not_count() -> None:
    found = growth.growth(lambda: Pupil(0.002), tiles(100), tiles(200, 1000), sizes=[25])
    assert [point["learned"] for point in found.curve] == [25, 50, 100]
    assert found.data == pytest.approx(0.1)
    assert not found.counts


def test_a_rung_that_has_learned_all_it_can_counts() -> None:
    found = growth.growth(lambda: Pupil(0.0), tiles(100), tiles(200, 1000))
    assert found.data == pytest.approx(0.0)
    assert found.epochs is None
    assert found.counts


def test_more_epochs_that_help_mean_that_it_was_stopped_too_soon() -> None:
    found = growth.growth(
        lambda: Pupil(0.00008), tiles(100), tiles(200, 1000),
        longer=lambda: Pupil(0.00008, epochs=4),
    )  # fmt: skip
    assert found.data is not None
    assert found.data < growth.MOST
    assert found.epochs == pytest.approx(0.025, abs=0.006)
    assert not found.counts


def test_the_log_tells_what_twice_the_epochs_gained() -> None:
    log = [Tried(what=f"{n} epochs", seen=200, right=right) for n, right in ((5, 180), (10, 183))]
    assert growth.lengthened(log) == pytest.approx(0.015)
    assert growth.lengthened(log[:1]) is None


@pytest.mark.parametrize("tries", [tiles_rung.TRIES, tiles_rung.ADVERSARIAL, scratch.TRIES])
def test_every_rung_that_trains_tries_twice_the_epochs(tries: Sequence[Recipe]) -> None:
    assert tries[-1] == tries[-2].longer()


def test_without_a_curve_nothing_is_shown() -> None:
    curve = [Point(learned=100, seen=10, right=9)]
    assert not growth.Growth(curve, None).counts


def test_a_photo_on_both_sides_is_caught() -> None:
    with pytest.raises(LeakingSplit, match="had been learned from"):
        growth.curve(lambda: Pupil(0), tiles(20), tiles(20, 15), [20])


def test_every_beginning_has_its_share_of_both_animals_whatever_the_order() -> None:
    every = tiles(90)
    found = growth.mixed(every)
    shuffled = random.Random(1).sample(every, 90)
    assert growth.mixed(shuffled) == found
    assert sorted(tile.photo for tile in found) == sorted(tile.photo for tile in every)
    for size in (9, 30, 60):
        assert sum(bool(tile.cat) for tile in found[:size]) == pytest.approx(size * 2 / 3, abs=1.1)


def test_all_tiles_of_a_photo_are_in_one_fold() -> None:
    every = tiles(50) + tiles(50)
    place = apart.folds(every, 5)
    assert place[:50] == place[50:]
    assert set(place) == {0, 1, 2, 3, 4}
    cats = [
        sum(bool(tile.cat) for tile, one in zip(every, place, strict=True) if one == fold)
        for fold in range(5)
    ]
    assert max(cats) - min(cats) <= 2


def test_what_is_kept_to_choose_by_has_both_animals() -> None:
    kept, out = apart.part(tiles(40), 0.2)
    assert sorted(kept + out) == list(range(40))
    assert 6 <= len(out) <= 10
    assert {tiles(40)[index].cat for index in out} == {True, False}
