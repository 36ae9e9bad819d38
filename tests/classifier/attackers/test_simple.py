"""Rungs that need no network: guessing, the oracle, inversion, the attack of 2008."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from classifier.attackers import golle, svm
from classifier.attackers.base import Attacker, Learner, Watcher
from classifier.attackers.golle import Golle
from classifier.attackers.guessing import Guessing
from classifier.attackers.inversion import Inverted
from classifier.attackers.oracle import Oracle
from tests.classifier.attackers import learnable
from tests.classifier.attackers.learnable import noise, overconfidence, share_right, tiles


def test_a_guess_is_right_in_half_and_claims_no_more() -> None:
    guessing: Attacker = Guessing(seed=3)
    told = guessing.look([b""] * 4000)
    assert sum(p > 0.5 for p in told) / 4000 == pytest.approx(0.5, abs=0.04)
    assert told == pytest.approx([0.5] * 4000, abs=1e-5)


def test_guesses_do_not_depend_on_the_picture() -> None:
    assert Guessing(5).look([b"a"] * 20) == Guessing(5).look([b"b"] * 20)


def test_the_oracle_is_right_as_often_as_agreed_and_knows_it() -> None:
    oracle: Watcher = Oracle(0.6)
    seen = [(str(number).encode(), number % 3 == 0) for number in range(5000)]
    for data, cat in seen:
        oracle.remember(data, cat=cat)
    told = oracle.look([data for data, _ in seen])
    right = sum((p > 0.5) == cat for p, (_, cat) in zip(told, seen, strict=True))
    assert right / 5000 == pytest.approx(0.6, abs=0.03)
    assert {round(max(p, 1 - p), 9) for p in told} == {0.6}
    assert oracle.look([seen[7][0]]) == [told[7]]
    assert oracle.name == "oracle-60"


def test_an_oracle_knows_nothing_of_what_it_was_not_told() -> None:
    assert Oracle().look([b"never seen"]) == [0.5]


def test_the_inverted_self_says_the_opposite() -> None:
    oracle = Oracle(0.9)
    oracle.remember(b"x", cat=True)
    assert Inverted(oracle).look([b"x"]) == pytest.approx([1 - oracle.look([b"x"])[0]])


def test_a_machine_finds_a_border_that_is_no_line() -> None:
    dice = np.random.default_rng(2)
    points = dice.normal(size=(300, 2)).astype(np.float32)
    inside = np.linalg.norm(points, axis=1) < 1.1
    kernel = np.exp(-svm.squared_distances(points, points))
    weights = svm.fit(kernel[:200, :200], inside[:200], 10.0, dice)
    said = svm.scores(kernel[200:, :200], weights) > 0
    assert float((said == inside[200:]).mean()) > 0.93
    assert float(np.abs(weights).max()) <= 10.0


def test_the_machine_solves_the_problem_that_it_is_given() -> None:
    # The conditions of Karush, Kuhn and Tucker: outside the margin no weight, inside all of it.
    dice = np.random.default_rng(4)
    points = dice.normal(size=(120, 3)).astype(np.float32)
    cats = points[:, 0] + dice.normal(size=120) * 0.7 > 0
    kernel = np.exp(-0.3 * svm.squared_distances(points, points))
    weights = svm.fit(kernel, cats, 1.0, dice)
    alpha, margin = np.abs(weights), svm.scores(kernel, weights) * np.where(cats, 1, -1)
    assert np.all(alpha[margin > 1.05] < 1e-3)
    assert np.all(alpha[margin < 0.95] > 1 - 1e-3)


def test_distances_of_the_machine_are_those_between_points() -> None:
    dice = np.random.default_rng(5)
    a, b = (dice.normal(size=(many, 4)).astype(np.float32) for many in (7, 5))
    plain = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    assert svm.squared_distances(a, b) == pytest.approx(plain, abs=1e-4)


def test_a_colour_is_noted_in_its_cell_alone() -> None:
    image = Image.new("RGB", (golle.SIDE, golle.SIDE))
    black = golle.colours(image)
    image.paste((255, 0, 0), (0, 0, 20, 20))
    changed = np.flatnonzero(black != golle.colours(image))
    # One more colour in one cell of each of the three grids.
    assert len(changed) == 3
    assert len(black) == 1000 + 5760 + 9000


def test_scraps_lie_apart_and_are_found_in_their_own_photo() -> None:
    dice = np.random.default_rng(1)
    pictures = [learnable.photo(seed) for seed in range(6)]
    scraps = golle.Scraps.choose(pictures, 60, dice)
    near = svm.squared_distances(scraps.flat, scraps.flat) + np.eye(len(scraps.flat)) * 1e9
    assert float(near.min()) >= (golle.APART * golle.SCRAP) ** 2 * 0.999
    nearest = np.min([scraps.distances(picture) for picture in pictures], axis=0)
    assert nearest == pytest.approx(np.zeros(len(nearest)), abs=0.01)
    assert float(scraps.distances(learnable.photo(99)).mean()) > 0.01


def test_the_attack_of_2008_learns_what_there_is_to_learn() -> None:
    attacker: Learner = Golle(scraps=60)
    attacker.learn(tiles(80))
    assert share_right(attacker, tiles(60, first=500)) > 0.95


def test_the_attack_of_2008_finds_nothing_where_there_is_nothing() -> None:
    attacker = Golle(scraps=60)
    attacker.learn(noise(60))
    seen = noise(100, first=500)
    assert 0.35 < share_right(attacker, seen) < 0.65
    assert overconfidence(attacker, seen) < 0.2
    assert [one["seen"] for one in attacker.tuning] == [60, 60]


def test_the_attack_of_2008_has_to_learn_first() -> None:
    with pytest.raises(RuntimeError, match="has to learn before it looks"):
        Golle().look([b""])
