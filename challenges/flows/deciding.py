"""One person decides on one photo, alone or in agreement with another, and may take it back.

With PAWCHA["REVIEWERS_AGREE"] = 2 a first word waits; the same word of another person settles the
photo; two that differ put it in doubt, and it goes to a third person or to an owner. Until then it
is out of the pool. Whatever else happens, an owner's word ends a disagreement.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from challenges.exceptions import AlreadySettled, PawchaError, PhotoGone, PhotoTaken
from challenges.flows.settling import place, snapshot
from challenges.models import Claim, Label, Photo
from challenges.models.labels import LabelQuerySet

Status = Photo.Status
OWNER = "challenges.change_site"


class OnlyOwner(PawchaError):
    """Here two people have to agree."""

    code = "only_owner"
    status = 403
    sentence = (
        "Here two reviewers have to agree on a photo, so only an owner may accept many at once."
    )


class Word(enum.StrEnum):
    """What a person says about a photo."""

    CAT = "cat"
    DOG = "dog"
    NEITHER = "neither"
    REJECT = "reject"

    @property
    def label(self) -> str:
        """Return what it says of the animals, "" for a photo that is of no use."""
        return "" if self is Word.REJECT else self.value


class Came(enum.StrEnum):
    """What came of a word."""

    SETTLED = "settled"
    WAITS = "waits"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word about a photo, and what came of it. `id` is by what it can be undone."""

    id: int
    photo: int
    word: Word
    came: Came
    status: str


def is_owner(person: User) -> bool:
    """Return whether this person's word ends a disagreement of reviewers."""
    return person.has_perm(OWNER)


def agreement() -> int:
    """Return how many people have to agree before a photo is settled: 1 or 2."""
    return int(settings.PAWCHA["REVIEWERS_AGREE"])


def may_settle(person: User | None) -> bool:
    """Return whether this person's word settles a photo alone. Nobody: the owner, by a command."""
    return person is None or agreement() < 2 or is_owner(person)


def refuse_many(person: User | None) -> None:
    """Refuse to whom others have to agree what settles many photos at once. Raises OnlyOwner."""
    if not may_settle(person):
        raise OnlyOwner


def in_queue(photo: Photo) -> bool:
    """Return whether the photo waits for a person."""
    return bool(photo.doubt) or photo.status in (Status.UNLABELLED, Status.PROPOSED)


def word_of(label: Label) -> Word:
    """Return the word that somebody said."""
    return Word(label.label) if label.label else Word.REJECT


def name_of(person: User | None) -> str:
    """Return how a person is called in sentences."""
    return (person.get_full_name() or person.get_username()) if person else "a command"


def decide(
    photo_id: int, person: User, word: Word, *, note: str = "", waiting: bool = False
) -> Decision:
    """Say what a photo shows: settle it, or wait for a second reviewer.

    With `waiting`, only a photo that still waits in the queue is decided on. Saying the same again
    changes nothing and returns what came of it the first time, so a call may be repeated.

    Raises PhotoGone (it was deleted), PhotoTaken (another reviewer has it on the screen) or
    AlreadySettled (somebody else was faster, or this person said something else before).
    """
    with transaction.atomic():
        photo = lock(photo_id)
        labels = list(_standing(photo))
        claim = Claim.objects.select_related("person").filter(photo=photo).first()
        mine = _last_word(labels, person)
        # Who has it on the screen looks at it anew; else the call was repeated.
        looks = claim is not None and claim.person_id == person.pk
        if not looks and mine and word_of(mine) == word and _stands(photo, mine):
            return Decision(mine.pk, photo.pk, word, _came(photo, mine), photo.status)
        _refuse_taken(claim, person)
        if waiting and not in_queue(photo):
            raise AlreadySettled(f"{_who_was_faster(photo, labels)} Nothing was changed.")
        _refuse_second_word(photo, person, mine)
        row = Label.objects.create(
            photo=photo,
            label=word.label,
            source=Label.Source.PERSON,
            person=person,
            note=note[:200],
            before=snapshot(photo),
        )
        came = _take_effect(photo, person, row, [one for one in labels if _is_open(one)])
        if looks:
            Claim.objects.filter(photo=photo, person=person).delete()
        return Decision(row.pk, photo.pk, word, came, photo.status)


def lock(photo_id: int) -> Photo:
    """Return the photo, its row locked until this transaction ends.

    Raises PhotoGone.
    """
    photo = Photo.objects.select_for_update(of=("self",)).filter(pk=photo_id).first()
    if photo is None:
        raise PhotoGone
    return photo


