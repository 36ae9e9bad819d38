"""Journeys of the classifier: labelling."""

from __future__ import annotations
