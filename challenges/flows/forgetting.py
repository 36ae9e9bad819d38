"""Deleting photos for good: rows, files, and out of every challenge. What stays is a digest.

First the rows go, in one transaction that also notes which files and renditions are left; then what
is left is removed. Whoever is killed in between leaves the note, and the next round goes on.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pghistory
import pgtrigger
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from challenges import signals, state
from challenges.drafts import Draft
from challenges.flows import compose
from challenges.locks import Lock, lock_until_commit
from challenges.models import Forgotten, Photo, Rendition, Transfer, Upload
from challenges.models.photos import DELETED
from challenges.selection import EXPOSURES
from challenges.state import withdraw

logger = logging.getLogger(__name__)

# Photos deleted by one transaction.
PORTION: Final = 100
# After this a challenge that was just being composed or handed out is surely where it can be found:
# then everything is looked through once more. Seconds.
SETTLED: Final = 10
NAMELESS: Final = "(deleted photo)"
WHY: Final = "This photo was deleted for good."


def forget(photo_ids: Iterable[int], person: User | None, reason: str = "") -> list[Forgotten]:
    """Delete these photos for good; return what is left of them.

    Gone from storage, from the pool, from the history of changes, and from ready and open
    challenges: ready ones are dropped, and whoever answers an open one gets new pictures. Those
    that were deleted before are returned as well, and what a killed run left of them is removed.
    """
    keys = sorted(set(photo_ids))
    for first in range(0, len(keys), PORTION):
        some = keys[first : first + PORTION]
        _delete_rows(some, person, reason)
        _remove(Forgotten.objects.filter(photo__in=some, left__isnull=False))
    return list(Forgotten.objects.filter(photo__in=keys).order_by("photo"))


def finish() -> int:
    """Remove what deletions left, and look a second time at what was just under way.

    Return how many deletions are complete with that.
    """
    left = Forgotten.objects.filter(left__isnull=False)
    settled = timezone.now() - timedelta(seconds=SETTLED)
    over = [pk for pk, at in left.values_list("pk", "deleted_at") if at < settled]
    if not _remove(left):
        return 0
    return Forgotten.objects.filter(pk__in=over).update(left=None)


# --- rows ----------------------------------------------------------------------------------------


def _delete_rows(photo_ids: Sequence[int], person: User | None, reason: str) -> None:
    """Delete the rows of these photos, and note what is left to remove."""
    with transaction.atomic():
        # In the order in which imports and composing take them: no import brings a photo in again
        # before its digest is known, and no composer deals it.
        lock_until_commit(Lock.NEIGHBOURS)
        lock_until_commit(Lock.DEALER)
        rows = Photo.objects.filter(pk__in=photo_ids).in_deck_order()
        photos = list(rows.select_for_update())
        if not photos:
            return
        keys = [photo.pk for photo in photos]
        renditions = _locked_renditions(keys)
        files = _files(keys)
        _merge_known(photos, files)
        Forgotten.objects.bulk_create(
            _remains(photo, files[photo.pk], renditions[photo.pk], person, reason)
            for photo in photos
        )
        _blank_uploads(keys)
        Photo.objects.filter(pk__in=keys).delete()
        # Last: the deletion itself wrote into the history.
        with pgtrigger.ignore("challenges.PhotoEvent:append_only"):
            _events().filter(pgh_obj_id__in=keys).delete()
        _note(photos, person)


def _note(photos: Sequence[Photo], person: User | None) -> None:
    """Write into the history who deleted which photos, without anything about them."""
    said = {"user": person.pk} if person else {}
    with pghistory.context(**said):
        for photo in photos:
            bare = Photo(
                pk=photo.pk, batch_id=photo.batch_id, rights=photo.rights, status=photo.status
            )
            pghistory.create_event(bare, label=DELETED)


def _events() -> QuerySet[Any]:
    events: QuerySet[Any] = apps.get_model("challenges", "PhotoEvent")._default_manager.all()
    return events


def _locked_renditions(photo_ids: list[int]) -> dict[int, list[Rendition]]:
    keys = Rendition.objects.filter(photo__in=photo_ids).values_list("pk", flat=True)
    found: dict[int, list[Rendition]] = defaultdict(list)
    for rendition in compose.lock_renditions(list(keys)):
        found[rendition.photo_id].append(rendition)
    return found


def _files(photo_ids: list[int]) -> dict[int, set[str]]:
    """Return the digests of the files with which each photo was handed in."""
    found: dict[int, set[str]] = defaultdict(set)
    uploads = Upload.objects.filter(photo__in=photo_ids)
    for photo, sha256 in uploads.values_list("photo", "sha256"):
        if photo is not None:
            found[photo].add(sha256)
    return found


def _merge_known(photos: Sequence[Photo], files: dict[int, set[str]]) -> None:
    """Make room where the same pixels were deleted before and came back, say from a backup."""
    pk_of = {photo.sha256: photo.pk for photo in photos}
    known = Forgotten.objects.filter(sha256__in=pk_of) | Forgotten.objects.filter(
        photo__in=pk_of.values()
    )
    for old in known:
        files[pk_of.get(old.sha256, old.photo)].update(old.files)
    known.delete()


def _remains(
    photo: Photo,
    files: set[str],
    renditions: list[Rendition],
    person: User | None,
    reason: str,
) -> Forgotten:
    return Forgotten(
        photo=photo.pk,
        sha256=photo.sha256,
        files=sorted(files),
        arrived_at=photo.created_at,
        person=person,
        reason=reason[:200],
        held_by=_held_by(photo),
        left={
            "renditions": [rendition.pk for rendition in renditions],
            "files": [photo.storage_name, *(rendition.name for rendition in renditions)],
        },
    )


def _held_by(photo: Photo) -> list[str]:
    """Return sentences about what still contains the photo, or nearly the same."""
    answers = signals.photo_forgetting.send(sender=Photo, photo=photo)
    said = [sentence for _, sentences in answers for sentence in sentences or ()]
    first, last = date_format(photo.created_at), date_format(timezone.now())
    when = f"of {first}" if first == last else f"made between {first} and {last}"
    return [*said, f"Backups {when} may contain it.", *_lookalikes(photo)]


def _lookalikes(photo: Photo) -> list[str]:
    near = Photo.objects.filter(group=photo.group).exclude(pk=photo.pk).order_by("id")
    keys = list(near.values_list("pk", flat=True)[:10])
    if not keys:
        return []
    if len(keys) == 1:
        return [f"Photo {keys[0]} looks nearly the same. It was not deleted with this one."]
    named = ", ".join(map(str, keys))
    return [f"Photos {named} look nearly the same. They were not deleted with this one."]


def _blank_uploads(photo_ids: list[int]) -> None:
    """Keep that files were handed in, and forget what they were called."""
    mine = Upload.objects.filter(photo__in=photo_ids)
    transfers = set(mine.filter(transfer__isnull=False).values_list("transfer", flat=True))
    numbers = dict(
        Upload.objects.filter(transfer__in=transfers)
        .values_list("transfer")
        .annotate(number=Count("pk"))
    )
    mine.update(
        name=NAMELESS,
        label="",
        label_source="",
        words={},
        state=Upload.State.REJECTED,
        reason=WHY,
        photo=None,
    )
    # A file that held this photo only; an archive's own name says nothing about it.
    for transfer in Transfer.objects.filter(pk__in=transfers):
        if numbers.get(transfer.pk) == 1 and transfer.found <= 1:
            fingerprint = f"deleted:{transfer.pk}"
            Transfer.objects.filter(pk=transfer.pk).update(name=NAMELESS, fingerprint=fingerprint)


# --- what is left --------------------------------------------------------------------------------


def _remove(rows: QuerySet[Forgotten]) -> bool:
    """Take what is left of deleted photos out of all challenges, and their files from storage.

    Return whether all of it was done: without Redis the next round does the rest.
    """
    lefts = [left for left in rows.values_list("left", flat=True) if left]
    renditions = {key for left in lefts for key in left["renditions"]}
    drafts = _withdraw(renditions) if renditions else []
    for left in lefts:
        for name in left["files"]:
            _delete_file(name)
    # Whoever is killed here leaves a few showings of the other pictures reserved, no more.
    if drafts:
        _release(drafts)
    return drafts is not None


def _withdraw(renditions: set[int]) -> list[Draft] | None:
    """Take them out of all challenges; return the drafts to release, None without Redis."""
    try:
        return [*withdraw.drop_ready(renditions), *withdraw.close_open(renditions)]
    except state.Unreachable as error:
        logger.warning("challenges with deleted photos could not be taken out: %s", error)
        return None


def _release(drafts: Sequence[Draft]) -> None:
    """Give back the reserved showings of drafts that will not be handed out, all at once."""
    times = Counter(key for draft in drafts for key in draft.renditions)
    with transaction.atomic():
        # The same rows in the same order as where one draft is released.
        lock_until_commit(Lock.DEALER)
        photos = Photo.objects.filter(rendition__in=times).in_deck_order()
        list(photos.select_for_update().values_list("pk"))
        fresh, changed = [], []
        for rendition in compose.lock_renditions(list(times)):
            before = rendition.reserved
            rendition.reserved = max(min(rendition.shown, before), before - times[rendition.pk])
            changed.append(rendition)
            if before >= EXPOSURES > rendition.reserved and rendition.retired_at is None:
                fresh.append(rendition.pk)
        Rendition.objects.bulk_update(changed, ["reserved"])
        Photo.objects.filter(rendition__in=fresh).update(fresh=True)


def _delete_file(name: str) -> None:
    # An import may just have put the same pixels there again, in spite of the digest.
    sha256 = name.rpartition("/")[2].removesuffix(".jpg")
    if Photo.objects.filter(sha256=sha256).exists():
        return
    with suppress(FileNotFoundError):
        default_storage.delete(name)
