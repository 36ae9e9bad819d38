"""What a sample tells of the rest."""

from __future__ import annotations

import pytest

from challenges.proportions import estimate, interval


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Clopper and Pearson 1934 as tabled since: Newcombe 1998 (table I), and the rule of three.
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
        (29, 29, 0.8806, 1.0),
    ],
)
def test_intervals_are_the_published_ones(hits: int, n: int, low: float, high: float) -> None:
    assert interval(hits, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("wrong", "checked", "rest", "sentence"),
    [
        (
            1,
            100,
            2400,
            (
                "In 100 checked, 1 was wrong: among the other 2,400 expect about 24 wrong, "
                "at most 131 (95 %)."
            ),
        ),
        (
            0,
            100,
            500,
            (
                "In 100 checked, none was wrong: among the other 500 expect hardly any wrong, "
                "at most 19 (95 %)."
            ),
        ),
        (
            2,
            50,
            0,
            "In 50 checked, 2 were wrong: all were checked, none is left to guess about.",
        ),
        (0, 0, 10, "Nothing was checked, so nothing is known."),
    ],
)
def test_it_says_so_in_plain_words(wrong: int, checked: int, rest: int, sentence: str) -> None:
    assert estimate(wrong, checked, rest).sentence == sentence


def test_more_wrong_than_checked_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        estimate(3, 2, 10)
