"""What must never be forgotten: sites, photos and their labels, renditions, outcomes."""

from __future__ import annotations

from challenges.models.batches import Batch, Transfer, Upload
from challenges.models.forgotten import Forgotten
from challenges.models.labels import Claim, Label, Miss, PictureReport, Vote
from challenges.models.outcomes import Outcome
from challenges.models.people import Membership, Person
from challenges.models.photos import Photo
from challenges.models.renditions import Rendition
from challenges.models.sites import Site, SiteSecret
from challenges.models.sums import Refusal, Sum

__all__ = [
    "Batch",
    "Claim",
    "Forgotten",
    "Label",
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
