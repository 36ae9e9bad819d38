"""From scores to chances."""

from __future__ import annotations

import numpy as np
import pytest

from classifier.attackers import platt


def test_the_scaling_of_known_chances_is_found_again() -> None:
    dice = np.random.default_rng(1)
    scores = dice.normal(size=20_000) * 3
    cats = dice.random(20_000) < platt.sigmoid(0.7 * scores - 0.4)
    found = platt.fit(scores, cats)
    assert found.slope == pytest.approx(0.7, abs=0.04)
    assert found.offset == pytest.approx(-0.4, abs=0.08)


def test_scores_that_are_the_wrong_way_round_are_turned() -> None:
    scores = np.linspace(-2, 2, 200)
    assert platt.fit(scores, scores < 0.1).slope < 0


def test_a_few_scores_that_part_the_animals_make_nobody_certain() -> None:
    found = platt.fit([-1.0, -2.0, 1.0, 2.0], [False, False, True, True])
    assert 0.6 < found.chances([2.0])[0] < 0.99


def test_scores_without_sense_become_halves() -> None:
    dice = np.random.default_rng(2)
    found = platt.fit(dice.normal(size=500), dice.random(500) < 0.5)
    assert found.chances([2.0])[0] == pytest.approx(0.5, abs=0.12)


def test_nothing_to_fit_changes_nothing() -> None:
    assert platt.fit([], []) == platt.Platt(1.0, 0.0)
    assert platt.Platt().chances([0.0, 1000.0, -1000.0]) == [0.5, 1.0, 0.0]


def test_a_logit_is_what_a_chance_came_from() -> None:
    assert platt.sigmoid(platt.logit([0.1, 0.5, 0.99])).tolist() == pytest.approx([0.1, 0.5, 0.99])
    assert np.isfinite(platt.logit([0.0, 1.0])).all()
