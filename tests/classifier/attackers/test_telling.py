"""Does something tell a secret bit? The verdict is exact, and seldom wrong about what is clean."""

from __future__ import annotations

from random import Random

import pytest

from classifier.attackers.telling import ENOUGH, FAMILY, Case, Model, Told, judge, tell


def cases(dice: Random, count: int, right: float = 0.5, share: float = 0.5) -> list[Case]:
    """Return cases whose trait is the bit in a share `right`; `share` of the bits are 1."""
    found = []
    for number in range(count):
        bit = dice.random() < share
        trait = bit if dice.random() < right else not bit
        found.append(Case({"trait": str(trait), "noise": dice.random()}, bit, str(number)))
    return found


@pytest.mark.parametrize("balanced", [True, False])
def test_what_luck_explains_is_seldom_called_unlikely(*, balanced: bool) -> None:
    dice = Random(5)
    share = 0.3 if balanced else 0.5
    told = [
        tell("x", "y", cases(dice, 120, share=share), balanced=balanced, seed=at)
        for at in range(1500)
    ]
    for level in (0.01, 0.05, 0.2):
        found = sum(one.p <= level for one in told) / len(told)
        # Exact tests of whole numbers are on the safe side; the rest is luck in 1,500 tries.
        assert found <= level + 4 * (level * (1 - level) / len(told)) ** 0.5
    assert sum(one.p <= 0.2 for one in told) > 0.05 * len(told)


@pytest.mark.parametrize("balanced", [True, False])
def test_a_strong_sign_is_found(*, balanced: bool) -> None:
    told = tell("x", "y", cases(Random(1), 400, right=0.9), balanced=balanced)
    (told,) = judge([told])
    assert told.leaks
    assert told.low < 0.9 < told.high
    assert told.share >= told.alarm


def test_the_opposite_sign_is_a_sign_too() -> None:
    (told,) = judge([tell("x", "y", cases(Random(1), 400, right=0.1), balanced=True)])
    assert told.leaks


def test_more_of_one_animal_is_no_sign() -> None:
    told = tell("x", "y", cases(Random(2), 400, share=0.9), balanced=True)
    assert told.seen < 60
    assert told.low < 0.5 < told.high


def test_a_number_with_many_values_is_cut_into_parts() -> None:
    dice = Random(3)
    signs = [
        Case({"time": dice.gauss(1.0 if bit else 0.0, 0.5)}, bit, str(at))
        for at, bit in enumerate([True, False] * 200)
    ]
    assert judge([tell("x", "y", signs, balanced=True)])[0].leaks


def test_a_value_that_every_photo_has_for_itself_teaches_nothing() -> None:
    signs = [Case({"digest": f"{at:x}"}, at % 2 == 0, str(at)) for at in range(400)]
    told = tell("x", "y", signs, balanced=True)
    assert told.right == told.seen / 2


def test_a_photo_that_comes_again_is_no_second_witness() -> None:
    # Each of 30 photos has a value of its own, and was seen ten times.
    signs = [
        Case({"size": str(photo)}, photo % 2 == 0, str(photo))
        for photo in range(30)
        for _ in range(10)
    ]
    told = tell("x", "y", signs, balanced=True)
    assert told.seen <= 15
    assert not judge([told])[0].leaks


def test_an_unknown_value_is_no_sign() -> None:
    model = Model(cases(Random(1), 200, right=1.0))
    assert model.guess({"trait": "True"}) is True
    assert model.guess({"trait": "never seen", "noise": "none"}) is False


def told(p: float, seen: int = 100, *, content: bool = False) -> Told:
    return Told("x", "y", seen, 60, 0.5, 0.7, p, content=content)


def test_many_questions_make_each_accusation_harder() -> None:
    clean = [told(0.2 + at / 100) for at in range(24)]
    assert judge([told(0.0005), *clean])[0].adjusted == pytest.approx(0.0125)
    assert not judge([told(0.0005), *clean])[0].leaks
    assert judge([told(0.0003), *clean])[0].leaks
    assert judge([told(0.009)])[0].leaks


def test_a_second_leak_is_weighed_with_what_is_left() -> None:
    first, second, third = judge([told(0.0001), told(0.004), told(0.9)])
    assert first.adjusted == pytest.approx(0.0003)
    assert second.adjusted == pytest.approx(0.008)
    assert second.leaks
    assert not third.leaks


def test_too_few_pictures_say_nothing_and_take_no_part() -> None:
    few, other = judge([told(1e-9, ENOUGH - 1), told(FAMILY)])
    assert not few.leaks
    assert other.leaks


def test_what_follows_from_the_picture_is_shown_and_not_accused() -> None:
    content, other = judge([told(1e-9, content=True), told(FAMILY)])
    assert not content.leaks
    assert other.leaks


def test_of_nothing_nothing_is_known() -> None:
    one = tell("x", "y", [], balanced=True)
    assert (one.seen, one.right, one.low, one.high, one.p) == (0, 0, 0.0, 1.0, 1.0)
