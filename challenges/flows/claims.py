"""Which photos a reviewer has on the screen: never two reviewers the same one at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from challenges.flows.deciding import agreement, is_owner
from challenges.locks import Lock, lock_until_commit
from challenges.models import Claim, Label, Photo
from challenges.models.photos import PhotoQuerySet

# For how long a photo is kept for a reviewer whose page says nothing, in seconds.
LEASE: Final = 120
# So many photos one reviewer may hold at once.
MOST: Final = 200
# The queue is counted up to here.
COUNTED: Final = 10_000
# Sides of the pictures that reviewers are sent, in pixels.
LARGE: Final = 960
SMALL: Final = 160


def claim(person: User, number: int, holding: Sequence[int] = ()) -> list[Photo]:
    """Return up to `number` photos for this reviewer's screen, and keep them for two minutes.

    Those in `holding`, which the page has already, are kept for another two minutes and not
    returned again. Disputed photos come first, then the least certain, the oldest of these first.
    A photo that this person has spoken about goes to others, but for an owner who ends a
    disagreement.
    """
    now = timezone.now()
    with transaction.atomic():
        # Claiming takes a few milliseconds; one at a time, nobody sees half of another's claims.
        lock_until_commit(Lock.CLAIMS)
        _renew(person, holding, now)
        held = Claim.objects.filter(person=person, until__gt=now).count()
        room = max(0, min(number, MOST - held))
        found = _next(person, room, holding, now)
        until = now + timedelta(seconds=LEASE)
        Claim.objects.bulk_create(
            [Claim(photo=photo, person=person, until=until) for photo in found],
            update_conflicts=True,
            unique_fields=["photo"],
            update_fields=["person", "until"],
        )
    return found


def release(person: User, photo_ids: Sequence[int]) -> int:
    """Give photos back that this reviewer has not decided on. Return how many."""
    return Claim.objects.filter(person=person, photo__in=photo_ids).delete()[0]


def hold(person: User, photo_id: int) -> bool:
    """Keep one photo for this reviewer, such as one whose decision was undone.

    Return whether nobody else had it.
    """
    now = timezone.now()
    with transaction.atomic():
        lock_until_commit(Lock.CLAIMS)
        if not Photo.objects.filter(pk=photo_id).exists():
            return False
        if Claim.objects.filter(photo=photo_id, until__gt=now).exclude(person=person).exists():
            return False
        until = now + timedelta(seconds=LEASE)
        Claim.objects.update_or_create(
            photo_id=photo_id, defaults={"person": person, "until": until}
        )
    return True


def left(person: User) -> int:
    """Return how many photos wait that this person may decide on, counted up to COUNTED.

    Those on other reviewers' screens count too: they may come back.
    """
    doubted = _open_to(person, Photo.objects.in_doubt()).order_by()[:COUNTED].count()
    waiting = _open_to(person, queue()).order_by()[: COUNTED - doubted].count()
    return doubted + waiting


def queue() -> PhotoQuerySet:
    """Return the photos that wait for a person without any doubt."""
    waits = [Photo.Status.UNLABELLED, Photo.Status.PROPOSED]
    return Photo.objects.filter(status__in=waits, doubt="")


def _renew(person: User, holding: Sequence[int], now: datetime) -> None:
    mine = Claim.objects.filter(person=person, photo__in=holding)
    mine.update(until=now + timedelta(seconds=LEASE))


def _next(person: User, number: int, holding: Sequence[int], now: datetime) -> list[Photo]:
    """Return the first photos of the queue that are free, their rows locked."""
    taken = Claim.objects.filter(photo=OuterRef("pk"), until__gt=now).exclude(person=person)
    found: list[Photo] = []
    # Each a walk along its own index, which ends as soon as there are enough.
    doubted = Photo.objects.in_doubt().order_by("id")
    least_sure = queue().order_by(F("certainty").asc(nulls_last=True), "id")
    for photos in (doubted, least_sure):
        if len(found) < number:
            free = _open_to(person, photos).exclude(pk__in=holding).exclude(Exists(taken))
            free = free.select_for_update(skip_locked=True, of=("self",))
            found += free.select_related("batch")[: number - len(found)]
    return found


def _open_to(person: User, photos: PhotoQuerySet) -> PhotoQuerySet:
    """Return those of the photos that this person may decide on, who may have spoken already."""
    if agreement() < 2:
        return photos
    words = Label.objects.filter(photo=OuterRef("pk")).open()
    spoken = Exists(words.filter(person=person))
    if is_owner(person):
        disagreed = photos.filter(doubt_kind=Photo.Doubt.REVIEWERS)
        return photos.exclude(spoken) | disagreed
    # Three who all differ: that is for an owner.
    kinds = words.order_by().values("photo").annotate(n=Count("label", distinct=True)).values("n")
    return photos.exclude(spoken).alias(kinds=Coalesce(Subquery(kinds), 0)).exclude(kinds__gt=2)
