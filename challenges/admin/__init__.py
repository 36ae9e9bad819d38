"""The desk for the people who run a Pawcha."""

from __future__ import annotations

from challenges.admin import forgotten, labels, outcomes, people, photos, sites, uploads

__all__ = ["forgotten", "labels", "outcomes", "people", "photos", "sites", "uploads"]
