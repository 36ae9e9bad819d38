"""Whether chances mean what they say: temperature scaling, and how far off they are without it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Final

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor
from torch.nn import functional

# Temperatures that are tried. Photos that are all named right would ask for 0: certainty.
COLDEST: Final = 0.05
HOTTEST: Final = 20.0
BINS: Final = 15


@dataclass(frozen=True, slots=True)
class Bin:
    """The photos whose confidence lies in (low, high]: how sure the network was, how often right.

    `confidence` and `accuracy` are means, 0..1; both 0 when `n` is 0.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def fit_temperature(logits: Tensor, truth: Tensor) -> float:
    """Return the temperature that makes the right classes likeliest (Guo et al. 2017).

    `logits` are photos x classes, `truth` the right class of each. The likeliest class of no
    photo changes. The loss has one valley along log T, so a search in one dimension finds it.
    Raises ValueError without photos.
    """
    if not len(truth):
        raise ValueError("No temperature fits no photos.")
    logits = logits.double()
    found = minimize_scalar(
        lambda at: nll(logits / exp(at), truth),
        bounds=(log(COLDEST), log(HOTTEST)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return exp(float(found.x))


def nll(logits: Tensor, truth: Tensor) -> float:
    """Return the mean negative log likelihood of the right classes, in nats."""
    return float(functional.cross_entropy(logits.double(), truth))


def brier(chances: Tensor, truth: Tensor) -> float:
    """Return the mean squared distance of the chances from the truth, summed over classes: 0..2."""
    right = functional.one_hot(truth, chances.shape[1])
    return float((chances.double() - right).square().sum(dim=1).mean())


def ece(confidence: Tensor, correct: Tensor, bins: int = BINS) -> float:
    """Return the expected calibration error, 0..1: ECE = sum n_b / N * |accuracy_b - confidence_b|.

    Of equally wide bins. It reads the bins that are drawn; torchmetrics has the same sum, but
    keeps photos with a confidence of exactly 1 in one bin more.
    """
    return gap(reliability(confidence, correct, bins))


def gap(bins: tuple[Bin, ...]) -> float:
    """Return the mean distance of confidence from accuracy over bins, weighted by their photos."""
    total = sum(one.n for one in bins)
    return sum(one.n * abs(one.accuracy - one.confidence) for one in bins) / max(total, 1)


def reliability(confidence: Tensor, correct: Tensor, bins: int = BINS) -> tuple[Bin, ...]:
    """Return equally wide bins over 0..1 of each photo's confidence and whether it was right."""
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
    confidence, correct = confidence.double(), correct.double()
    place = torch.bucketize(confidence, edges[1:-1])
    counts = torch.bincount(place, minlength=bins)
    share = counts.clamp(min=1)
    means = torch.bincount(place, confidence, bins) / share
    hits = torch.bincount(place, correct, bins) / share
    rows = zip(edges[:-1], edges[1:], counts, means, hits, strict=True)
    return tuple(Bin(float(a), float(b), int(n), float(c), float(h)) for a, b, n, c, h in rows)
