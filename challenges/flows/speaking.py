"""A person's word about photos, from any page or call: it settles them, or waits for another's.

Where two people have to agree, nobody but an owner settles a photo alone, whichever door they take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib.auth.models import User

from challenges.exceptions import PawchaError
from challenges.flows import review
from challenges.flows.deciding import Came, OnlyOwner, Word, decide, may_settle
from challenges.flows.review import Accepted
from challenges.models import Photo
from challenges.models.photos import SHOWN, Animal

Status = Photo.Status
# Of more photos at once nobody has looked at each.
MOST: Final = 200


def say(photo_ids: Sequence[int], person: User, word: Word | None = None) -> Accepted:
    """Let the person say something of these photos; without a word, that the labels are right.

    What is refused of it, such as a second word of the same person, is counted. Raises OnlyOwner
    for more than MOST photos where others have to agree.
    """
    if may_settle(person):
        return _settle(photo_ids, person, word)
    if len(photo_ids) > MOST:
        raise OnlyOwner
    total = Accepted(0, 0, 0)
    for photo_id in dict.fromkeys(photo_ids):
        try:
            one = _decide(photo_id, person, word)
        except PawchaError as error:
            one = Accepted(0, 0, 0, refused=1, why=str(error))
        total = _sum(total, one)
    return total


def say_of(photo_id: int, person: User, word: Word | None = None) -> Accepted:
    """Let the person say something of one photo, as in `say`.

    Raises PhotoGone, PhotoTaken or AlreadySettled where the word has to wait for another's.
    """
    if may_settle(person):
        return _settle([photo_id], person, word)
    return _decide(photo_id, person, word)


def _settle(photo_ids: Sequence[int], person: User, word: Word | None) -> Accepted:
    if word is Word.REJECT:
        number = review.reject(photo_ids, person)
        return Accepted(pooled=0, rejected=number, passed_over=0)
    return review.accept(photo_ids, person, Animal(word.label) if word else None)


def _decide(photo_id: int, person: User, word: Word | None) -> Accepted:
    said = word or _proposed(photo_id)
    if said is None:
        return Accepted(pooled=0, rejected=0, passed_over=1)
    done = decide(photo_id, person, said)
    if done.came is not Came.SETTLED:
        return Accepted(pooled=0, rejected=0, passed_over=0, waiting=1)
    return Accepted(
        pooled=int(done.status == Status.POOLED),
        rejected=int(done.status == Status.REJECTED),
        passed_over=0,
        held=int(done.status == Status.HELD),
    )


def _proposed(photo_id: int) -> Word | None:
    """Return what a photo is taken for, where that waits for a person's word."""
    photos = Photo.objects.filter(pk=photo_id)
    accepted = photos.pooled() | photos.held().filter(label__in=SHOWN)
    photo = (photos.awaiting_person() | accepted.in_doubt()).exclude(label="").first()
    return Word(photo.label) if photo else None


def _sum(one: Accepted, other: Accepted) -> Accepted:
    return Accepted(
        pooled=one.pooled + other.pooled,
        rejected=one.rejected + other.rejected,
        passed_over=one.passed_over + other.passed_over,
        held=one.held + other.held,
        waiting=one.waiting + other.waiting,
        refused=one.refused + other.refused,
        why=one.why or other.why,
    )
