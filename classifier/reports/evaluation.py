"""What an evaluation found, as a page and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string

from classifier.reports import charts
from classifier.reports.words import between, count, listed, percent

if TYPE_CHECKING:
    from classifier.cnn.metrics import Metrics

TEMPLATE = "classifier/reports/evaluation.html"


@dataclass(frozen=True, slots=True)
class Model:
    """Which network was measured. `bytes` and `sha256` are those of its file."""

    name: str
    arch: str
    classes: tuple[str, ...]
    size: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Photos:
    """Which photos it was measured with, and which were left out, by why: numbers of photos.

    `which` is "test" for the photos set aside before training, "unseen" for photos that took no
    part, "unknown" when nobody knows which took part.
    """

    said: str
    found: int
    broken: int
    same: int
    alike: int
    aside: int
    which: str


@dataclass(frozen=True, slots=True)
class Named:
    """One photo, and what the network said of it. `confidence` is calibrated, 0..1."""

    name: str
    given: str
    said: str
    confidence: float
    neither: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo of a gallery. `picture` and `looked` are data URIs; `looked` may be empty."""

    named: Named
    picture: str
    looked: str


@dataclass(frozen=True, slots=True)
class Strangers:
    """Photos of none of the classes: how many there were, and how many were called neither."""

    n: int
    refused: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """The figures of one epoch of training: losses in nats, accuracies 0..1."""

    epoch: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that was found. `refused` photos of known classes were called neither."""

    model: Model
    photos: Photos
    metrics: Metrics
    refused: int
    strangers: Strangers | None
    mistakes: tuple[Named, ...]
    gallery: tuple[Shown, ...]
    right: tuple[Shown, ...]
    history: tuple[Epoch, ...]
    no_maps: str = ""


def to_dict(found: Evaluation) -> dict[str, Any]:
    """Return everything but the pictures, as JSON can hold it."""
    return {
        "model": asdict(found.model),
        "photos": asdict(found.photos),
        "metrics": found.metrics.to_dict(),
        "neither": {"n": found.refused, "share": found.refused / found.metrics.n},
        "strangers": asdict(found.strangers) if found.strangers else None,
        "mistakes": [asdict(one) for one in found.mistakes],
        "history": [asdict(one) for one in found.history],
    }


def page(found: Evaluation) -> str:
    """Return a page that needs nothing but itself."""
    metrics, kinds = found.metrics, len(found.metrics.classes)
    return render_to_string(
        TEMPLATE,
        {
            "title": f"How good is {found.model.name}?",
            "found": found,
            "metrics": metrics,
            "headline": headline(found),
            "verdict": percent(metrics.accuracy),
            "facts": _facts(found),
            "left_out": left_out(found.photos),
            "calibration": _calibration(found),
            "confusion": _confusion(metrics),
            "classes": _classes(metrics),
            "roc": charts.roc(metrics.roc) if metrics.roc else "",
            "before": charts.calibration(metrics.bins_before, kinds, "Before calibration"),
            "after": charts.calibration(metrics.bins_after, kinds, "After calibration"),
            "loss": charts.history(found.history, "loss") if found.history else "",
            "accuracy": charts.history(found.history, "accuracy") if found.history else "",
            "gallery": [_card(one) for one in found.gallery],
            "right": [_card(one) for one in found.right],
            "mistakes_in_all": len(found.mistakes),
        },
    )


def headline(found: Evaluation) -> str:
    """Return the result in one sentence."""
    metrics = found.metrics
    took = {
        "test": "that were set aside before training",
        "unseen": "that took no part in training",
        "unknown": "of which some may have taken part in training",
    }[found.photos.which]
    are = "is" if metrics.right == 1 else "are"
    return (
        f"Of {count(metrics.n, 'photo')} {took} {metrics.right:,} {are} named right: "
        f"{percent(metrics.accuracy)}, {between(*metrics.interval)}."
    )


def left_out(photos: Photos) -> list[str]:
    """Say which of the photos were not measured with, and why."""
    said = []
    if photos.which == "unknown":
        said.append(
            "Nothing is kept of which photos this network was trained with. If some of these were "
            "among them, the figures are too good."
        )
    elif not (photos.same or photos.alike or photos.aside):
        said.append("None of the photos took part in training or validation.")
    if photos.same:
        said.append(f"{count(photos.same, 'photo')} took part in training or validation: left out.")
    if photos.alike:
        are = "is nearly the same as one" if photos.alike == 1 else "are nearly the same as some"
        said.append(f"{count(photos.alike, 'photo')} {are} that took part: left out.")
    if photos.aside:
        were = "was" if photos.aside == 1 else "were"
        said.append(
            f"{count(photos.aside, 'photo')} took no part but {were} not set aside for testing: "
            "left out, so that the figures are those of the test photos."
        )
    if photos.broken:
        said.append(f"{count(photos.broken, 'file')} could not be read as a photo.")
    return said


def _facts(found: Evaluation) -> list[tuple[str, str, str]]:
    """Return the figures that come first: name, figure, what it means."""
    metrics = found.metrics
    facts = [
        ("Named right", percent(metrics.accuracy, 2), f"95 %: {between(*metrics.interval)}"),
        ("Calibration error", f"{metrics.ece_after:.4f}", f"{metrics.ece_before:.4f} before"),
        (
            "Called neither",
            percent(found.refused / metrics.n, 2),
            f"{found.refused:,} of {metrics.n:,} photos of {listed(metrics.classes)}",
        ),
    ]
    if found.strangers:
        share = found.strangers.refused / found.strangers.n
        note = f"{found.strangers.refused:,} of {found.strangers.n:,} called neither"
        facts.append(("Strangers refused", percent(share, 1), note))
    if metrics.roc:
        least = min(metrics.roc, key=lambda one: one.auc)
        facts.append(("Area under ROC", f"{least.auc:.4f}", f"{least.name} against the rest"))
    return facts


def _calibration(found: Evaluation) -> list[dict[str, str]]:
    metrics = found.metrics
    rows = (
        ("Expected calibration error, 15 bins", metrics.ece_before, metrics.ece_after),
        ("Negative log likelihood", metrics.nll_before, metrics.nll_after),
        ("Brier score", metrics.brier_before, metrics.brier_after),
    )
    return [{"name": a, "before": f"{b:.4f}", "after": f"{c:.4f}"} for a, b, c in rows]


def _confusion(metrics: Metrics) -> list[dict[str, Any]]:
    """Return rows of cells with their share of the row, which is their shade."""
    rows = []
    for place, (name, row) in enumerate(zip(metrics.classes, metrics.confusion, strict=True)):
        total = max(sum(row), 1)
        cells = [
            {
                "n": f"{n:,}",
                "share": percent(n / total),
                "shade": f"{8 + 70 * n / total:.0f}" if n else "0",
                "right": place == column,
            }
            for column, n in enumerate(row)
        ]
        rows.append({"name": name, "cells": cells})
    return rows


def _classes(metrics: Metrics) -> list[dict[str, str]]:
    return [
        {
            "name": one.name,
            "n": f"{one.n:,}",
            "precision": percent(one.precision, 2),
            "recall": percent(one.recall, 2),
            "f1": percent(one.f1, 2),
        }
        for one in metrics.per_class
    ]


def _card(one: Shown) -> dict[str, Any]:
    named = one.named
    neither = ", and called neither" if named.neither else ""
    return {
        "name": named.name,
        "said": f"{named.said}, {percent(named.confidence)} sure{neither}",
        "given": named.given,
        "wrong": named.said != named.given,
        "picture": one.picture,
        "looked": one.looked,
    }
