"""How good a network is on photos: every figure of a report, with how sure one may be of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
import torch
from scipy.stats import binomtest
from torch import Tensor

from classifier.cnn import calibration
from classifier.cnn.calibration import Bin
from classifier.cnn.torchvision_ops import import_torchvision

# torchmetrics imports torchvision, which does not load beside every build of torch.
import_torchvision()
from torchmetrics.functional import classification  # noqa: E402

# Points of a drawn ROC curve: more than a chart shows, few enough for JSON.
POINTS: Final = 200
CAT: Final = "cat"


@dataclass(frozen=True, slots=True)
class OfClass:
    """How well one class is told: `n` photos of it, `said` photos called so; the rest 0..1."""

    name: str
    n: int
    said: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Roc:
    """One class against the rest: shares of false and true alarms at falling thresholds."""

    name: str
    auc: float
    false_positive: tuple[float, ...]
    true_positive: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on `n` photos, of which `right` were named right.

    `interval` is that of `accuracy`, 95 % after Clopper and Pearson. Rows of `confusion` are the
    given labels, columns what the network said. "before" is before temperature scaling.
    """

    n: int
    right: int
    accuracy: float
    interval: tuple[float, float]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    per_class: tuple[OfClass, ...]
    roc: tuple[Roc, ...]
    temperature: float
    ece_before: float
    ece_after: float
    nll_before: float
    nll_after: float
    brier_before: float
    brier_after: float
    bins_before: tuple[Bin, ...]
    bins_after: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Self:
        """Return what `to_dict` wrote. Raises KeyError or TypeError for something else."""
        rocs = [
            one | {key: tuple(one[key]) for key in ("false_positive", "true_positive")}
            for one in said["roc"]
        ]
        low, high = said["interval"]
        made = {
            "interval": (low, high),
            "classes": tuple(said["classes"]),
            "confusion": tuple(tuple(row) for row in said["confusion"]),
            "per_class": tuple(OfClass(**one) for one in said["per_class"]),
            "roc": tuple(Roc(**one) for one in rocs),
            "bins_before": tuple(Bin(**one) for one in said["bins_before"]),
            "bins_after": tuple(Bin(**one) for one in said["bins_after"]),
        }
        return cls(**(said | made))


def interval(hits: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return between which shares the true one lies, exactly (Clopper and Pearson 1934)."""
    found = binomtest(hits, n).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def measure(
    logits: Tensor, truth: Tensor, classes: tuple[str, ...] | list[str], temperature: float = 1.0
) -> Metrics:
    """Return the figures of photos x classes logits, given the right class of each photo.

    Raises ValueError without photos.
    """
    if not len(truth):
        raise ValueError("There are no photos to measure with.")
    logits, truth = logits.detach().cpu().double(), truth.detach().cpu().long()
    raw, chances = logits.softmax(dim=1), (logits / temperature).softmax(dim=1)
    # Taken once: before and after scaling the same class leads.
    said = logits.argmax(dim=1)
    correct = said == truth
    before, after = (
        calibration.reliability(some.gather(1, said.unsqueeze(1)).squeeze(1), correct)
        for some in (raw, chances)
    )
    right = int(correct.sum())
    return Metrics(
        n=len(truth),
        right=right,
        accuracy=right / len(truth),
        interval=interval(right, len(truth)),
        classes=tuple(classes),
        confusion=_confusion(said, truth, len(classes)),
        per_class=_per_class(said, truth, classes),
        roc=_curves(logits / temperature, truth, classes),
        temperature=float(temperature),
        ece_before=calibration.gap(before),
        ece_after=calibration.gap(after),
        nll_before=calibration.nll(logits, truth),
        nll_after=calibration.nll(logits / temperature, truth),
        brier_before=calibration.brier(raw, truth),
        brier_after=calibration.brier(chances, truth),
        bins_before=before,
        bins_after=after,
    )


def _confusion(said: Tensor, truth: Tensor, count: int) -> tuple[tuple[int, ...], ...]:
    table = classification.multiclass_confusion_matrix(said, truth, num_classes=count)
    return tuple(tuple(row) for row in table.tolist())


def _per_class(
    said: Tensor, truth: Tensor, classes: tuple[str, ...] | list[str]
) -> tuple[OfClass, ...]:
    count = len(classes)
    precision, recall, f1 = (
        figure(said, truth, num_classes=count, average=None).tolist()
        for figure in (
            classification.multiclass_precision,
            classification.multiclass_recall,
            classification.multiclass_f1_score,
        )
    )
    given = torch.bincount(truth, minlength=count).tolist()
    called = torch.bincount(said, minlength=count).tolist()
    rows = zip(classes, given, called, precision, recall, f1, strict=True)
    return tuple(OfClass(*row) for row in rows)


def _curves(logits: Tensor, truth: Tensor, classes: tuple[str, ...] | list[str]) -> tuple[Roc, ...]:
    """Return a curve for each class; of two classes one, for the other is its mirror image.

    A class that all or none of the photos belong to has no curve.
    """
    chosen = list(range(len(classes)))
    if len(classes) == 2:
        chosen = [list(classes).index(CAT) if CAT in classes else 0]
    return tuple(
        _curve(classes[one], _order(logits, one), (truth == one).long())
        for one in chosen
        if 0 < int((truth == one).sum()) < len(truth)
    )


def _order(logits: Tensor, one: int) -> Tensor:
    """Return numbers in 0..1 in the order of the class's odds: chances near 1 would all be ties."""
    others = [place for place in range(logits.shape[1]) if place != one]
    odds = logits[:, one] - logits[:, others].logsumexp(dim=1)
    values, rank = np.unique(odds.numpy(), return_inverse=True)
    return torch.from_numpy(rank / len(values))


def _curve(name: str, score: Tensor, is_it: Tensor) -> Roc:
    false, true, _ = classification.binary_roc(score, is_it)
    area = float(classification.binary_auroc(score, is_it))
    kept = _corners(false, true)
    return Roc(name, area, *(tuple(axis[kept].tolist()) for axis in (false, true)))


def _corners(x: Tensor, y: Tensor) -> Tensor:
    """Return the places of a line's ends and corners; of very many only some."""
    right, up = x.diff(), y.diff()
    bends = (right[1:] * up[:-1] - right[:-1] * up[1:]).abs() > 1e-12
    ends = torch.ones(1, dtype=torch.bool)
    places = torch.nonzero(torch.cat([ends, bends, ends])).squeeze(1)
    few = torch.linspace(0, len(places) - 1, min(POINTS, len(places))).round().long()
    return places[few]
