"""What people, names and networks say about photos, and what follows from it.

Only a person's word pools a photo, or that of a batch whose labels a person trusts. A photo whose
right to be shown nobody has stated is held instead of pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pghistory
from django.contrib.auth.models import User
from django.db import transaction

from challenges.flows.deciding import (
    Decision,
    OnlyOwner,
    Word,
    decide,
    is_owner,
    may_settle,
    refuse_many,
)
from challenges.flows.settling import place, pool, pooled_as, say, settle
from challenges.flows.undoing import Undone, undo
from challenges.models import Batch, Photo
from challenges.models.photos import SHOWN, Animal, PhotoQuerySet, Rights
from challenges.selection import join_deck

__all__ = [
    "Accepted",
    "Decision",
    "NoSuchBatch",
    "OnlyOwner",
    "Stated",
    "Undone",
    "Word",
    "accept",
    "accept_batch",
    "accept_waiting",
    "decide",
    "is_owner",
    "note_look",
    "propose",
    "reject",
    "restore",
    "retire",
    "state_right",
    "undo",
]

Status = Photo.Status
# On what ground the labels of a whole batch are accepted: nobody looked at each.
BY_BATCH: Final = "accepted with its batch"


class NoSuchBatch(LookupError):
    """No batch has this name."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of the photos that were accepted. Numbers of photos.

    `rejected` ones were said to be neither; `passed_over` had no proposed label to accept; `held`
    ones wait until somebody states the right to show them, `waiting` ones for another person's word
    or, where reviewers disagree, for an owner's. `refused` ones did not change, `why` says of the
    first of them why not.
    """

    pooled: int
    rejected: int
    passed_over: int
    held: int = 0
    waiting: int = 0
    refused: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of photos for which a right was stated. Numbers of photos.

    `pooled` ones were held before; `held` ones were in the pool, and no right is stated any more.
    """

    changed: int
    pooled: int
    held: int


def propose(photo: Photo, label: str, *, trusted: bool) -> bool:
    """Propose a label for a photo that nobody has judged yet; pool it when the label is trusted.

    Return whether the photo changed. A label that was proposed before is not replaced. Without a
    stated right, a trusted one is held instead of pooled.
    """
    waits = [Status.UNLABELLED]
    fields: dict[str, object] = {"label": label, "status": Status.PROPOSED}
    if trusted and label in SHOWN:
        waits.append(Status.PROPOSED)
        lowest = Photo.objects.lowest_deal(label)
        fields |= {"status": pooled_as(photo.rights), "deal_order": join_deck(lowest)}
    # What visitors reported waits for a person, however trusted its batch is. A right that is
    # stated or taken back meanwhile pools or holds what it finds, so it must not slip past.
    unsettled = Photo.objects.filter(pk=photo.pk, status__in=waits, doubt="", rights=photo.rights)
    changed = unsettled.update(**fields)
    if changed:
        photo.refresh_from_db(fields=list(fields))
    return bool(changed)


def note_look(photo: Photo, *, p_cat: float, certainty: float, model: str) -> None:
    """Keep what the network said last: `p_cat` and how sure it was, each 0..1, and its name."""
    said = {"p_cat": p_cat, "certainty": certainty, "looked_by": model[:100]}
    Photo.objects.filter(pk=photo.pk).update(**said)
    for name, value in said.items():
        setattr(photo, name, value)


def accept(
    photo_ids: Sequence[int],
    person: User | None,
    label: Animal | None = None,
    *,
    source: str = "",
) -> Accepted:
    """Pool these photos: with the proposed label, or with the one that the person says.

    A person may also correct the label of a photo that is pooled, or bring one back; "neither"
    rejects it. Without a person it is the owner who speaks, by a command. Doubts are settled.
    `source` is of Label.Source, where the person did not say it photo by photo. Raises OnlyOwner
    where others have to agree with this person: see challenges.flows.speaking.
    """
    refuse_many(person)
    photos = Photo.objects.filter(pk__in=photo_ids)
    if label is None:
        accepted = photos.pooled() | photos.held().filter(label__in=SHOWN)
        photos = photos.awaiting_person() | accepted.in_doubt()
    return _accept(photos, person, len(set(photo_ids)), label, source=source)


def accept_waiting(photo_ids: Sequence[int], person: User, note: str) -> Accepted:
    """Accept the proposed labels of those of these photos that still wait, without any doubt.

    `note` says on what ground. Raises OnlyOwner as `accept` does.
    """
    refuse_many(person)
    photos = Photo.objects.filter(pk__in=photo_ids, doubt="").awaiting_person()
    return _accept(photos, person, len(set(photo_ids)), note=note)


def _accept(
    photos: PhotoQuerySet,
    person: User | None,
    asked: int,
    label: Animal | None = None,
    note: str = "",
    *,
    source: str = "",
) -> Accepted:
    with transaction.atomic():
        says: dict[Photo, str] = {
            photo: label or Animal(photo.label)
            for photo in photos.in_deck_order().select_for_update()
        }
        say(says, person, note, source=source)
        place(says)
    became = [photo.status for photo in says]
    return Accepted(
        pooled=became.count(Status.POOLED),
        rejected=became.count(Status.REJECTED),
        passed_over=asked - len(says),
        held=became.count(Status.HELD),
    )


