"""Picks are graded whole, and malformed ones never close a challenge."""

from __future__ import annotations

import pytest

from challenges.exceptions import InvalidPicks
from challenges.grading import is_right, picks_mask, wrong


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


@pytest.mark.parametrize("count", [9, 16, 48])
def test_its_sentences_are_about_as_many_pictures_as_there_are(count: int) -> None:
    with pytest.raises(InvalidPicks, match=f"at most {count} whole numbers"):
        picks_mask(list(range(count + 1)), count)
    with pytest.raises(InvalidPicks, match=f"from 0 to {count - 1}"):
        picks_mask([count], count)
    assert picks_mask([count - 1], count) == 1 << (count - 1)


@pytest.mark.parametrize(
    ("picks", "tolerance", "right"),
    [
        ([0, 3], 0, False),
        ([0, 3], 1, True),
        ([0, 3, 5, 6], 0, False),
        ([0, 3, 5, 6], 1, True),
        ([0, 3, 6], 1, False),
        ([0], 1, False),
    ],
)
def test_a_tolerance_of_one_lets_one_wrong_picture_through(
    picks: list[int], tolerance: int, right: bool
) -> None:
    assert is_right(0b101001, picks_mask(picks, 12), tolerance) is right


@pytest.mark.parametrize("probe", [0, 5, 47])
def test_a_probe_counts_neither_way(probe: int) -> None:
    cats = (1 << 20) | (1 << 33)
    for picks in (cats, cats | 1 << probe):
        assert is_right(cats, picks, 0, probe)
        assert not is_right(cats, picks ^ (1 << 33), 0, probe)
        assert wrong(cats, picks, probe) == 0
        # Nor is it the one wrong picture that is let through.
        assert is_right(cats, picks ^ (1 << 33), 1, probe)
        assert not is_right(cats, picks ^ (1 << 33) ^ (1 << 20), 1, probe)


def test_only_the_probe_picked_is_no_right_answer() -> None:
    assert not is_right(0b110, 0b1, 1, 0)
    assert is_right(0b10, 0b1, 1, 0)
