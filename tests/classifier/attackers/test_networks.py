"""Rungs that learn with a network: from nothing, or from a network that knew something before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier import panel
from classifier.attackers import pixels, scratch, training
from classifier.attackers.base import Learner
from classifier.attackers.networks import Clean, Together
from classifier.attackers.oracle import Oracle
from classifier.attackers.scratch import Scratch
from classifier.attackers.tiles import FineTuned, FrozenHead
from classifier.attackers.training import Recipe
from classifier.cnn.reader import Reader
from tests.classifier.attackers.learnable import SIDE, noise, overconfidence, share_right, tiles

QUICK = Recipe(epochs=6, lr=3e-3, batch=16, statistics=True)


def ignorant(seed: int = 1) -> Reader:
    """Return a network that has learned nothing, in the place of one that knows photos."""
    torch.manual_seed(seed)
    return scratch.begin(32).eval()


def fine_tuned(**changes: object) -> FineTuned:
    recipe = Recipe(**{"epochs": 5, "lr": 3e-3, "batch": 16, "statistics": True} | changes)  # type: ignore[arg-type]
    return FineTuned("none", (recipe,), side=32, reader=ignorant())


RUNGS: dict[str, Callable[[], Learner]] = {
    "scratch": partial(Scratch, side=32, tries=(QUICK,)),
    "head": partial(FrozenHead, "none", views=2, reader=ignorant()),
    "all layers": fine_tuned,
    "adversarial": partial(fine_tuned, adversarial=4 / 255),
}


@pytest.mark.parametrize("rung", RUNGS)
def test_it_learns_what_there_is_to_learn_and_writes_down_what_it_tried(rung: str) -> None:
    attacker = RUNGS[rung]()
    attacker.learn(tiles(72))
    assert share_right(attacker, tiles(40, first=900)) > 0.9
    (tried,) = attacker.tuning  # type: ignore[attr-defined]
    assert 0 < tried["right"] <= tried["seen"] <= 72


@pytest.mark.parametrize("rung", RUNGS)
def test_it_finds_nothing_where_there_is_nothing(rung: str) -> None:
    attacker = RUNGS[rung]()
    attacker.learn(noise(72))
    seen = noise(150, first=900)
    assert 0.37 < share_right(attacker, seen) < 0.63
    assert overconfidence(attacker, seen) < 0.2


def test_of_two_recipes_the_better_one_stays() -> None:
    useless = Recipe(epochs=1, lr=1e-9, statistics=True)
    attacker = Scratch(side=32, tries=(useless, QUICK))
    attacker.learn(tiles(64))
    poor, good = attacker.tuning
    assert good["right"] > poor["right"]
    assert share_right(attacker, tiles(40, first=900)) > 0.9


def test_learning_again_begins_anew() -> None:
    attacker = FrozenHead("none", views=1, reader=ignorant())
    attacker.learn(tiles(40))
    other = FrozenHead("none", views=1, reader=ignorant())
    other.learn(noise(40))
    other.learn(tiles(40))
    seen = [tile.data for tile in tiles(10, first=900)]
    assert other.look(seen) == pytest.approx(attacker.look(seen))


def test_fine_tuning_leaves_the_shared_network_as_it_was() -> None:
    reader = ignorant()
    before = {name: value.clone() for name, value in reader.state_dict().items()}
    FineTuned("none", (QUICK,), side=32, reader=reader).learn(tiles(24))
    assert all(torch.equal(before[name], value) for name, value in reader.state_dict().items())


def test_a_network_from_nothing_and_a_new_head_have_to_learn_first() -> None:
    for attacker in (Scratch(), FrozenHead("none", reader=ignorant())):
        with pytest.raises(RuntimeError, match="has to learn before it looks"):
            attacker.look([tiles(1)[0].data])


def test_before_it_learned_anything_a_fine_tuned_network_reads_as_the_clean_one() -> None:
    reader, seen = ignorant(), [tile.data for tile in tiles(4)]
    told = FineTuned("none", side=32, reader=reader).look(seen)
    plain = training.logits(reader, pixels.tensor(seen, 32)).sigmoid().tolist()
    assert told == pytest.approx(plain, abs=1e-6)


# --- training ---


def test_augmented_tiles_keep_their_shape_and_are_the_same_for_the_same_dice() -> None:
    shown = torch.rand(4, 3, 20, 24, generator=torch.Generator().manual_seed(1))
    one, again, other = (
        training.augmented(shown, torch.Generator().manual_seed(seed)) for seed in (5, 5, 6)
    )
    assert one.shape == shown.shape
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert 0 <= float(one.min()) <= float(one.max()) <= 1


def test_a_push_goes_against_the_network_within_its_reach() -> None:
    reader, dice = ignorant(), torch.Generator().manual_seed(1)
    shown = pixels.tensor([tile.data for tile in tiles(64)], 48).float() / 255
    truth = torch.tensor([float(bool(tile.cat)) for tile in tiles(64)])
    pushed = training._pushed(reader, shown, truth, 8 / 255, dice)
    off = (pushed - shown).abs().amax(dim=(1, 2, 3))
    assert float(off.max()) <= 8 / 255 + 1e-6
    # Half of the tiles stay as they are.
    assert 16 <= int((off > 0).sum()) <= 48
    with torch.inference_mode():
        loss = training._loss(reader(pushed), truth) - training._loss(reader(shown), truth)
    assert float(loss) > 0


def test_a_recipe_says_what_it_is() -> None:
    assert str(Recipe(epochs=3, lr=1e-3, adversarial=4 / 255)) == (
        "3 epochs at 0.001, adversarial 4/255"
    )
    assert Recipe(epochs=3).longer().epochs == 6


# --- networks of the panel ---


def test_a_clean_network_says_what_the_panel_says() -> None:
    key = panel.keys()[0]
    seen = [tile.data for tile in tiles(3)]
    assert Clean(key).look(seen) == pytest.approx(panel.tell(panel.load(key), seen))
    assert Clean(key).look([]) == []


def test_several_vote_with_their_logits() -> None:
    sure, unsure = Oracle(0.9), Oracle(0.6)
    for oracle in (sure, unsure):
        oracle.remember(b"a", cat=True)
    odds = [p / (1 - p) for oracle in (sure, unsure) for p in oracle.look([b"a"])]
    mean = (odds[0] * odds[1]) ** 0.5
    assert Together((sure, unsure)).look([b"a"]) == pytest.approx([mean / (1 + mean)])


def test_pictures_of_other_sizes_and_kinds_are_read() -> None:
    assert SIDE != 48
    assert pixels.tensor([tiles(1)[0].data], 48).shape == (1, 3, 48, 48)
    assert pixels.tensor([], 48).shape == (0, 3, 48, 48)
