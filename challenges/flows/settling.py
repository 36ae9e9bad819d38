"""What follows from a word about photos whose rows are locked: one way for all who may say one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth.models import User
from django.utils import timezone

from challenges.flows import doubts
from challenges.flows.doubts import forget_evidence
from challenges.models import Label, Photo, PictureReport
from challenges.models.photos import SHOWN, Animal, Rights
from challenges.selection import join_deck

Status = Photo.Status

# Photos changed by one statement.
CHUNK: Final = 1000
# What a decision changes of a photo, and what undoing it brings back.
KEPT: Final = ("status", "label", "doubt", "doubt_kind", "deal_order")


def pooled_as(rights: str) -> Photo.Status:
    """Return what an accepted photo becomes: without a stated right it is held."""
    return Status.HELD if rights == Rights.UNSTATED else Status.POOLED


def snapshot(photo: Photo) -> dict[str, Any]:
    """Return what the photo is now, as JSON, so that a decision about it can be undone."""
    shown = photo.link_shown_at
    return {
        **{name: getattr(photo, name) for name in KEPT},
        "link_shown_at": shown.isoformat() if shown else None,
    }


def say(
    words: Mapping[Photo, str], person: User | None, note: str = "", *, source: str = ""
) -> None:
    """Write down a word about each of these photos, as settled. Nobody: a command says it."""
    by = source or (Label.Source.COMMAND if person is None else Label.Source.PERSON)
    now = timezone.now()
    Label.objects.bulk_create(
        [
            Label(
                photo=photo,
                label=word,
                source=by,
                person=person,
                note=note[:200],
                before=snapshot(photo),
                settled_at=now,
            )
            for photo, word in words.items()
        ],
        batch_size=CHUNK,
    )


def settle(photos: Sequence[Photo]) -> None:
    """Take the doubts off locked photos, count no report of them any more, close open words.

    What visitors and the network held against a doubted one is counted anew.

    Reports that withdrew a photo stay: no more than so many a day may do that.
    """
    doubted = [photo.pk for photo in photos if photo.doubt]
    if doubted:
        Photo.objects.filter(pk__in=doubted).update(doubt="", doubt_kind="")
        forget_evidence(doubted)
    for photo in photos:
        photo.doubt = photo.doubt_kind = ""
    PictureReport.objects.filter(photo__in=photos, withdrew=False).delete()
    doubts.forget_evidence(doubted)
    words = Label.objects.filter(photo__in=photos)
    disputes = words.filter(source=Label.Source.CNN, settled_at=None)
    (words.open() | disputes).update(settled_at=timezone.now())


def pool(photos: Sequence[Photo], animal: Animal) -> None:
    """Accept locked photos as this animal; those that join its deck get a place in it.

    One without a stated right is held instead, with its label. One that had left and that a person
    brings back stays until its adoption link is shown anew.
    """
    joining = [
        photo
        for photo in photos
        if (photo.status, photo.label) != (pooled_as(photo.rights), animal)
    ]
    if corrected := [photo.pk for photo in joining if photo.label not in ("", animal)]:
        forget_evidence(corrected)
    lowest = Photo.objects.lowest_deal(animal) if joining else None
    for photo in joining:
        if photo.status in (Status.RETIRED, Status.REJECTED):
            photo.link_shown_at = None
        photo.status, photo.label = pooled_as(photo.rights), animal
        photo.deal_order = join_deck(lowest)
    Photo.objects.bulk_update(
        joining, ["status", "label", "deal_order", "link_shown_at"], batch_size=CHUNK
    )


def place(says: Mapping[Photo, str]) -> None:
    """Let what is said of locked photos take effect: "" rejects one and leaves its label.

    Their doubts are settled.
    """
    settle(list(says))
    # What was counted for or against another label says nothing of this one.
    doubts.forget_evidence(photo.pk for photo, word in says.items() if word != photo.label)
    for animal in SHOWN:
        pool([photo for photo, word in says.items() if word == animal], animal)
    for photo, word in says.items():
        if word not in SHOWN:
            photo.status, photo.label = Status.REJECTED, word or photo.label
    neither = [photo.pk for photo, word in says.items() if word == Animal.NEITHER]
    Photo.objects.filter(pk__in=neither).update(label=Animal.NEITHER, status=Status.REJECTED)
    rejected = [photo.pk for photo, word in says.items() if not word]
    Photo.objects.filter(pk__in=rejected).update(status=Status.REJECTED)
