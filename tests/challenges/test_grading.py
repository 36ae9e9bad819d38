"""Picks are graded whole, and malformed ones never close a challenge."""

from __future__ import annotations

import pytest

from challenges.exceptions import InvalidPicks
from challenges.grading import is_right, picks_mask


@pytest.mark.parametrize(
    ("picks", "sentence"),
    [
        (None, "Pick at least one picture: send picks such as [0, 3, 5]."),
        ([], "Pick at least one picture: send picks such as [0, 3, 5]."),
        ("0,3", "Pick at least one picture: send picks such as [0, 3, 5]."),
        ({"0": 1}, "Pick at least one picture: send picks such as [0, 3, 5]."),
        ([0, "3"], "picks is a list of at most 12 whole numbers."),
        ([True], "picks is a list of at most 12 whole numbers."),
        ([1.0], "picks is a list of at most 12 whole numbers."),
        (list(range(13)), "picks is a list of at most 12 whole numbers."),
        ([12], "Each pick is a number from 0 to 11."),
        ([-1], "Each pick is a number from 0 to 11."),
        ([3, 3], "Each picture can be picked once only."),
    ],
)
def test_it_says_what_is_wrong_with_picks(picks: object, sentence: str) -> None:
    with pytest.raises(InvalidPicks, match=sentence.replace("[", r"\[").replace("]", r"\]")):
        picks_mask(picks, 12)


def test_it_passes_exactly_the_cats() -> None:
    cats = picks_mask([0, 3, 5], 12)
    assert is_right(cats, picks_mask([5, 0, 3], 12))
    assert not is_right(cats, picks_mask([0, 3], 12))
    assert not is_right(cats, picks_mask([0, 3, 5, 6], 12))
