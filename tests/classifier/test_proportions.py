"""How sure one may be of counted things, against other people's figures."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from classifier import proportions


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (12, 430), (1, 3), (995, 1000)])
def test_intervals_are_clopper_and_pearson_s(hits: int, n: int) -> None:
    oracle = binomtest(hits, n).proportion_ci(0.95, method="exact")
    assert proportions.interval(hits, n) == pytest.approx((oracle.low, oracle.high), abs=1e-9)


def test_of_nothing_nothing_is_known() -> None:
    assert proportions.interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (0, 3), (5, 5), (2, 9), (30, 11)])
def test_mcnemar_s_test_is_that_of_a_fair_coin(one: int, other: int) -> None:
    oracle = binomtest(one, one + other).pvalue if one + other else 1.0
    assert proportions.mcnemar(one, other) == pytest.approx(oracle, abs=1e-9)
