"""Versions of the network that labels, stored runs of attacks, and rotations of recipes."""

from __future__ import annotations

from classifier.models.attacks import AttackRun
from classifier.models.audits import Calibration, Reading
from classifier.models.hardening import Hardening, Rotation
from classifier.models.teaching import Glimpse, Lesson
from classifier.models.versions import ModelVersion, PhotoUse, Retraining

__all__ = [
    "AttackRun",
    "Calibration",
    "Glimpse",
    "Hardening",
    "Lesson",
    "ModelVersion",
    "PhotoUse",
    "Reading",
    "Retraining",
    "Rotation",
]
