"""The control of the lab: as much noise as a pattern, aimed at nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier import hardening
from classifier.attackers.guessing import Guessing
from classifier.cnn.reader import Reader
from classifier.hardening import making
from classifier.hardening.recipes import Recipe
from classifier.lab import ladder
from classifier.lab.hardener import Hardener
from classifier.lab.ladder import HARDENED, NOISE, PLAIN
from classifier.lab.noise import Noise
from tests.classifier.hardening.surrogates import reader
from tests.classifier.lab.test_run import SMALL, _encode_quickly, files, lab
from tests.drawn import picture

RECIPE = Recipe("test", 8, 16 / 255, 16 / 255, 2.0)


def moved(network: torch.nn.Module) -> making.Hardened:
    """Return a tile pushed towards a cat, by the gradients of this network, and towards a dog."""
    tiles = torch.stack([making.to_tile(picture(3, 250, 250))] * 2)
    dice = torch.Generator().manual_seed(5)
    return hardening.harden(tiles, [True, True], [RECIPE] * 2, [False, True], [network], dice)


def test_it_takes_as_much_of_the_budget_as_a_pattern() -> None:
    aimed, noise = moved(reader()), moved(Noise())
    assert min(noise.strength) > 0.9 * max(aimed.strength)
    assert min(noise.distance) > 0.7 * max(aimed.distance)


def test_networks_are_moved_by_patterns_and_hardly_by_noise() -> None:
    network: Reader = reader()
    cat, dog = network(moved(network).images).tolist()
    noisy_cat, noisy_dog = network(moved(Noise()).images).tolist()
    assert abs(noisy_cat - noisy_dog) < 0.2 * (cat - dog)


def test_its_tiles_are_kept_apart_and_hardened_ones_stay_what_they_were() -> None:
    aimed = Hardener((SMALL,), ("pawnet",))
    before = aimed.fingerprint
    assert aimed.noise().fingerprint != before == Hardener((SMALL,), ("pawnet",)).fingerprint
    assert aimed.noise().later(1).aimed is False


def test_who_learned_from_clean_photos_meets_it_and_others_do_not() -> None:
    kinds = {step.tiles for step in ladder.steps((20,), ("clean-lite2",))}
    assert kinds == {PLAIN, NOISE, HARDENED}
    others = ("guessing", "dictionary-hash", "washed-lite2", "tiles-head-lite2")
    assert NOISE not in {step.tiles for step in ladder.steps((20,), others)}


def test_the_lab_makes_it_of_the_same_photos_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_quickly(monkeypatch)
    met: list[list[bytes]] = []

    class Watching(Guessing):
        """Notes what it is shown."""

        def look(self, pictures: Sequence[bytes]) -> list[float]:
            """Note it, and guess."""
            met.append(list(pictures))
            return super().look(pictures)

    run = lab(tmp_path, only=("clean-lite2",))
    run.make = lambda name: Watching(1)
    found = list(run.run(files(70)))
    assert [one.step.tiles for one in found] == [PLAIN, NOISE, HARDENED]
    assert len({one.hardening for one in found}) == 1
    # For each kind first the plain ones, then those; what is looked at for the time is less.
    whole = [pictures for pictures in met if len(pictures) == 32]
    plain, noise, hardened = whole[1::2]
    assert whole[::2] == [plain] * 3
    assert not set(noise) & {*plain, *hardened}
