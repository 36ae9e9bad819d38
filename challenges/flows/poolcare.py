"""What an operator should know about the pictures that are being shown."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from challenges.models import Photo, Site
from challenges.models.photos import Rights
from challenges.selection import ENOUGH_OF_OWN, Audience

# Sites that are named in one sentence.
MOST_NAMES: Final = 3


class Page(enum.StrEnum):
    """Where in the desk something can be done about a thing."""

    UPLOAD = "upload"
    QUEUE = "queue"
    BATCH = "batch"
    PROBES = "probes"
    RETIRED = "retired"
    TESTING = "testing"


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to care about: a sentence, and what to do. `code` is the system check's id.

    `hint` is for whoever runs the service, `advice` and `page` are for who works at the desk.
    """

    code: str
    text: str
    hint: str
    advice: str = ""
    page: Page | None = None


STARTER = Concern(
    "challenges.W001",
    "Starter pictures are being shown. They are for trying out: their generator is public, so a "
    "bot can learn them.",
    f"Import at least {ENOUGH_OF_OWN} cats and {ENOUGH_OF_OWN} dogs of your own: "
    "manage.py import_photos PATH --rights TEXT",
    f"Upload at least {ENOUGH_OF_OWN} cats and {ENOUGH_OF_OWN} dogs of your own.",
    Page.UPLOAD,
)
WELL_KNOWN = Concern(
    "challenges.W002",
    "Photos of a public set are being shown. Anybody can look up whether they are cats or dogs.",
    "Import photos that only you have, then reject those of the public batches in the admin.",
    "Upload photos that only you have, then reject those of the public batches.",
    Page.UPLOAD,
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
    shown = Photo.objects.pooled().filter(rights__in=_rights(serving))
    found = []
    if shown.filter(rights=Rights.STARTER).exists():
        found.append(STARTER)
    if shown.filter(batch__well_known=True).exists():
        found.append(WELL_KNOWN)
    if testing and settings.PRODUCTION:
        found.append(_in_test_mode(testing))
    return found


def rights_shown() -> set[Rights]:
    """Return the rights of the photos that visitors get to see.

    Starter pictures are not among them once the owner's own suffice. What sites in test mode show
    counts where there are no others.
    """
    return _rights(list(Site.objects.stocked())) or {Rights.STARTER}


def only_tests() -> bool:
    """Return whether every site that is served is in test mode."""
    serving = Site.objects.stocked()
    return serving.exists() and not serving.filter(test_mode=False).exists()


def _rights(serving: list[Site]) -> set[Rights]:
    # Sites in test mode show starter pictures on purpose.
    audiences = {site.audience for site in serving} - {Audience.TESTING}
    if not audiences and not any(site.test_mode for site in serving):
        audiences = {Audience.PUBLIC}
    return {right for audience in audiences for right in Photo.objects.rights_for(audience)}


def _in_test_mode(names: list[str]) -> Concern:
    listed = ", ".join(names[:MOST_NAMES]) + (", ..." if len(names) > MOST_NAMES else "")
    return Concern(
        "challenges.W004",
        f"In test mode, in production: {listed}. Whoever solves their challenges sees pictures "
        "that anybody can learn.",
        "Switch test mode off in the admin (Sites) when your tests are over.",
        "Switch test mode off when your tests are over.",
        Page.TESTING,
    )


def has_trial_photos() -> bool:
    """Return whether photos for local trial only are in the pool."""
    return Photo.objects.pooled().filter(rights=Rights.TRIAL).exists()
