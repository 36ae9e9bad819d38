"""What a run came to: fair draws, figures that must come out of known attackers, and intervals."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier import attacks, fair
from classifier.attacks import Exchange, Point

Flags = NDArray[np.bool_]
# The contract between the attackers, the lab, the front door and the report.
KEYS = {
    "challenges", "solved", "passed", "reversed", "tolerance", "photos", "clean", "predicted",
    "surest", "per_1000", "curve", "tuning", "interval", "seconds_per_photo", "seconds", "limits",
    "worst",
}  # fmt: skip


def dice(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def names(count: int) -> list[str]:
    return [f"photo {number}" for number in range(count)]


def halves(count: int) -> Flags:
    """Return as many cats as dogs."""
    found: Flags = np.arange(count) % 2 == 0
    return found


def right_in(share: float, cats: Flags) -> NDArray[np.float64]:
    """Return P(cat) of one who is right in exactly this share of cats and of dogs, and knows it."""
    place = np.where(cats, np.cumsum(cats), np.cumsum(~cats)) - 1
    counts = np.where(cats, cats.sum(), (~cats).sum())
    right = place < np.round(share * counts)
    return np.where(right == cats, share, 1 - share)


def run(share: float, count: int = 2000, challenges: int = 40_000) -> attacks.Result:
    cats = halves(count)
    return attacks.result(right_in(share, cats), cats, names(count), challenges=challenges)


# --- figures of known attackers ---


@pytest.mark.parametrize(
    ("share", "solved", "one_wrong"),
    [(0.6, 2.17678e-3, 1.95910e-2), (0.8, 6.87195e-2, 0.274878), (0.95, 0.540360, 0.881640)],
)
def test_an_oracle_solves_what_is_published_for_its_strength(
    share: float, solved: float, one_wrong: float
) -> None:
    found = run(share)
    n = found["challenges"]
    spread = (solved * (1 - solved) / n) ** 0.5
    assert found["solved"] / n == pytest.approx(solved, abs=4 * spread + 0.02 * solved)
    assert found["tolerance"]["1"] / n == pytest.approx(one_wrong, rel=0.06)
    assert found["tolerance"]["0"] == found["solved"]
    assert found["predicted"] == pytest.approx(solved, rel=0.01)
    assert found["interval"][0] < solved < found["interval"][1]
    assert found["photos"]["right"] == round(share * 2000)


def test_a_guess_solves_one_challenge_in_about_four_thousand() -> None:
    assert 1 / fair.rate_of(0.5, 0.5) == pytest.approx(4096, rel=0.001)
    cats = halves(1000)
    found = attacks.result(np.full(1000, 0.5), cats, names(1000))
    assert found["photos"]["right"] == pytest.approx(500, abs=80)
    assert found["solved"] < 30
    assert found["photos"]["auc"] == 0.5


def test_one_who_is_always_wrong_is_as_good_as_one_who_is_always_right() -> None:
    cats = halves(100)
    found = attacks.result(np.where(cats, 0.01, 0.99), cats, names(100), challenges=500)
    assert (found["solved"], found["reversed"]) == (0, 500)
    assert found["worst"] == {"rate": 1.0, "which": "reversed"}
    assert found["photos"]["auc"] == 0.0


def test_one_who_knows_when_he_is_right_gains_by_choosing() -> None:
    cats, sure = halves(600), np.arange(600) % 6 < 4
    p = np.where(sure, 0.99, 0.6)
    right = sure | (dice().random(600) < 0.6)
    found = attacks.result(np.where(right == cats, p, 1 - p), cats, names(600))
    (few, n), plain = found["surest"]["1"], found["solved"] / found["challenges"]
    assert n == 200
    assert few / n > 2 * plain
    assert found["worst"]["rate"] >= few / n
    assert found["worst"]["which"].startswith("surest")


def test_a_handful_of_sure_challenges_is_no_headline() -> None:
    cats = halves(60)
    found = attacks.result(right_in(0.8, cats), cats, names(60), challenges=100)
    assert found["surest"]["1"][1] == 1
    assert found["worst"]["which"] in {"plain", "reversed", "surest 20 %"}


def test_the_bucket_lets_through_what_golle_says() -> None:
    found = run(0.8274, challenges=20_000)
    rate = found["solved"] / found["challenges"]
    assert found["per_1000"] == pytest.approx(1000 * rate * (1 - (1 - rate) ** 3))
    assert found["passed"] is None


def test_a_result_is_json_of_the_agreed_shape() -> None:
    cats = halves(40)
    tried = [attacks.Tried(what="6 epochs", seen=10, right=9)]
    found = attacks.result(
        right_in(0.9, cats), cats, names(40), challenges=50, clean=(40, 39), tuning=tried,
        curve=[Point(learned=100, seen=40, right=36)], seconds=2.5, seconds_per_photo=0.01,
    )  # fmt: skip
    again = json.loads(json.dumps(found))
    assert set(again) == KEYS
    assert again["clean"] == {"seen": 40, "right": 39}
    assert again["tuning"] == tried
    assert again["limits"] == {"more": 0, "refused": {}, "waited": 0.0}
    assert set(again["surest"]) == {"20", "5", "1"}


# --- fair draws ---


def test_no_challenge_is_all_of_one_animal_and_no_photo_is_in_it_twice() -> None:
    cats = halves(60)
    rows = fair.draw(cats, names(60), 5000, 12, dice())
    counts = cats[rows].sum(axis=1)
    assert counts.min() == 1
    assert counts.max() == 11
    assert all(len(set(row)) == 12 for row in rows.tolist())
    assert float(counts.mean()) == pytest.approx(6, abs=0.15)


def test_every_photo_is_as_likely_whatever_number_of_tiles_it_has() -> None:
    photos = [*names(30), *["photo 0"] * 9]
    cats = np.array([*halves(30), *[True] * 9])
    rows = fair.draw(cats, photos, 20_000, 12, dice())
    counts = np.bincount(rows.ravel(), minlength=39)
    many = counts[0] + counts[30:].sum()
    expected = rows.size / 30
    assert many == pytest.approx(expected, rel=0.06)
    assert counts[1:30].tolist() == pytest.approx([expected] * 29, rel=0.06)
    assert [counts[0], *counts[30:]] == pytest.approx([many / 10] * 10, rel=0.15)


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(ValueError, match="11 photos of dogs are too few"):
        fair.draw(np.arange(40) < 29, names(40), 10, 12, dice())


def test_a_photo_of_two_animals_is_refused() -> None:
    cats = halves(40)
    with pytest.raises(ValueError, match="cat in one tile and a dog in another"):
        fair.draw(cats, ["the same"] * 40, 10, 12, dice())


def test_names_have_to_be_of_all_tiles() -> None:
    with pytest.raises(ValueError, match="40 tiles, but 39 names"):
        fair.draw(halves(40), names(39), 10, 12, dice())


def test_a_photo_on_both_sides_is_caught() -> None:
    fair.apart({"a", "b"}, {"c"})
    with pytest.raises(fair.LeakingSplit, match="1 of 2 measured photos had been learned from: b"):
        fair.apart({"a", "b"}, {"b", "c"})


# --- intervals ---


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    true, held = float(fair.rate_of(0.8, 0.8)), 0
    for seed in range(120):
        right = dice(seed).random(400) < 0.8
        low, high = fair.over_photos(right, halves(400), names(400), 12, dice(seed + 500))
        held += low <= true <= high
    assert 106 <= held <= 120


def test_more_tiles_of_the_same_photos_make_nothing_surer() -> None:
    cats, right = halves(200), dice().random(200) < 0.8
    once = fair.over_photos(right, cats, names(200), 12, dice())
    often = fair.over_photos(np.tile(right, 5), np.tile(cats, 5), names(200) * 5, 12, dice())
    assert often == pytest.approx(once, rel=0.25)


# --- the front door ---


def exchange(*right: bool, solved: bool, passed: bool) -> Exchange:
    cats = [place % 2 == 0 for place in range(len(right))]
    p_cat = [0.8 if cat == good else 0.2 for cat, good in zip(cats, right, strict=True)]
    return Exchange(p_cat, cats, solved, passed)


def test_at_the_door_the_servers_word_counts() -> None:
    met = [
        exchange(*[True] * 12, solved=True, passed=False),
        exchange(*[True] * 24, solved=True, passed=True),
        exchange(*[True] * 11, False, solved=False, passed=False),
        exchange(*[False] * 12, solved=False, passed=False),
    ]
    limits = attacks.Limits(more=1, refused={"rate_limited": 2}, waited=3.5)
    found = attacks.at_the_door(met, limits=limits, issued=5, seconds=9.0)
    assert set(found) == KEYS
    assert (found["challenges"], found["solved"], found["passed"]) == (4, 2, 1)
    assert found["tolerance"] == {"0": 2, "1": 3}
    assert found["reversed"] == 1
    assert found["photos"]["seen"] == 60
    assert found["photos"]["right"] == 47
    assert found["per_1000"] == 200
    assert found["predicted"] == pytest.approx((3 * 0.8**12 + 0.8**24) / 4)
    assert found["interval"] == pytest.approx((0.0676, 0.9324), abs=1e-4)
    assert found["limits"] == limits


def test_a_run_without_any_exchange_says_that_nothing_is_known() -> None:
    found = attacks.at_the_door([])
    assert (found["challenges"], found["solved"], found["passed"]) == (0, 0, 0)
    assert found["interval"] == (0.0, 1.0)
    assert found["photos"] == {"seen": 0, "right": 0, "auc": None}
    assert found["worst"]["rate"] == 0.0


# --- small figures ---


def test_the_area_under_the_curve_counts_pairs() -> None:
    p, cats = dice().random(60).round(1), dice(2).random(60) < 0.5
    pairs = [
        (one > other) + 0.5 * (one == other) for one, other in itertools.product(p[cats], p[~cats])
    ]
    assert attacks.auc(p, cats) == pytest.approx(float(np.mean(pairs)))
    assert attacks.auc([0.3, 0.4], [True, True]) is None


def point(learned: int, right: int) -> Point:
    return Point(learned=learned, seen=1000, right=right)


def test_what_a_doubling_gained_is_told_per_doubling() -> None:
    assert attacks.doubling([point(100, 700), point(200, 720)]) == pytest.approx(0.02)
    assert attacks.doubling([point(400, 760), point(100, 700)]) == pytest.approx(0.03)
    assert attacks.doubling([point(100, 700), point(150, 760)]) is None
    assert attacks.doubling([]) is None
