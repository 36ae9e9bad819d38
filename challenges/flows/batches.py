"""Batches that people make by hand: their words, and who may see and change them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from challenges.exceptions import InvalidRequest, UnknownBatch
from challenges.flows import review
from challenges.flows.deciding import agreement
from challenges.models import Batch, Photo
from challenges.models.photos import SHOWN, Rights

UPLOAD: Final = "challenges.upload_batch"
SEE_ALL: Final = "challenges.view_batch"
LABEL: Final = "challenges.label_photo"

# What a person may say; starter pictures are drawn, not uploaded.
RIGHTS: Final = (Rights.CLEARED, Rights.TRIAL, Rights.UNSTATED)
AT_ONCE: Final = "They go into the pool at once"
WAIT: Final = "They wait for a reviewer"
NO_GROUND: Final = (
    "Say why you may show these photos, such as “taken by our volunteers” or the licence they "
    "are under. If you do not know yet, choose “Not known yet”."
)


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a batch. The label is cat, dog or empty (mixed)."""

    name: str = ""
    rights: str = Rights.UNSTATED
    rights_text: str = ""
    label: str = ""
    shelter: str = ""
    credit: str = ""
    licence: str = ""
    adoption_url: str = ""
    trust_labels: bool = False


def suggested_name(person: User, now: datetime | None = None) -> str:
    """Return a name for a new batch that no other has: the day, and who it is."""
    day = date_format(timezone.localtime(now), "j F Y")
    name = f"{day}, {person.get_full_name() or person.get_username()}"[:180]
    taken = set(Batch.objects.filter(name__startswith=name).values_list("name", flat=True))
    numbers = range(2, len(taken) + 3)
    return next(one for one in [name, *(f"{name} ({n})" for n in numbers)] if one not in taken)


def make(person: User, words: Words) -> Batch:
    """Make a batch and return it. Raises InvalidRequest with a sentence about what is missing."""
    words = _checked(person, words)
    fields = {field: getattr(words, field) for field in Words.__slots__}
    try:
        with transaction.atomic():
            return Batch.objects.create(person=person, **fields)
    except IntegrityError as error:
        raise InvalidRequest(_taken(words.name)) from error


def change(batch: Batch, person: User, words: Words) -> review.Stated | None:
    """Change what is said of a batch, and of those of its photos that said the same as it.

    Return what became of photos when another right was stated, else None. Its label and its name
    stay as they are. Raises InvalidRequest.
    """
    _check_right(words)
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        for field in ("shelter", "credit", "licence", "adoption_url"):
            before, after = getattr(locked, field), getattr(words, field)
            if before != after:
                Photo.objects.filter(batch=locked, **{field: before}).update(**{field: after})
                setattr(locked, field, after)
        locked.save(update_fields=["shelter", "credit", "licence", "adoption_url"])
        if (locked.rights, locked.rights_text) == (words.rights, words.rights_text):
            return None
        return review.state_right(locked, Rights(words.rights), words.rights_text, person)


def visible(person: User) -> QuerySet[Batch]:
    """Return the batches that this person may see: their own, or all."""
    if person.has_perm(SEE_ALL):
        return Batch.objects.all()
    return Batch.objects.filter(person=person)


def find(batch_id: int, person: User) -> Batch:
    """Return a batch that this person may see. Raises UnknownBatch."""
    batch = visible(person).select_related("person").filter(pk=batch_id).first()
    if batch is None:
        raise UnknownBatch
    return batch


def find_own(batch_id: int, person: User) -> Batch:
    """Return a batch into which this person may upload: their own. Raises UnknownBatch."""
    batch = Batch.objects.filter(pk=batch_id, person=person).first()
    if batch is None:
        raise UnknownBatch
    return batch


def is_trusted(person: User) -> bool:
    """Return whether photos whose labels this person states go into the pool at once.

    Not those of who may not label photos, and of nobody where two people have to agree.
    """
    return agreement() < 2 and person.has_perm(LABEL)


def trusts_labels(batch: Batch) -> bool:
    """Return whether the labels of this batch need no second look: by a command's word, or by that
    of a person who may say so now."""
    return batch.trust_labels and (batch.person is None or is_trusted(batch.person))


def trust(batch: Batch) -> str:
    """Return in words what becomes of photos of a batch whose folders or files say what they are.

    As it is decided now: a person may get or lose the right to label photos.
    """
    if batch.person is not None and not is_trusted(batch.person):
        return WAIT
    if batch.trust_labels:
        return "All labels: they go into the pool at once"
    return "Labels by folders or of the whole batch: they go into the pool at once"


def may_change(batch: Batch, person: User) -> bool:
    """Return whether this person may change what is said of the batch."""
    if batch.rights == Rights.STARTER:
        return False
    own = batch.person_id == person.pk and person.has_perm(UPLOAD)
    return own or person.has_perm("challenges.change_batch")


def _checked(person: User, words: Words) -> Words:
    if not words.name:
        raise InvalidRequest("Give the batch a name, by which you find it again.")
    if Batch.objects.filter(name=words.name).exists():
        raise InvalidRequest(_taken(words.name))
    if words.label and words.label not in SHOWN:
        raise InvalidRequest("Say of the animals: cat, dog, or nothing when they are mixed.")
    if words.trust_labels and not person.has_perm(LABEL):
        raise InvalidRequest(
            "Only people who may label photos can say that labels need no second look."
        )
    _check_right(words)
    return words


def _check_right(words: Words) -> None:
    if words.rights not in RIGHTS:
        raise InvalidRequest("Say by what right the photos may be shown: cleared, trial, unstated.")
    if words.rights == Rights.CLEARED and not words.rights_text.strip():
        raise InvalidRequest(NO_GROUND)


def _taken(name: str) -> str:
    return f"There is a batch called “{name}” already: choose another name."
