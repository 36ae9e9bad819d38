"""How likely a challenge is solved: against the figures of design/attack-math.md."""

from __future__ import annotations

import itertools

import pytest

from challenges.odds import at_most_wrong, guesses, solves


@pytest.mark.parametrize(
    ("p", "none", "one"),
    [
        (0.5, 1 / 4096, 13 / 4096),
        (0.569, 1.15172e-3, 1.16204e-2),
        (0.75, 3.16764e-2, 0.158382),
        (0.8274, 0.102940, 0.360628),
        (0.97, 0.693842, 0.951351),
        (0.98914, 0.877189, 0.992759),
        (0.993, 0.993**12, 0.993**12 + 12 * 0.993**11 * 0.007),
        (1.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_twelve_photos_are_solved_as_often_as_the_tables_say(
    p: float, none: float, one: float
) -> None:
    assert solves(p, 12) == pytest.approx(none, rel=1e-5)
    assert solves(p, 12, 1) == pytest.approx(one, rel=1e-5)


@pytest.mark.parametrize(("p", "pictures", "solved"), [(0.97, 16, 0.918), (0.7, 24, 0.0022)])
def test_other_numbers_of_photos_too(p: float, pictures: int, solved: float) -> None:
    assert solves(p, pictures, 1) == pytest.approx(solved, abs=0.0005)


@pytest.mark.parametrize(
    ("chances", "exactly"),
    [
        ([0.99] * 6 + [0.6] * 6, (0.04392570, 0.22229065, 0.52584452)),
        ([0.99] * 11 + [0.5], (0.44766913, 0.94507927, 0.99733245)),
        (
            [0.9, 0.8, 0.7, 0.6, 0.95, 0.85, 0.75, 0.65, 0.99, 0.55, 0.5, 0.98],
            (0.03176091, 0.17169747, 0.43538312),
        ),
    ],
)
def test_photos_may_be_of_different_difficulty(
    chances: list[float], exactly: tuple[float, ...]
) -> None:
    for tolerance, chance in enumerate(exactly):
        assert at_most_wrong(chances, tolerance) == pytest.approx(chance, abs=1e-8)
        assert at_most_wrong(chances[::-1], tolerance) == pytest.approx(chance, abs=1e-8)


def test_a_chance_is_never_more_than_certain() -> None:
    assert at_most_wrong([1.0] * 48, 1) == 1.0
    assert at_most_wrong([], 0) == 1.0
    assert at_most_wrong([0.3], 1) == 1.0


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
