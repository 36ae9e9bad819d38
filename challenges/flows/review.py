"""What people, names and networks say about photos, and what follows from it.

Only a person's word pools a photo, or that of a batch whose labels a person trusts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from challenges.models import Batch, Label, Photo, PictureReport
from challenges.models.photos import SHOWN, Animal
from challenges.selection import join_deck

Status = Photo.Status

# Photos changed by one statement.
CHUNK: Final = 1000


class NoSuchBatch(LookupError):
    """No batch has this name."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of the photos that were accepted. Numbers of photos.

    `rejected` ones were said to be neither; `passed_over` had no proposed label to accept.
    """

    pooled: int
    rejected: int
    passed_over: int


def propose(photo: Photo, label: str, *, trusted: bool) -> bool:
    """Propose a label for a photo that nobody has judged yet; pool it when the label is trusted.

    Return whether the photo changed. A label that was proposed before is not replaced.
    """
    waits = [Status.UNLABELLED]
    fields: dict[str, object] = {"label": label, "status": Status.PROPOSED}
    if trusted and label in SHOWN:
        waits.append(Status.PROPOSED)
        place = join_deck(Photo.objects.lowest_deal(label))
        fields |= {"status": Status.POOLED, "deal_order": place}
    # What visitors reported waits for a person, however trusted its batch is.
    unsettled = Photo.objects.filter(pk=photo.pk, status__in=waits, doubt="")
    changed = unsettled.update(**fields)
    if changed:
        photo.refresh_from_db(fields=list(fields))
    return bool(changed)


def accept(photo_ids: Sequence[int], person: User | None, label: Animal | None = None) -> Accepted:
    """Pool these photos: with the proposed label, or with the one that the person says.

    A person may also correct the label of a photo that is pooled, or bring one back; "neither"
    rejects it. Without a person it is the owner who speaks, by a command. Doubts are settled.
    """
    photos = Photo.objects.filter(pk__in=photo_ids)
    if label is None:
        photos = photos.awaiting_person() | photos.pooled().in_doubt()
    with transaction.atomic():
        says = {
            photo: label or Animal(photo.label)
            for photo in photos.in_deck_order().select_for_update()
        }
        _say(says, person)
        _settle(list(says))
        for animal in SHOWN:
            _pool([photo for photo, word in says.items() if word == animal], animal)
        neither = [photo.pk for photo, word in says.items() if word == Animal.NEITHER]
        Photo.objects.filter(pk__in=neither).update(label=Animal.NEITHER, status=Status.REJECTED)
    return Accepted(len(says) - len(neither), len(neither), len(set(photo_ids)) - len(says))


def accept_batch(name: str, person: User | None) -> Accepted:
    """Accept the proposed labels of a whole batch, but for photos that visitors reported.

    Raises NoSuchBatch with the names that there are.
    """
    batch = Batch.objects.filter(name=name).first()
    if batch is None:
        names = Batch.objects.order_by("-id").values_list("name", flat=True)[:10]
        there = ", ".join(repr(other) for other in names) or "none yet"
        raise NoSuchBatch(f"There is no batch {name!r}. The latest batches: {there}.")
    waiting = batch.photos.filter(status__in=[Status.UNLABELLED, Status.PROPOSED], doubt="")
    return accept(list(waiting.values_list("pk", flat=True)), person)


def reject(photo_ids: Sequence[int], person: User | None) -> int:
    """Take these photos out for good, whatever their label. Return how many changed."""
    return _leave(photo_ids, person, Status.REJECTED, from_=list(Status))


def retire(photo_ids: Sequence[int], person: User | None) -> int:
    """Take pooled photos out of the pool; their labels stay. Return how many changed."""
    return _leave(photo_ids, person, Status.RETIRED, from_=[Status.POOLED])


def _leave(
    photo_ids: Sequence[int],
    person: User | None,
    to: Photo.Status,
    from_: list[Photo.Status],
) -> int:
    photos = Photo.objects.filter(pk__in=photo_ids, status__in=from_).exclude(status=to)
    with transaction.atomic():
        leaving = list(photos.in_deck_order().select_for_update())
        if to == Status.REJECTED:
            _say(dict.fromkeys(leaving, ""), person)
        _settle(leaving)
        Photo.objects.filter(pk__in=[photo.pk for photo in leaving]).update(status=to)
    return len(leaving)


def _settle(photos: Sequence[Photo]) -> None:
    """Take the doubts off locked photos, and count no report of them any more.

    Reports that withdrew a photo stay: no more than so many a day may do that.
    """
    doubted = [photo.pk for photo in photos if photo.doubt]
    Photo.objects.filter(pk__in=doubted).update(doubt="")
    PictureReport.objects.filter(photo__in=photos, withdrew=False).delete()


def _say(words: Mapping[Photo, str], person: User | None) -> None:
    source = Label.Source.COMMAND if person is None else Label.Source.PERSON
    Label.objects.bulk_create(
        [
            Label(photo=photo, label=word, source=source, person=person)
            for photo, word in words.items()
        ],
        batch_size=CHUNK,
    )


def _pool(photos: Sequence[Photo], animal: Animal) -> None:
    """Put locked photos into the pool; those that join this animal's deck get a place in it.

    One that had left and that a person brings back stays until its adoption link is shown anew.
    """
    joining = [photo for photo in photos if (photo.status, photo.label) != (Status.POOLED, animal)]
    lowest = Photo.objects.lowest_deal(animal)
    for photo in joining:
        if photo.status in (Status.RETIRED, Status.REJECTED):
            photo.link_shown_at = None
        photo.status, photo.label = Status.POOLED, animal
        photo.deal_order = join_deck(lowest)
    Photo.objects.bulk_update(
        joining, ["status", "label", "deal_order", "link_shown_at"], batch_size=CHUNK
    )
