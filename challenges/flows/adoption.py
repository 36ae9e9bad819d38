"""Pets that look for a home: their links are shown to those who solved, and then they retire.

A link tells what the photo shows, so it is never given away before the solve, and the photo leaves
the pool a set time after it was first shown (`PAWCHA["ADOPTION_SECONDS"]`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from challenges.drafts import OpenChallenge
from challenges.flows import review
from challenges.flows.durability import committed
from challenges.models import Photo

logger = logging.getLogger(__name__)

# Photos retired by one statement.
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pet that looks for a home. `picture` is its place in the challenge, from 0."""

    picture: int
    name: str
    shelter: str
    url: str


def show(challenge: OpenChallenge) -> list[Adoption]:
    """Return the pets of a solved challenge that look for a home, in the order of the pictures.

    From here on their links count as shown. A test shows none, nor does an attack of the operator's
    own, or it would retire pets. Without the database there are none: the visitor has solved the
    challenge, and gets the token all the same.
    """
    if challenge.is_test:
        return []
    try:
        return _show(challenge.draft.renditions)
    except DatabaseError:
        logger.exception("The adoption links of a solved challenge could not be looked up")
        return []


def _show(renditions: list[int]) -> list[Adoption]:
    places = {rendition: place for place, rendition in enumerate(renditions)}
    linked = Photo.objects.pooled().with_link().filter(renditions__in=renditions)
    rows = list(
        linked.values_list(
            "renditions", "pet_name", "shelter", "adoption_url", "pk", "link_shown_at"
        )
    )
    _note_shown([pk for *_, pk, shown_at in rows if shown_at is None])
    pets = [Adoption(places[rendition], *words) for rendition, *words, _, _ in rows]
    return sorted(pets, key=lambda pet: pet.picture)


def _note_shown(photo_ids: list[int]) -> None:
    if not photo_ids:
        return
    with committed(at_once=True):
        # Rows are locked in the order that composing locks them in: no deadlock.
        first = Photo.objects.filter(pk__in=photo_ids, link_shown_at__isnull=True)
        keys = [photo.pk for photo in first.in_deck_order().select_for_update()]
        Photo.objects.filter(pk__in=keys).update(link_shown_at=timezone.now())


def leaves_at(photo: Photo) -> datetime | None:
    """Return when the photo leaves the pool because its link was shown, None when it need not."""
    if photo.link_shown_at is None:
        return None
    return photo.link_shown_at + timedelta(seconds=settings.PAWCHA["ADOPTION_SECONDS"])


def retire_shown() -> int:
    """Retire the photos whose link was first shown long enough ago; return how many."""
    latest = timezone.now() - timedelta(seconds=settings.PAWCHA["ADOPTION_SECONDS"])
    over = Photo.objects.filter(status=Photo.Status.POOLED, link_shown_at__lte=latest)
    oldest = over.order_by("link_shown_at").values_list("pk", flat=True)[:BATCH]
    return review.retire(list(oldest), None)
