"""What an operator should know about the pictures that are being shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings

from challenges.models import Photo, Site
from challenges.models.photos import Rights
from challenges.selection import Audience

# Sites that are named in one sentence.
MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to care about: a sentence, and what to do. `code` is the system check's id."""

    code: str
    text: str
    hint: str


STARTER = Concern(
    "challenges.W001",
    "Starter pictures are being shown. They are for trying out: their generator is public, so a "
    "bot can learn them.",
    "Import at least 100 cats and 100 dogs of your own: manage.py import_photos PATH --rights TEXT",
)
WELL_KNOWN = Concern(
    "challenges.W002",
    "Photos of a public set are being shown. Anybody can look up whether they are cats or dogs.",
    "Import photos that only you have, then reject those of the public batches in the admin.",
)
TRIAL = Concern(
    "challenges.E001",
    "Photos for local trial only are in the pool of a production service.",
    "Reject them in the admin (Photos, filter: local trial only), or import them again with the "
    "right to show them: manage.py import_photos PATH --rights TEXT",
)


def concerns() -> list[Concern]:
    """Return what is doubtful about the pictures that visitors get to see now."""
    serving = list(Site.objects.stocked())
    testing = sorted(site.name for site in serving if site.test_mode)
    # Sites in test mode show starter pictures on purpose.
    earnest = {site.audience for site in serving} - {Audience.TESTING}
    audiences = earnest or ({Audience.PUBLIC} if not testing else set())
    rights = {right for audience in audiences for right in Photo.objects.rights_for(audience)}
    shown = Photo.objects.pooled().filter(rights__in=rights)
    found = []
    if shown.filter(rights=Rights.STARTER).exists():
        found.append(STARTER)
    if shown.filter(batch__well_known=True).exists():
        found.append(WELL_KNOWN)
    if testing and settings.PRODUCTION:
        found.append(_in_test_mode(testing))
    return found


def _in_test_mode(names: list[str]) -> Concern:
    listed = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    return Concern(
        "challenges.W004",
        f"In test mode, in production: {listed}. Whoever solves their challenges sees pictures "
        "that anybody can learn.",
        "Switch test mode off in the admin (Sites) when your tests are over.",
    )


def has_trial_photos() -> bool:
    """Return whether photos for local trial only are in the pool."""
    return Photo.objects.pooled().filter(rights=Rights.TRIAL).exists()
