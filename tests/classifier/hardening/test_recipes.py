"""Recipes: a family of five at least, drawn and moved by chance. No torch needed."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter

import pytest

from classifier.hardening import recipes
from classifier.hardening.recipes import FAMILY, Recipe


def test_there_are_five_recipes_at_least_each_with_its_name() -> None:
    assert len({recipe.name for recipe in FAMILY}) == len(FAMILY) >= 5
    assert "plain" not in {recipe.name for recipe in FAMILY}


def test_a_rotation_moves_every_number_a_little() -> None:
    for seed in range(50):
        for before, after in zip(FAMILY, recipes.rotate(random.Random(seed)), strict=True):
            assert after.name == before.name
            assert 0.8 * before.budget <= after.budget <= 1.2 * before.budget
            assert 0.8 * before.tint <= after.tint <= 1.2 * before.tint
            assert after.grain >= 1
            assert set(after.views) <= set(before.views)
            assert all(0 <= amount <= 1 for _, amount in after.style)


def test_no_two_rotations_are_the_same() -> None:
    assert recipes.rotate(random.Random(1)) != recipes.rotate(random.Random(2))


def test_a_recipe_comes_back_from_json() -> None:
    for recipe in recipes.rotate(random.Random(1)):
        assert Recipe.from_json(recipe.to_json()) == recipe


def test_each_recipe_is_drawn_as_often() -> None:
    chance = random.Random(1)
    drawn = Counter(recipes.draw(chance).name for _ in range(600 * len(FAMILY)))
    assert all(500 < number < 700 for number in drawn.values())


@pytest.mark.parametrize(("mildness", "left"), [(0, 1.0), (0.25, 0.75), (1, 0.0), (7, 0.0)])
def test_a_milder_recipe_is_weaker_in_all_it_does(mildness: float, left: float) -> None:
    recipe = Recipe("test", 5, 0.2, 0.1, style=(("warp", 0.5),))
    milder = recipe.milder(mildness)
    found = (milder.budget, milder.tint, milder.style[0][1])
    assert found == pytest.approx((0.2 * left, 0.1 * left, 0.5 * left))


def test_recipes_and_coins_need_no_torch() -> None:
    said = "import sys; from classifier.hardening import coins; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
