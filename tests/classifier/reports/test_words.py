"""Figures as people read them."""

from __future__ import annotations

import pytest

from classifier.reports.words import between, count, listed, percent


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.992083, "99.2 %"), (1, "100 %"), (0, "0 %"), (0.9996, "99.96 %"), (0.0002, "0.02 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


def test_an_interval_has_one_sign() -> None:
    assert between(0.988, 0.9951) == "98.8 to 99.5 %"


def test_one_of_a_thing_is_no_plural() -> None:
    assert [count(1, "photo"), count(2400, "photo")] == ["1 photo", "2,400 photos"]


def test_lists_end_with_and() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