def _standing(photo: Photo) -> LabelQuerySet:
    """Return what was said of a photo and not taken back, oldest first, without networks."""
    said = Label.objects.filter(photo=photo, undone_at=None).exclude(source=Label.Source.CNN)
    return said.select_related("person").order_by("id")


def _is_open(said: Label) -> bool:
    by_person = said.source == Label.Source.PERSON and said.before is not None
    return by_person and said.settled_at is None


def _last_word(labels: Sequence[Label], person: User) -> Label | None:
    """Return what a person said last, if it waits, or if nobody has said anything after it."""
    by_people = [one for one in labels if one.person_id is not None]
    mine = [one for one in by_people if one.person_id == person.pk and one.before is not None]
    if not mine:
        return None
    return mine[-1] if mine[-1].settled_at is None or mine[-1] == by_people[-1] else None


def _stands(photo: Photo, said: Label) -> bool:
    """Return whether a word still is what the photo is, or waits."""
    return said.settled_at is None or not in_queue(photo)


def _came(photo: Photo, said: Label) -> Came:
    if said.settled_at is not None:
        return Came.SETTLED
    return Came.DISPUTED if disputed(photo) else Came.WAITS


def _refuse_taken(claim: Claim | None, person: User) -> None:
    if claim is not None and claim.person_id != person.pk and claim.until > timezone.now():
        raise PhotoTaken(
            f"{name_of(claim.person)} has this photo on the screen now, so your decision was not "
            "taken. It comes back to you if it is needed."
        )


def _refuse_second_word(photo: Photo, person: User, said: Label | None) -> None:
    """Let nobody but an owner who ends a disagreement speak twice where two have to agree."""
    if agreement() < 2 or said is None or said.settled_at is not None:
        return
    if not (is_owner(person) and disputed(photo)):
        raise AlreadySettled(
            f"You said {word_of(said)} about this photo, and another reviewer looks at it next. "
            "Undo your word first if you want to change it."
        )


def _who_was_faster(photo: Photo, labels: Sequence[Label]) -> str:
    if not labels:
        return f"This photo does not wait any more: {photo.get_status_display().lower()}."
    last = labels[-1]
    who = name_of(last.person) if last.person else last.get_source_display()
    return f"{who} said {word_of(last)} about this photo first."


def disputed(photo: Photo) -> bool:
    """Return whether reviewers disagree about the photo."""
    return photo.doubt_kind == Photo.Doubt.REVIEWERS and bool(photo.doubt)


def _take_effect(photo: Photo, person: User, row: Label, waiting: Sequence[Label]) -> Came:
    """Settle a locked photo, or let its newest word wait beside those that wait already."""
    words = [*waiting, row]
    others = [one for one in words if one.person_id != person.pk]
    agreed = any(one.label == row.label for one in others)
    if agreement() < 2 or agreed or (disputed(photo) and is_owner(person)):
        _settle(photo, row, [one.pk for one in words])
        return Came.SETTLED
    # A word about a photo that does not wait brings it to the second reviewer, too.
    if others or not in_queue(photo):
        _dispute(photo, words)
    _remember(row, photo, [])
    return Came.DISPUTED if others else Came.WAITS


def _settle(photo: Photo, row: Label, words: Sequence[int]) -> None:
    place({photo: row.label})
    row.settled_at = timezone.now()
    _remember(row, photo, [word for word in words if word != row.pk])


def _dispute(photo: Photo, words: Sequence[Label]) -> None:
    says = ", ".join(f"{name_of(one.person)} says {word_of(one)}" for one in words)
    end = ": an owner decides." if len({one.label for one in words}) > 2 else "."
    photo.doubt = says[: 200 - len(end)] + end
    photo.doubt_kind = Photo.Doubt.REVIEWERS
    if len(words) > 1 and photo.status in (Status.POOLED, Status.HELD):
        # Nobody is shown what reviewers disagree about.
        photo.status = Status.PROPOSED
    photo.save(update_fields=["status", "doubt", "doubt_kind"])


def _remember(row: Label, photo: Photo, closed: Sequence[int]) -> None:
    """Keep in a decision what it left behind, and which other words it closed."""
    after = {"status": photo.status, "label": photo.label, "doubt": photo.doubt}
    row.before = {**(row.before or {}), "after": after, "closed": list(closed)}
    row.save(update_fields=["before", "settled_at"])