def accept_batch(name: str, person: User | None) -> Accepted:
    """Accept the proposed labels of a whole batch, but for photos that visitors reported.

    Raises NoSuchBatch with the names that there are, or OnlyOwner as `accept` does.
    """
    refuse_many(person)
    batch = Batch.objects.filter(name=name).first()
    if batch is None:
        names = Batch.objects.order_by("-id").values_list("name", flat=True)[:10]
        there = ", ".join(repr(other) for other in names) or "none yet"
        raise NoSuchBatch(f"There is no batch {name!r}. The latest batches: {there}.")
    waiting = Photo.objects.filter(
        batch=batch, status__in=[Status.UNLABELLED, Status.PROPOSED], doubt=""
    )
    return _accept(waiting.awaiting_person(), person, waiting.count(), note=BY_BATCH)


def reject(photo_ids: Sequence[int], person: User | None) -> int:
    """Take these photos out for good, whatever their label. Return how many changed.

    Raises OnlyOwner as `accept` does.
    """
    refuse_many(person)
    photos = Photo.objects.filter(pk__in=photo_ids).exclude(status=Status.REJECTED)
    with transaction.atomic():
        says = dict.fromkeys(photos.in_deck_order().select_for_update(), "")
        say(says, person)
        place(says)
    return len(says)


def retire(photo_ids: Sequence[int], person: User | None) -> int:
    """Take pooled photos out of the pool; their labels stay. Return how many changed.

    Doubts are settled with it, but where others have to agree with this person: one who retires and
    restores a photo would else have the last word about it.
    """
    photos = Photo.objects.filter(pk__in=photo_ids, status=Status.POOLED)
    with transaction.atomic(), pghistory.context(retired_by=str(person or "a command")):
        leaving = list(photos.in_deck_order().select_for_update())
        if may_settle(person):
            settle(leaving)
        Photo.objects.filter(pk__in=[photo.pk for photo in leaving]).update(status=Status.RETIRED)
    return len(leaving)


def restore(photo_ids: Sequence[int], person: User | None) -> int:
    """Bring retired and rejected photos back. Return how many changed.

    A retired one returns to the pool with its label (or is held, without a stated right); a
    rejected one returns to the queue, where a person looks at it again.
    """
    photos = Photo.objects.filter(pk__in=photo_ids, status__in=[Status.RETIRED, Status.REJECTED])
    with transaction.atomic(), pghistory.context(restored_by=str(person or "a command")):
        back = list(photos.in_deck_order().select_for_update())
        for animal in SHOWN:
            pool([one for one in back if (one.status, one.label) == ("retired", animal)], animal)
        # What pool() brought back is no longer retired.
        queued = [one for one in back if one.status in (Status.RETIRED, Status.REJECTED)]
        for photo in queued:
            photo.status = Status.PROPOSED if photo.label else Status.UNLABELLED
            photo.link_shown_at = None
        Photo.objects.bulk_update(queued, ["status", "link_shown_at"], batch_size=1000)
    return len(back)


def state_right(
    photos: Sequence[int] | Batch, rights: Rights, text: str, person: User | None
) -> Stated:
    """State by what right photos may be shown, or a batch's; held ones are pooled then.

    `text` says it in words: who gave the right, or which licence. It goes into the history, and for
    a batch to the batch. Photos of a batch that have another right than the batch keep theirs.
    With UNSTATED a right is taken back, and pooled photos are held.

    Raises ValueError for the right of starter pictures: they have it, and others cannot.
    """
    if rights == Rights.STARTER:
        raise ValueError("Only the pictures that Pawcha draws are free in that way.")
    with transaction.atomic(), pghistory.context(rights_text=text, by=str(person or "a command")):
        found = (
            _of_batch(photos, rights, text)
            if isinstance(photos, Batch)
            else (Photo.objects.filter(pk__in=photos))
        )
        changing = list(
            found.exclude(rights__in=[rights, Rights.STARTER]).in_deck_order().select_for_update()
        )
        for photo in changing:
            photo.rights = rights
        Photo.objects.filter(pk__in=[photo.pk for photo in changing]).update(rights=rights)
        return Stated(len(changing), *_hold_or_pool(changing, rights))


def _of_batch(batch: Batch, rights: Rights, text: str) -> PhotoQuerySet:
    """State the right of the batch; return its photos that had the same right as it had."""
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    before = locked.rights
    locked.rights = batch.rights = rights
    locked.rights_text = batch.rights_text = text[:500]
    locked.save(update_fields=["rights", "rights_text"])
    return Photo.objects.filter(batch=locked, rights=before)


def _hold_or_pool(photos: Sequence[Photo], rights: Rights) -> tuple[int, int]:
    """Pool locked photos that were held, or hold those that were pooled; return how many."""
    if rights == Rights.UNSTATED:
        pooled = [photo.pk for photo in photos if photo.status == Status.POOLED]
        return 0, Photo.objects.filter(pk__in=pooled).update(status=Status.HELD)
    held = [photo for photo in photos if photo.status == Status.HELD]
    for animal in SHOWN:
        pool([photo for photo in held if photo.label == animal], animal)
    return sum(photo.status == Status.POOLED for photo in held), 0
