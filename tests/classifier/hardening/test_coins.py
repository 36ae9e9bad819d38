"""Coins: fair ones are believed, biased ones are caught, whatever group the bias hides in."""

from __future__ import annotations

import itertools
import random

import pytest

from classifier.hardening import coins
from classifier.hardening.coins import Served

ANIMALS = ("cat", "dog")
RECIPES = ("fine", "bands", "blots", "tint", "veil")


def served(each: int, chance: random.Random, **bias: float) -> list[Served]:
    """Return renditions; `bias` says for an animal or a recipe how often its coin is True."""
    return [
        Served(animal, recipe, chance.random() < bias.get(animal, bias.get(recipe, 0.5)))
        for animal, recipe in itertools.product(ANIMALS, RECIPES)
        for _ in range(each)
    ]


def unfair(found: list[coins.Fairness]) -> set[str]:
    """Return the groups that were caught."""
    return {one.group for one in found if not one.fair}


def test_fair_coins_are_believed() -> None:
    chance = random.Random(4)
    caught = [unfair(coins.look(served(100, chance))) for _ in range(200)]
    assert sum(map(bool, caught)) <= 2


def test_coins_that_are_biased_for_one_animal_are_caught() -> None:
    assert "cat" in unfair(coins.look(served(100, random.Random(1), cat=0.65)))


def test_coins_that_are_biased_by_one_recipe_are_caught() -> None:
    assert unfair(coins.look(served(200, random.Random(1), tint=0.7))) >= {"tint"}


def test_a_bias_that_only_animal_and_recipe_together_show_is_caught() -> None:
    chance = random.Random(1)
    rest = served(200, chance)
    hidden = [
        Served(one.animal, one.recipe, chance.random() < (0.8 if one.animal == "cat" else 0.2))
        if one.recipe == "veil"
        else one
        for one in rest
    ]
    found = unfair(coins.look(hidden))
    assert {"cat, veil", "dog, veil"} <= found
    assert "all" not in found


def test_fair_coins_of_which_one_side_is_shown_more_often_are_caught() -> None:
    chance = random.Random(1)
    often = [
        Served(one.animal, one.recipe, one.pushed, chance.randint(4, 8) if one.pushed else 1)
        for one in served(40, chance)
    ]
    found = unfair(coins.look(often))
    assert {"all, as shown", "cat, as shown", "dog, as shown"} <= found
    assert not {"all", "cat", "dog"} & found


def test_fair_coins_that_are_shown_unequally_often_are_believed() -> None:
    chance = random.Random(5)
    caught = [
        unfair(
            coins.look(
                Served(one.animal, one.recipe, one.pushed, chance.choice((0, 1, 8, 8, 32)))
                for one in served(20, chance)
            )
        )
        for _ in range(200)
    ]
    assert sum(map(bool, caught)) <= 2


def test_few_coins_prove_nothing() -> None:
    assert all(one.fair for one in coins.look([Served("cat", "fine", True)] * 8))
    assert all(one.fair for one in coins.look([Served("cat", "fine", True, 32)] * 8))
    assert coins.look([]) == []


def test_the_interval_is_the_exact_one() -> None:
    # Clopper and Pearson 1934, for 3 of 1000 at 95 %: 0.06 % to 0.87 %.
    low, high = coins._interval(3, 1000, 0.05)
    assert (low, high) == pytest.approx((0.0006, 0.0087), abs=5e-5)


def test_a_toss_is_fair() -> None:
    tossed = [Served("cat", "fine", coins.toss()) for _ in range(4000)]
    assert all(one.fair for one in coins.look(tossed))
