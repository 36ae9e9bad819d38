"""What can go wrong with networks and photos. Each text is a sentence that says what to do."""

from __future__ import annotations


class ClassifierError(ValueError):
    """Something that a person can mend. The text is shown as it is."""


class WeightsError(ClassifierError):
    """A weights file cannot be used."""


class NoSuchNetwork(ClassifierError):
    """No network has this name, or its first weights are not at hand."""


class BadData(ClassifierError):
    """These photos cannot be trained on or measured with."""


class BadRun(ClassifierError):
    """A run's folder cannot be used."""


class BadVersion(ClassifierError):
    """A model version cannot do what it was asked to."""


class CannotRetrain(ClassifierError):
    """There is no retraining now."""
