"""Versions of the network that labels, stored runs of attacks, and rotations of recipes."""

from __future__ import annotations

from classifier.models.attacks import AttackRun
from classifier.models.audits import Calibration, Reading
from classifier.models.hardening import Hardening, Rotation
from classifier.models.versions import ModelVersion, PhotoUse, Retraining

__all__ = [
    "AttackRun",
    "Calibration",
    "Hardening",
    "ModelVersion",
    "PhotoUse",
    "Reading",
    "Retraining",
    "Rotation",
]
