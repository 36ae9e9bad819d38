"""What must never be forgotten: sites, photos and their labels, renditions, outcomes."""

from __future__ import annotations

from challenges.models.outcomes import Outcome
from challenges.models.photos import Batch, Label, Photo, PictureReport, Upload
from challenges.models.renditions import Rendition
from challenges.models.sites import Site, SiteSecret

__all__ = [
    "Batch",
    "Label",
    "Outcome",
    "Photo",
    "PictureReport",
    "Rendition",
    "Site",
    "SiteSecret",
    "Upload",
]
