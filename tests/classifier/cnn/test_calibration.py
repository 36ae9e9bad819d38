"""Temperature scaling, against the reference values of the attack mathematics (5.5)."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import Tensor

from classifier.cnn import calibration
from classifier.cnn.torchvision_ops import import_torchvision


def chances(logit: float, temperature: float) -> float:
    """Return what two classes, `logit` apart, make of a temperature."""
    scaled = torch.tensor([[logit, 0.0]], dtype=torch.float64) / temperature
    return float(scaled.softmax(dim=1)[0, 0])


def drawn(photos: int, classes: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Return logits that mean what they say, and labels drawn as they say."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(photos, classes, generator=generator) * 2
    labels = torch.multinomial(logits.softmax(dim=1), 1, generator=generator).squeeze(1)
    return logits, labels


@pytest.mark.parametrize(
    ("logit", "temperature", "expected"),
    [(2, 1, 0.880797), (2, 2, 0.731059), (4, 2, 0.880797), (-3, 1.5, 0.119203)],
)
def test_a_temperature_softens_chances(logit: float, temperature: float, expected: float) -> None:
    assert chances(logit, temperature) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5, 6.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_it_finds_the_temperature_that_was_put_in(temperature: float, classes: int) -> None:
    logits, labels = drawn(20_000, classes)
    found = calibration.fit_temperature(logits * temperature, labels)
    assert found == pytest.approx(temperature, rel=0.04)


def test_no_other_temperature_fits_better() -> None:
    logits, labels = drawn(2000, 3)
    logits = logits * 3
    best = calibration.fit_temperature(logits, labels)
    least = calibration.nll(logits / best, labels)
    for factor in (0.97, 1.03):
        assert calibration.nll(logits / (best * factor), labels) > least


def test_the_likeliest_class_stays_the_same() -> None:
    logits, labels = drawn(500, 4)
    temperature = calibration.fit_temperature(logits * 3, labels)
    assert torch.equal((logits / temperature).argmax(dim=1), logits.argmax(dim=1))


def test_photos_that_are_all_right_do_not_lead_to_certainty_without_end() -> None:
    logits, labels = torch.tensor([[3.0, -3.0], [-3.0, 3.0]]), torch.tensor([0, 1])
    assert 0.05 <= calibration.fit_temperature(logits, labels) <= 1
    # And those that are all wrong do not lead to doubt without end.
    assert calibration.fit_temperature(logits, 1 - labels) == pytest.approx(20, rel=0.01)


def test_no_photos_have_no_temperature() -> None:
    with pytest.raises(ValueError, match="no photos"):
        calibration.fit_temperature(torch.empty(0, 2), torch.empty(0, dtype=torch.long))


def worked_example() -> tuple[Tensor, Tensor]:
    """Return 100 photos in three bins: confidence and whether each was right."""
    rows = [(50, 0.90, 0.95), (30, 0.70, 0.80), (20, 0.60, 0.55)]
    confidence = torch.cat([torch.full((n,), sure) for n, _, sure in rows])
    right = torch.cat([torch.arange(n) < round(n * share) for n, share, _ in rows])
    return confidence, right


def test_the_worked_calibration_error() -> None:
    assert calibration.ece(*worked_example()) == pytest.approx(0.065, abs=1e-6)


def test_bins_tell_how_sure_and_how_often_right() -> None:
    bins = calibration.reliability(*worked_example())
    assert len(bins) == 15
    full = [(one.n, round(one.accuracy, 3), round(one.confidence, 3)) for one in bins if one.n]
    assert full == [(20, 0.6, 0.55), (30, 0.7, 0.8), (50, 0.9, 0.95)]


def test_it_agrees_with_torchmetrics() -> None:
    import_torchvision()
    from torchmetrics.functional import classification

    logits, labels = drawn(3000, 3)
    likely = (logits * 2).softmax(dim=1).max(dim=1)
    ours = calibration.ece(likely.values, likely.indices == labels)
    theirs = classification.multiclass_calibration_error(
        (logits * 2).softmax(dim=1), labels, num_classes=3, n_bins=15
    )
    assert ours == pytest.approx(float(theirs), abs=1e-5)


def test_a_confidence_of_exactly_one_is_in_the_last_bin() -> None:
    bins = calibration.reliability(torch.tensor([1.0, 0.99]), torch.tensor([True, False]))
    assert bins[-1].n == 2


def test_brier_and_likelihood_of_a_coin() -> None:
    logits, labels = torch.zeros(4, 2), torch.tensor([0, 1, 1, 0])
    assert calibration.brier(logits.softmax(dim=1), labels) == pytest.approx(0.5)
    assert calibration.nll(logits, labels) == pytest.approx(0.693147, abs=1e-6)
