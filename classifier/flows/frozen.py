"""Which reviewed photos train networks, and which are kept for testing them, for ever.

A photo's use is decided once, by its near-duplicate group, and kept in a row, so the test set only
grows. Groups may be joined later, by a photo that is near to both. If then some of a group were
trained on and some kept for testing, none of it is used any more, for either.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef

from challenges.locks import Lock, lock_until_commit
from challenges.models import Label, Photo
from challenges.models.photos import SHOWN, Animal, PhotoQuerySet, Rights
from classifier.models import PhotoUse

# The share of the groups that is kept for testing.
TEST_SHARE: Final = 0.2
# Rows written by one statement.
CHUNK: Final = 2000
# Neither is a person's word: a network must not be judged by what it said itself.
_NOBODY: Final = (Label.Source.CNN, Label.Source.STARTER)


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of photos of each animal."""

    cats: int
    dogs: int

    @property
    def both(self) -> int:
        """All of them."""
        return self.cats + self.dogs


def reviewed() -> PhotoQuerySet:
    """Return the owner's pooled photos whose label somebody has said, not only a network.

    Starter pictures are drawn: nothing is learned from them.
    """
    said = Label.objects.filter(photo=OuterRef("pk"), label=OuterRef("label"))
    own = Photo.objects.pooled().exclude(rights=Rights.STARTER)
    return own.filter(Exists(said.exclude(source__in=_NOBODY)))


def assign() -> int:
    """Decide the use of the reviewed photos that have none yet. Return how many they were."""
    with transaction.atomic():
        # One at a time, so that a group is not decided twice.
        lock_until_commit(Lock.PHOTO_USE)
        new = list(reviewed().filter(use=None).values_list("pk", "group"))
        groups = {group for _, group in new}
        known = dict.fromkeys(_groups(test=False, among=groups), False)
        known |= dict.fromkeys(_groups(test=True, among=groups), True)
        uses = [PhotoUse(photo_id=pk, test=known.get(group, _is_kept(group))) for pk, group in new]
        PhotoUse.objects.bulk_create(uses, batch_size=CHUNK)
    return len(new)


def trainable() -> PhotoQuerySet:
    """Return the reviewed photos that networks may be trained on, oldest first."""
    kept = Photo.objects.filter(use__test=True).values("group")
    return reviewed().filter(use__test=False).exclude(group__in=kept).order_by("id")


def tests() -> PhotoQuerySet:
    """Return the reviewed photos on which versions are compared, oldest first."""
    learned = Photo.objects.filter(use__test=False).values("group")
    return reviewed().filter(use__test=True).exclude(group__in=learned).order_by("id")


def count(photos: PhotoQuerySet) -> Counts:
    """Return how many cats and dogs these are."""
    rows = photos.order_by().values_list("label").annotate(number=Count("pk"))
    numbers = dict.fromkeys(SHOWN, 0) | {Animal(label): number for label, number in rows}
    return Counts(numbers[Animal.CAT], numbers[Animal.DOG])


def _groups(*, test: bool, among: set[int]) -> set[int]:
    used = PhotoUse.objects.filter(test=test).values_list(F("photo__group"), flat=True)
    return set(used) & among


def _is_kept(group: int) -> bool:
    """Say whether a group is kept for testing: as if at random, and always the same."""
    digits = hashlib.sha256(f"test set {group}".encode()).hexdigest()[:12]
    return int(digits, 16) / 16**12 < TEST_SHARE
