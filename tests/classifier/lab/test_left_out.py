"""Whether a recipe belongs in the family: planted ones that do, and one that does not."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier.attackers.base import Tile
from classifier.lab import left_out

EACH = 120


def tiles(recipe: str) -> list[Tile]:
    """Return tiles of as many cats as dogs by this recipe, each of a photo of its own."""
    return [Tile(b"", bool(number % 2), f"{recipe}/{number}", recipe) for number in range(EACH)]


def features(some: list[Tile], *, turned: str) -> torch.Tensor:
    """Return features in which one number tells the animal; of one recipe the other way round.

    A second number tells that recipe, so that whoever learned from it reads it as well.
    """
    dice = torch.Generator().manual_seed(1)
    rows = []
    for tile in some:
        side = 1.0 if tile.cat else -1.0
        other = tile.recipe == turned
        rows.append([0.0 if other else side, side if other else 0.0])
    noise = 0.3 * torch.randn(len(rows), 2, generator=dice)
    return (torch.tensor(rows) + noise)[None]


def test_a_recipe_that_nobody_reads_without_having_seen_it_belongs_in_the_family() -> None:
    every = [*tiles("bands"), *tiles("fine"), *tiles("veil")]
    found = {one.recipe: one for one in left_out.compare(every, features(every, turned="veil"), "")}
    assert set(found) == {"bands", "fine", "veil"}
    veil = found["veil"]
    assert veil.seen == EACH
    assert veil.every > 0.9 * EACH
    assert 0.3 * EACH < veil.others < 0.7 * EACH
    assert veil.harder
    assert veil.low < veil.high < -0.2


def test_a_recipe_that_is_like_the_others_does_not() -> None:
    every = [*tiles("bands"), *tiles("fine"), *tiles("veil")]
    for one in left_out.compare(every, features(every, turned=""), ""):
        assert one.others > 0.9 * EACH
        assert not one.harder
        assert one.low <= 0 <= one.high


def test_tiles_of_a_photo_are_never_learned_from_and_measured_with() -> None:
    """A number that names the photo helps nobody: its other tiles are in the same fold."""
    names = [f"photo/{number}" for number in range(EACH)]
    dice = torch.Generator().manual_seed(2)
    cats = [bool(one) for one in torch.randint(2, (EACH,), generator=dice).tolist()]
    every = [
        Tile(b"", cat, name, recipe)
        for recipe in ("bands", "fine")
        for name, cat in zip(names, cats, strict=True)
    ]
    # One number for each photo, and nothing else: by heart it is all right, by folds nothing is.
    named = torch.eye(EACH).repeat(2, 1)[None]
    for one in left_out.compare(every, named, ""):
        assert one.others < 0.65 * EACH
        assert one.every < 0.65 * EACH
