"""What must never be forgotten: sites, photos and their labels, renditions, outcomes."""

from __future__ import annotations

from challenges.models.batches import Batch, Transfer, Upload
from challenges.models.forgotten import Forgotten
from challenges.models.labels import Claim, Label, Miss, PictureReport, Vote
from challenges.models.outcomes import Outcome
from challenges.models.people import ApiToken, Membership, Person
from challenges.models.photos import Photo
from challenges.models.renditions import Rendition
from challenges.models.sites import Site, SiteSecret
from challenges.models.sums import Mark, Refusal, Sum

__all__ = [
    "ApiToken",
    "Batch",
    "Claim",
    "Forgotten",
    "Label",
    "Mark",
    "Membership",
    "Miss",
    "Outcome",
    "Person",
    "Photo",
    "PictureReport",
    "Refusal",
    "Rendition",
    "Site",
    "SiteSecret",
    "Sum",
    "Transfer",
    "Upload",
    "Vote",
]
