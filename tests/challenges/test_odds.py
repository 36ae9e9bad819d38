"""How likely a challenge is solved: against the figures of design/attack-math.md."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from challenges.odds import (
    accuracy_for,
    at_most_wrong,
    bucket_rate,
    bucket_rate_with_credit,
    cost_per_pass,
    fresh_passes,
    guesses,
    headline,
    odds,
    partial_credit,
    solves,
    surest,
)
from challenges.proportions import interval

# --- the published tables: single photos ---------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "none", "tries", "one", "two"),
    [
        (0.5, 2.44141e-4, 4096, 3.17383e-3, 1.92871e-2),
        (0.569, 1.15172e-3, 868.3, 1.16204e-2, 5.52340e-2),
        (0.6, 2.17678e-3, 459.4, 1.95910e-2, 8.34433e-2),
        (0.75, 3.16764e-2, 31.57, 0.158382, 0.390675),
        (0.8, 6.87195e-2, 14.55, 0.274878, 0.558346),
        (0.827, 0.102345, 9.77, 0.359259, 0.654850),
        (0.8274, 0.102940, 9.71, 0.360628, 0.656280),
        (0.9, 0.282430, 3.54, 0.659002, 0.889130),
        (0.95, 0.540360, 1.85, 0.881640, 0.980432),
        (0.97, 0.693842, 1.44, 0.951351, 0.995154),
        (0.985, 0.834132, 1.20, 0.986562, 0.999329),
        (0.98914, 0.877189, 1.14, 0.992759, 0.999738),
        (0.995, 0.941623, 1.06, 0.998404, 0.999973),
        (1.0, 1.0, 1.0, 1.0, 1.0),
    ],
)
def test_twelve_photos_are_solved_as_often_as_the_tables_say(
    p: float, none: float, tries: float, one: float, two: float
) -> None:
    for tolerance, solved in enumerate((none, one, two)):
        assert solves(p, 12, tolerance) == pytest.approx(solved, rel=1e-5)
    assert 1 / solves(p, 12) == pytest.approx(tries, rel=0.004)
    # One who says the opposite of everything is right as often as one who reads the rest.
    assert odds([p] * 12).reversed == pytest.approx(solves(1 - p, 12))


def test_nobody_solves_what_nobody_reads() -> None:
    assert solves(0.0, 12, 1) == 0.0


@pytest.mark.parametrize(
    ("rate", "p"),
    [
        (0.0001, 0.46416),
        (0.001, 0.56234),
        (0.01, 0.68129),
        (0.02, 0.72180),
        (0.05, 0.77908),
        (0.1, 0.82540),
        (0.2, 0.87449),
        (0.3, 0.90454),
        (0.5, 0.94387),
        (0.834, 0.98499),
        (0.9, 0.99126),
        (0.95, 0.99573),
        (0.99, 0.99916),
    ],
)
def test_a_rate_needs_the_accuracy_that_the_table_says(rate: float, p: float) -> None:
    assert accuracy_for(rate) == pytest.approx(p, abs=1e-5)
    assert solves(accuracy_for(rate), 12) == pytest.approx(rate)


@pytest.mark.parametrize(("rate", "pictures", "tolerance"), [(0.01, 12, 1), (0.2, 24, 1)])
def test_with_tolerance_a_rate_needs_less(rate: float, pictures: int, tolerance: int) -> None:
    p = accuracy_for(rate, pictures, tolerance)
    assert solves(p, pictures, tolerance) == pytest.approx(rate)
    assert p < accuracy_for(rate, pictures)


@pytest.mark.parametrize(
    ("pictures", "wrong", "solved"),
    [
        # People at .97 and .985, bots at .65, .70 and .80, with the digits that are printed.
        (12, 0, (".694", ".834", ".0057", ".0138", ".069")),
        (12, 1, (".951", ".987", ".042", ".085", ".275")),
        (16, 1, (".918", ".977", ".0098", ".026", ".141")),
        (24, 1, (".839", ".950", ".00045", ".0022", ".033")),
        (24, 2, (".966", ".995", ".0030", ".0119", ".115")),
        (24, 3, (".995", "1.0", ".013", ".042", ".264")),
        (36, 4, (".996", "1.0", ".0012", ".0071", ".127")),
    ],
)
def test_designs_of_more_photos_are_as_the_table_compares_them(
    pictures: int, wrong: int, solved: tuple[str, ...]
) -> None:
    for p, printed in zip((0.97, 0.985, 0.65, 0.7, 0.8), solved, strict=True):
        digits = len(printed) - 1
        assert solves(p, pictures, wrong) == pytest.approx(float(printed), abs=0.6 * 10**-digits)


@pytest.mark.parametrize(
    ("chances", "exactly", "mean"),
    [
        ([0.99] * 6 + [0.6] * 6, (0.04392570, 0.22229065, 0.52584452), 0.06373904),
        ([0.99] * 11 + [0.5], (0.44766913, 0.94507927, 0.99733245), 0.53469945),
        (
            [0.5 + 0.04 * step for step in range(12)],
            (0.01544665, 0.09767324, 0.29051146),
            0.01940841,
        ),
        (
            [0.9, 0.8, 0.7, 0.6, 0.95, 0.85, 0.75, 0.65, 0.99, 0.55, 0.5, 0.98],
            (0.03176091, 0.17169747, 0.43538312),
            0.04232492,
        ),
    ],
)
def test_photos_may_be_of_different_difficulty(
    chances: list[float], exactly: tuple[float, ...], mean: float
) -> None:
    for tolerance, chance in enumerate(exactly):
        assert at_most_wrong(chances, tolerance) == pytest.approx(chance, abs=1e-8)
        assert at_most_wrong(chances[::-1], tolerance) == pytest.approx(chance, abs=1e-8)
    # The mean of the photos says too much: that is why each has its own chance.
    assert solves(sum(chances) / 12, 12) == pytest.approx(mean, abs=1e-8)
    assert mean > exactly[0]


def test_a_chance_is_never_more_than_certain() -> None:
    assert at_most_wrong([1.0] * 48, 1) == 1.0
    assert at_most_wrong([], 0) == 1.0
    assert at_most_wrong([0.3], 1) == 1.0


# --- what an attacker knows ----------------------------------------------------------------------


def test_an_attacker_is_judged_by_what_it_knows_and_by_its_reversed_self() -> None:
    judged = odds([0.9, 0.8, 0.3])
    assert judged.solves == pytest.approx(0.9 * 0.8 * 0.3)
    assert judged.reversed == pytest.approx(0.1 * 0.2 * 0.7)
    assert judged.belief == pytest.approx(0.9 * 0.8 * 0.7)
    assert judged.hit is False
    assert judged.worst == judged.solves
    one_wrong = odds([0.9, 0.8, 0.3], tolerance=1)
    assert one_wrong.solves == pytest.approx(0.216 + 0.024 + 0.054 + 0.504)
    assert one_wrong.hit is True


def test_one_who_is_always_wrong_is_the_worst_of_all() -> None:
    judged = odds([0.05] * 12)
    assert judged.worst == judged.reversed == pytest.approx(0.95**12)


def test_the_headline_is_the_worst_of_the_panel_reversed_ones_included() -> None:
    panel = {"good": [0.9] * 12, "fooled": [0.04] * 12, "guessing": [0.5] * 12}
    assert headline(panel) == pytest.approx(0.96**12)
    assert headline({"good": [0.9] * 12}) == pytest.approx(0.9**12)
    assert headline(panel, 1) == pytest.approx(solves(0.96, 12, 1))
    assert headline({}) is None


def test_two_rounds_are_as_hard_as_all_their_photos_together() -> None:
    assert headline({"one": [0.8] * 24}) == pytest.approx(odds([0.8] * 12).solves ** 2)


# --- rules between challenges: Golle (CCS 2008) --------------------------------------------------

# The accuracy of the attack of 2008, and of people, as Golle's tables 6 and 7 use them.
GOLLE = 0.8273
PEOPLE = 0.985


@pytest.mark.parametrize(
    ("p", "credit", "plain"),
    [
        (GOLLE, (10.3, 26.2, 38.0), (10.3, 19.5, 27.8)),
        (PEOPLE, (83.4, 99.6, 99.9), (83.4, 97.2, 99.5)),
    ],
)
def test_partial_credit_is_as_in_golles_table_6(
    p: float, credit: tuple[float, ...], plain: tuple[float, ...]
) -> None:
    for challenges, (with_credit, without) in enumerate(zip(credit, plain, strict=True), 1):
        assert 100 * partial_credit(p, challenges) == pytest.approx(with_credit, abs=0.1)
        assert 100 * (1 - (1 - solves(p, 12)) ** challenges) == pytest.approx(without, abs=0.1)


@pytest.mark.parametrize(
    ("refill", "bucket", "with_credit"), [(3, 2.9, 19.0), (2, 2.0, 15.3), (1, 1.1, 13.0)]
)
def test_the_bucket_is_as_in_golles_table_7(refill: int, bucket: float, with_credit: float) -> None:
    assert 100 * bucket_rate(solves(GOLLE, 12), refill) == pytest.approx(bucket, abs=0.1)
    assert 100 * bucket_rate_with_credit(GOLLE, refill) == pytest.approx(with_credit, abs=0.1)


@pytest.mark.parametrize(
    ("p", "three", "one", "second", "third", "credit"),
    [
        (0.5, 1.788e-7, 5.96e-8, 4.968e-4, 7.494e-4, 1.164e-5),
        (0.6, 1.418e-5, 4.738e-6, 4.652e-3, 7.116e-3, 4.732e-4),
        (0.681, 2.940e-4, 9.898e-5, 2.293e-2, 3.557e-2, 5.750e-3),
        (0.75, 2.916e-3, 1.003e-3, 7.840e-2, 0.1211, 3.554e-2),
        (0.8274, 2.863e-2, 1.060e-2, 0.2617, 0.3801, 0.1904),
        (0.9, 0.1781, 7.977e-2, 0.6269, 0.7806, 0.5752),
        (0.97, 0.6739, 0.4814, 0.9726, 0.9948, 0.9501),
        (0.98914, 0.8756, 0.7695, 0.9983, 0.9999, 0.9927),
    ],
)
def test_rules_between_challenges_are_as_the_table_compares_them(
    p: float, three: float, one: float, second: float, third: float, credit: float
) -> None:
    assert bucket_rate(solves(p, 12), 3) == pytest.approx(three, rel=6e-4)
    assert bucket_rate(solves(p, 12), 1) == pytest.approx(one, rel=6e-4)
    assert partial_credit(p, 2) == pytest.approx(second, rel=6e-4)
    assert partial_credit(p, 3) == pytest.approx(third, rel=6e-4)
    assert bucket_rate_with_credit(p, 3) == pytest.approx(credit, rel=6e-4)


def test_blind_guessing_against_the_bucket_takes_millions_of_tries() -> None:
    assert 1 / bucket_rate(solves(0.5, 12), 3) == pytest.approx(5_593_771, abs=1)
    assert 1 / bucket_rate_with_credit(0.5, 3) == pytest.approx(85_874, abs=1)


def played(solved: float, number: int, start: int, most: int, refill: int, dice: Random) -> int:
    """Return how often one passes who plays by the rules, challenge after challenge."""
    prefix, handle, passes = start, 0, 0
    for _ in range(number):
        payer = "prefix" if prefix else "handle" if handle else ""
        prefix, handle = prefix - (payer == "prefix"), handle - (payer == "handle")
        if dice.random() >= solved:
            continue
        passes += bool(payer)
        if payer == "prefix":
            prefix = min(most, max(prefix + 1, refill))
        else:
            handle = max(handle + bool(payer), refill)
    return passes


@pytest.mark.parametrize("solved", [0.15, 0.5])
def test_a_fresh_prefix_gives_as_many_passes_as_playing_by_the_rules(solved: float) -> None:
    dice, games = Random(5), 4000
    rule = {"start": 6, "most": 12, "refill": 3}
    passes = [played(solved, 40, **rule, dice=dice) for _ in range(games)]
    mean = sum(passes) / games
    spread = (sum((one - mean) ** 2 for one in passes) / games / games) ** 0.5
    assert fresh_passes(solved, 40, **rule) == pytest.approx(mean, abs=4 * spread)


def test_a_fresh_prefix_without_tokens_gives_what_the_bucket_gives_in_the_long_run() -> None:
    per_challenge = fresh_passes(0.2, 400, start=0, most=0, refill=3) / 400
    assert per_challenge == pytest.approx(bucket_rate(0.2, 3), rel=0.01)


def test_whoever_is_never_right_passes_nowhere_and_who_always_is_passes_everywhere() -> None:
    rule = {"start": 6, "most": 12, "refill": 3}
    assert fresh_passes(0.0, 30, **rule) == 0.0
    assert fresh_passes(1.0, 30, **rule) == pytest.approx(30)


# --- bots choose, and pay ------------------------------------------------------------------------


def test_the_surest_are_those_that_the_attacker_believes_in_most() -> None:
    answered = [(step / 100, step >= 90) for step in range(100)]
    assert surest(answered, 0.05) == 1.0
    assert surest(answered, 0.2) == 0.5
    assert surest(answered, 1.0) == pytest.approx(0.1)
    assert surest(answered, 0.001) is None
    assert surest([], 0.5) is None


@pytest.mark.parametrize(
    ("rate", "tries", "dollars"),
    [
        (0.8772, 1.14, 1.1e-4),
        (0.1029, 9.72, 9.7e-4),
        (0.05, 20, 0.002),
        (0.01, 100, 0.01),
        (0.001, 1000, 0.1),
    ],
)
def test_a_pass_costs_what_the_table_says(rate: float, tries: float, dollars: float) -> None:
    assert cost_per_pass(rate, 1) == pytest.approx(tries, rel=0.002)
    assert cost_per_pass(rate, 1e-4) == pytest.approx(dollars, rel=0.04)
    assert cost_per_pass(rate, 1e-5) == pytest.approx(dollars / 10, rel=0.04)


def test_what_never_passes_is_priceless() -> None:
    assert cost_per_pass(0, 1e-4) == float("inf")


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 300, 0, 1.22),
        (0, 1000, 0, 0.37),
        (0, 3000, 0, 0.123),
        (3, 1000, 0.06, 0.87),
        (10, 1000, 0.48, 1.83),
        (100, 1000, 8.21, 12.03),
        (834, 1000, 80.9, 85.7),
    ],
)
def test_intervals_are_as_the_table_has_them(hits: int, n: int, low: float, high: float) -> None:
    found = [100 * side for side in interval(hits, n)]
    assert found == pytest.approx([low, high], abs=0.05 if hits > 500 else 0.006)


def test_nothing_seen_in_three_hundred_is_at_most_one_in_a_hundred() -> None:
    # One-sided, 95 %: both sides of an interval of 90 %.
    assert 100 * interval(0, 300, 0.9)[1] == pytest.approx(0.99, abs=0.005)


# --- guessing ------------------------------------------------------------------------------------


def best_guess(shape: list[int], tolerance: int) -> float:
    """Try every guess against every answer, and return in one of how many tries the best is right.

    `shape` has the pictures of each round.
    """
    rounds = [
        [bits for bits in itertools.product((0, 1), repeat=size) if 0 < sum(bits) < size]
        for size in shape
    ]
    answers = [sum(parts, ()) for parts in itertools.product(*rounds)]
    most = max(
        sum(
            sum(a != b for a, b in zip(guess, answer, strict=True)) <= tolerance
            for answer in answers
        )
        for guess in answers
    )
    return len(answers) / most


@pytest.mark.parametrize(
    ("pictures", "rounds", "shape"), [(5, 1, [5]), (8, 2, [4, 4]), (9, 2, [5, 4])]
)
@pytest.mark.parametrize("tolerance", [0, 1])
def test_the_best_guess_is_right_as_often_as_trying_all_of_them_shows(
    pictures: int, rounds: int, shape: list[int], tolerance: int
) -> None:
    assert guesses(pictures, tolerance, rounds) == pytest.approx(best_guess(shape, tolerance))


def test_guessing_twelve_photos_takes_four_thousand_tries() -> None:
    assert guesses(12) == 4094
    assert guesses(12, 1) == pytest.approx(4094 / 13)
    # With a probe one of the three rounds has a photo fewer that counts.
    assert guesses(35, rounds=3) == 2046 * 4094 * 4094
