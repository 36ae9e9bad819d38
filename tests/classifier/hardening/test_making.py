"""Hardened tiles: pushed to the coin's side, within their budget, and the encoder leaves it so."""

from __future__ import annotations

import io

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image

from challenges import imaging
from classifier import hardening
from classifier.cnn.reader import Reader
from classifier.hardening import distance, making
from classifier.hardening.recipes import FAMILY, Recipe
from tests.classifier.hardening.surrogates import reader
from tests.drawn import picture

RECIPE = Recipe("test", 6, 20 / 255, 20 / 255, 2.0)
CATS = [True, True, False, False]
# A wrong cat, a right cat, a wrong dog, a right dog.
COINS = [True, False, True, False]


@pytest.fixture(scope="module")
def network() -> Reader:
    """Return a surrogate."""
    return reader()


@pytest.fixture(scope="module")
def tiles() -> torch.Tensor:
    """Return the same tile four times: what differs afterwards is the push."""
    tile = making.to_tile(picture(3, 250, 250))
    return torch.stack([tile] * 4)


def made(tiles: torch.Tensor, network: Reader, recipe: Recipe = RECIPE) -> making.Hardened:
    """Return the tiles hardened by one recipe."""
    generator = torch.Generator().manual_seed(5)
    return hardening.harden(tiles, CATS, [recipe] * 4, COINS, [network], generator)


def test_it_pushes_each_tile_to_the_side_of_its_coin(tiles: torch.Tensor, network: Reader) -> None:
    wrong_cat, right_cat, wrong_dog, right_dog = network(made(tiles, network).images).tolist()
    plain = float(network(tiles[:1]))
    assert max(wrong_cat, right_dog) < plain < min(right_cat, wrong_dog)


def test_the_push_survives_the_encoder(tiles: torch.Tensor, network: Reader) -> None:
    images = made(tiles, network).images
    files = [hardening.render(making.to_image(image)) for image in images]
    assert {len(data) for data in files} == {imaging.PICTURE_BYTES}
    seen = torch.stack([making.to_tile(Image.open(io.BytesIO(data))) for data in files])
    wrong_cat, right_cat, wrong_dog, right_dog = network(seen).tolist()
    assert max(wrong_cat, right_dog) < min(right_cat, wrong_dog)


def test_both_sides_of_the_coin_are_pushed_as_hard(tiles: torch.Tensor, network: Reader) -> None:
    hardened = made(tiles, network)
    assert max(hardened.strength) - min(hardened.strength) < 0.1
    assert max(hardened.distance) - min(hardened.distance) < 0.1


def test_no_pixel_moves_more_than_the_recipe_allows(tiles: torch.Tensor, network: Reader) -> None:
    moved = (made(tiles, network, Recipe("test", 4, 10 / 255, 0.0)).images - tiles).abs()
    assert 5 / 255 < float(moved.max()) <= 10.6 / 255


def test_the_same_chance_makes_the_same_tiles(tiles: torch.Tensor, network: Reader) -> None:
    assert made(tiles, network).images.equal(made(tiles, network).images)


def test_a_recipe_without_strength_changes_nothing(tiles: torch.Tensor, network: Reader) -> None:
    for recipe in FAMILY:
        hardened = made(tiles, network, recipe.milder(1))
        assert float((hardened.images - tiles).abs().max()) < 2 / 255
        assert hardened.strength == [0.0] * 4


@pytest.mark.parametrize("recipe", FAMILY, ids=lambda recipe: recipe.name)
def test_each_recipe_of_the_family_pushes(
    recipe: Recipe, tiles: torch.Tensor, network: Reader
) -> None:
    wrong_cat, right_cat, *_ = network(made(tiles, network, recipe).images).tolist()
    assert wrong_cat < right_cat


def test_each_tile_has_a_recipe_of_its_own(tiles: torch.Tensor, network: Reader) -> None:
    recipes = [RECIPE, RECIPE.milder(1), RECIPE, RECIPE.milder(1)]
    generator = torch.Generator().manual_seed(5)
    hardened = hardening.harden(tiles, CATS, recipes, COINS, [network], generator)
    assert [round(distance, 3) > 0 for distance in hardened.distance] == [True, False] * 2


def test_tiles_of_several_recipes_are_pushed_together_as_hard_as_alone(
    tiles: torch.Tensor, network: Reader
) -> None:
    coarse = Recipe("coarse", 4, 20 / 255, 20 / 255, 3.0, ("resize", "shift"))
    generator = torch.Generator().manual_seed(5)
    recipes = [RECIPE, coarse, coarse, RECIPE]
    mixed = hardening.harden(tiles, CATS, recipes, COINS, [network], generator)
    wrong_cat, right_cat, wrong_dog, right_dog = network(mixed.images).tolist()
    plain = float(network(tiles[:1]))
    assert max(wrong_cat, right_dog) < plain < min(right_cat, wrong_dog)
    alone = [made(tiles, network, one).strength[at] for at, one in enumerate(recipes)]
    assert mixed.strength == pytest.approx(alone, abs=0.15)


def test_the_distance_is_none_for_the_same_and_grows_with_noise(tiles: torch.Tensor) -> None:
    noise = torch.randn(tiles.shape, generator=torch.Generator().manual_seed(1))
    same, little, much, shuffled = (
        distance.distances(tiles[:1], other[:1])[0]
        for other in (tiles, tiles + 0.03 * noise, tiles + 0.2 * noise, tiles.flip(2))
    )
    assert abs(same) < 1e-4
    assert same < little < much < 1
    assert shuffled > much / 2


def test_what_is_too_far_is_made_milder_with_the_same_coin(
    tiles: torch.Tensor, network: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = made(tiles, network)
    monkeypatch.setattr(making, "MOST_DISTANCE", min(usual.distance) / 2)
    generator = torch.Generator().manual_seed(5)
    softer = making.within(tiles, CATS, [RECIPE] * 4, COINS, [network], generator)
    assert max(softer.distance) <= min(usual.distance) / 2
    assert 0 < max(softer.strength) < min(usual.strength)
    wrong_cat, right_cat, wrong_dog, right_dog = network(softer.images).tolist()
    assert max(wrong_cat, right_dog) < min(right_cat, wrong_dog)
