"""Journeys of the classifier: labelling, and finding the animal."""

from __future__ import annotations
