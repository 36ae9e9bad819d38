"""Figures of a report, against the reference values of the attack mathematics (5.7)."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier.cnn import metrics
from classifier.cnn.metrics import Metrics


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
def test_the_interval_is_that_of_clopper_and_pearson(
    hits: int, n: int, low: float, high: float
) -> None:
    found = metrics.interval(hits, n)
    for value, expected in zip(found, (low, high), strict=True):
        digits = len(str(expected).partition(".")[2])
        assert round(value * 100, digits) == expected


def of_two() -> Metrics:
    """Return the figures of six photos: of three cats one is called a dog."""
    logits = torch.tensor([[4.0, 0], [3, 0], [0, 1], [0, 5], [0, 2], [0, 2.5]])
    return metrics.measure(logits, torch.tensor([0, 0, 0, 1, 1, 1]), ("cat", "dog"), 2.0)


def test_it_counts_what_is_right() -> None:
    found = of_two()
    assert (found.n, found.right) == (6, 5)
    assert found.accuracy == pytest.approx(5 / 6)
    assert found.interval == pytest.approx((0.3588, 0.9958), abs=1e-4)
    assert found.confusion == ((2, 1), (0, 3))


def test_precision_and_recall_of_each_class() -> None:
    cat, dog = of_two().per_class
    assert (cat.name, cat.n, cat.said) == ("cat", 3, 2)
    assert cat.precision == 1
    assert cat.recall == pytest.approx(2 / 3)
    assert cat.f1 == pytest.approx(0.8)
    assert dog.precision == pytest.approx(0.75)
    assert dog.recall == 1


def test_two_classes_have_one_curve_of_the_cat() -> None:
    logits = torch.tensor([[0.0, 4], [0, 3], [1, 0], [5, 0], [2, 0], [0, 2]])
    truth = torch.tensor([1, 1, 1, 0, 0, 0])
    (curve,) = metrics.measure(logits, truth, ("dog", "cat")).roc
    assert curve.name == "cat"
    # Of nine pairs of a cat and a dog, two have the dog ahead.
    assert curve.auc == pytest.approx(8 / 9)
    assert curve.false_positive[0] == curve.true_positive[0] == 0
    assert curve.false_positive[-1] == curve.true_positive[-1] == 1


def test_three_classes_have_a_curve_each() -> None:
    found = metrics.measure(torch.eye(3) * 9, torch.arange(3), ("cat", "dog", "rabbit"))
    assert [(one.name, one.auc) for one in found.roc] == [("cat", 1), ("dog", 1), ("rabbit", 1)]


def test_a_class_without_photos_has_no_curve() -> None:
    found = metrics.measure(torch.eye(3)[:2], torch.arange(2), ("cat", "dog", "rabbit"))
    assert [one.name for one in found.roc] == ["cat", "dog"]
    assert found.per_class[2].n == 0
    one_kind = metrics.measure(torch.eye(2)[:1], torch.tensor([0]), ("cat", "dog"))
    assert one_kind.roc == ()


def test_a_long_curve_is_thinned_and_its_area_is_not() -> None:
    generator = torch.Generator().manual_seed(1)
    truth = torch.arange(5000) % 2
    logits = torch.randn(5000, 2, generator=generator)
    logits[:, 0] += 1.0 - truth
    (curve,) = metrics.measure(logits, truth, ("cat", "dog")).roc
    assert len(curve.false_positive) == len(curve.true_positive) == metrics.POINTS
    # Two normal curves, one apart, of a difference that spreads by the root of 2: Phi(0.5).
    assert curve.auc == pytest.approx(0.6915, abs=0.02)


def test_a_straight_line_needs_two_points() -> None:
    (curve,) = metrics.measure(torch.eye(2)[[0, 0, 1, 1]], torch.tensor([0, 0, 1, 1]),
                               ("cat", "dog")).roc  # fmt: skip
    points = list(zip(curve.false_positive, curve.true_positive, strict=True))
    assert points == [(0, 0), (0, 1), (1, 1)]


def test_certainty_does_not_make_all_photos_equal() -> None:
    truth = torch.tensor([0, 0, 1, 1])
    logits = torch.tensor([[900.0, 0], [800, 0], [700, 0], [600, 0]])
    (curve,) = metrics.measure(logits, truth, ("cat", "dog"), temperature=0.05).roc
    assert curve.auc == 1


def test_calibration_is_told_before_and_after() -> None:
    generator = torch.Generator().manual_seed(2)
    logits = torch.randn(4000, 2, generator=generator) * 2
    truth = torch.multinomial(logits.softmax(dim=1), 1, generator=generator).squeeze(1)
    found = metrics.measure(logits * 4, truth, ("cat", "dog"), temperature=4)
    assert found.ece_after < 0.02 < 0.1 < found.ece_before
    assert found.nll_after < found.nll_before
    assert found.brier_after < found.brier_before
    assert found.temperature == 4


def test_it_survives_json() -> None:
    found = of_two()
    assert Metrics.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_no_photos_measure_nothing() -> None:
    with pytest.raises(ValueError, match="no photos to measure"):
        metrics.measure(torch.empty(0, 2), torch.empty(0, dtype=torch.long), ("cat", "dog"))
