"""A version's figures, in words for tables and pages."""

from __future__ import annotations

from typing import Any

from classifier.models import ModelVersion
from classifier.proportions import percent

NONE = "not measured"


def accuracy(version: ModelVersion) -> str:
    """Return how many photos of its test it named right, with the interval: 99.1 % (98 to 99.6)."""
    test = measured(version)
    try:
        low, high = test["interval"]
        return f"{percent(test['accuracy'])} ({100 * low:.1f} to {100 * high:.1f})"
    except (KeyError, TypeError, ValueError):
        return NONE


def ece(version: ModelVersion) -> str:
    """Return its expected calibration error on its test."""
    test = measured(version)
    error = test.get("ece", test.get("ece_after"))
    return f"{error:.3f}" if isinstance(error, float | int) else NONE


def size(version: ModelVersion) -> str:
    """Return the size of its weights file."""
    return f"{version.size / 1e6:.1f} MB"


def trained_on(version: ModelVersion) -> str:
    """Return on how many photos it was trained."""
    classes = (version.data.get("photos") or {}).get("train") or {}
    if not classes:
        return "unknown"
    return ", ".join(f"{name} {number:,}" for name, number in classes.items())


def measured(version: ModelVersion) -> dict[str, Any]:
    """Return its figures on the frozen test set of the pool, else on its own run's test photos."""
    found = version.decision.get("candidate") or version.metrics.get("test") or {}
    return found if isinstance(found, dict) else {}
