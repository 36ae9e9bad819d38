"""How long the pictures last that there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, F, Sum
from django.utils import timezone

from challenges.flows import poolcare
from challenges.models import Outcome, Photo
from challenges.selection import EXPOSURES

# Traffic is measured over this time.
TODAY: Final = timedelta(days=1)
# In days; further ahead nobody can see.
YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Wear:
    """How long the renditions that there are would last if no worker made new ones.

    `showings` pictures may still be shown; `per_day` were asked for in the last 24 hours, in
    `challenges` challenges. Pictures that nobody gets to see, and tests, are left out.
    """

    renditions: int
    showings: int
    challenges: int
    per_day: int

    @property
    def days(self) -> float | None:
        """Return how many days that is, None when nobody asked."""
        return self.showings / self.per_day if self.per_day else None

    @property
    def lasts(self) -> str:
        """Return it in words, as exact as it is worth."""
        days = self.days
        if days is None:
            return "nobody knows"
        if days < 1:
            return "less than a day"
        if days > YEAR:
            return "more than a year"
        about = round(days, -1) if days >= 100 else round(days)
        return f"about {about:.0f} {'day' if about == 1 else 'days'}"


def wear() -> Wear:
    """Return how much is left to show, and how much is shown in a day."""
    photos = Photo.objects.pooled().filter(rights__in=poolcare.rights_shown())
    fresh = photos.filter(fresh=True, rendition__isnull=False)
    left = fresh.aggregate(number=Count("pk"), left=Sum(EXPOSURES - F("rendition__reserved")))
    since = timezone.now() - TODAY
    asked = Outcome.objects.counted().filter(site__simulated=False, issued_at__gte=since)
    if not poolcare.only_tests():
        asked = asked.filter(site__test_mode=False)
    fetched = asked.exclude(state=Outcome.State.ABANDONED)
    pictures = fetched.aggregate(number=Count("pk"), pictures=Sum("renditions__len"))
    return Wear(
        renditions=left["number"],
        showings=max(0, left["left"] or 0),
        challenges=pictures["number"],
        per_day=pictures["pictures"] or 0,
    )
