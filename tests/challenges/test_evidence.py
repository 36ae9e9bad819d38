"""What may be concluded from what visitors did, and how seldom chance alone leads there."""

from __future__ import annotations

import random
from functools import cache
from math import comb

import pytest

from challenges import evidence


@pytest.mark.parametrize(
    ("count", "most"), [(8, 0), (9, 1), (11, 1), (12, 2), (16, 2), (36, 2), (48, 2)]
)
def test_an_answer_is_a_persons_up_to_this_many_wrong(count: int, most: int) -> None:
    assert [evidence.looks_human(wrong, count) for wrong in range(5)] == [
        wrong <= most for wrong in range(5)
    ]


@pytest.mark.parametrize("count", range(1, 49))
def test_a_guess_is_taken_for_a_person_one_time_in_fifty_at_most(count: int) -> None:
    counted = sum(
        comb(count, wrong) for wrong in range(count + 1) if evidence.looks_human(wrong, count)
    )
    assert counted / 2**count <= 1 / 50


def test_the_chances_that_are_written_down_are_so() -> None:
    assert [round(1 / evidence.chance_of(wrong, 12)) for wrong in (0, 1, 2)] == [4096, 315, 52]


@pytest.mark.parametrize(
    ("hits", "n", "share"),
    # One-sided 95 % bounds of Clopper and Pearson, from R: binom.test(alternative="greater").
    [(0, 0, 0.0), (0, 40, 0.0), (5, 5, 0.5493), (1, 1, 0.05), (14, 40, 0.2255), (5, 100, 0.0199)],
)
def test_the_lower_bound_is_exact(hits: int, n: int, share: float) -> None:
    assert evidence.surely_more_than(hits, n) == pytest.approx(share, abs=0.0002)


@pytest.mark.parametrize(
    ("missed", "seen", "others", "stands_out"),
    [
        (14, 40, (20, 1000), True),
        # One network fewer than there have to be, however few saw it.
        (4, 4, (20, 1000), False),
        (5, 5, (20, 1000), True),
        # Three times the others' rate, but not certainly.
        (6, 100, (20, 1000), False),
        (6, 100, (0, 1000), False),
        (5, 40, (0, 0), True),
        (5, 1000, (0, 0), False),
        # Where everything is missed, half of the visitors are still many.
        (40, 60, (500, 1000), True),
        (30, 60, (500, 1000), False),
    ],
)
def test_a_photo_stands_out_when_it_is_certainly_missed_more_often(
    missed: int, seen: int, others: tuple[int, int], stands_out: bool
) -> None:
    assert evidence.often_missed(missed, seen, *others) is stands_out


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.1])
def test_a_photo_like_all_others_hardly_ever_stands_out_however_often_one_looks(
    rate: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "surely_more_than", cache(evidence.surely_more_than))
    chance = random.Random(5)

    def doubted() -> bool:
        missed = 0
        for seen in range(1, 301):
            missed += chance.random() < rate
            if evidence.often_missed(missed, seen, round(10_000 * rate), 10_000):
                return True
        return False

    assert sum(doubted() for _ in range(400)) <= 4


@pytest.mark.parametrize(
    ("cats", "votes", "animal"),
    [
        (9, 9, None),
        (10, 10, True),
        (9, 10, True),
        (8, 10, None),
        (1, 10, False),
        (0, 10, False),
        (2, 10, None),
        (10, 12, None),
        (11, 12, True),
        (18, 20, True),
        (17, 20, None),
    ],
)
def test_votes_agree_when_nine_of_ten_say_the_same(
    cats: int, votes: int, animal: bool | None
) -> None:
    assert evidence.agreed(cats, votes, 10) is animal


def test_votes_are_split_when_three_times_as_many_do_not_agree() -> None:
    assert [evidence.are_split(votes, 10) for votes in (29, 30, 31)] == [False, True, True]
