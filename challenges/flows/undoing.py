"""Taking a decision back: the photo becomes what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from challenges.exceptions import NotUndone
from challenges.flows.deciding import Word, name_of, word_of
from challenges.flows.settling import pooled_as
from challenges.models import Label, Photo

Status = Photo.Status
GONE = "This photo was deleted meanwhile, so there is nothing to take back."
SHOWABLE = (Status.POOLED, Status.HELD)


@dataclass(frozen=True, slots=True)
class Undone:
    """A word that was taken back, and what its photo is again."""

    id: int
    photo: int
    word: Word
    status: str


def undo(person: User, decision: int | None = None) -> Undone:
    """Take back a decision of this person, the last one if none is named.

    Status, label, doubt and place in the deck are as before; other people's words that it had
    settled wait again. What visitors reported is not counted again. A decision that was taken back
    before is returned as it is, so a call may be repeated.

    Raises NotUndone with the reason: there is none, the photo was deleted, or somebody has decided
    on it since.
    """
    mine = Label.objects.filter(person=person, source=Label.Source.PERSON, before__isnull=False)
    with transaction.atomic():
        if decision is None:
            row = mine.filter(undone_at=None).order_by("-id").first()
        else:
            row = mine.filter(pk=decision).first()
        if row is None:
            raise NotUndone(GONE if decision is not None else "")
        # The photo before its labels, as everywhere: no deadlock.
        photo = Photo.objects.select_for_update(of=("self",)).filter(pk=row.photo_id).first()
        if photo is None:
            raise NotUndone(GONE)
        row.refresh_from_db()
        if row.undone_at is None:
            _refuse(photo, row)
            _bring_back(photo, row)
        return Undone(row.pk, photo.pk, word_of(row), photo.status)


def _refuse(photo: Photo, row: Label) -> None:
    """Refuse when the photo is no longer what the decision made of it."""
    later = photo.labels.filter(pk__gt=row.pk, undone_at=None).exclude(source=Label.Source.CNN)
    last = later.select_related("person").order_by("-id").first()
    if last is not None:
        who = name_of(last.person) if last.person else last.get_source_display()
        raise NotUndone(f"{who} said {word_of(last)} about this photo since, so that stays.")
    after: dict[str, Any] = (row.before or {}).get("after", {})
    if row.settled_at is not None and "status" not in after:
        after = _expected(row)
    if after and not _same(photo, after):
        is_now = photo.get_status_display().lower()
        raise NotUndone(f"This photo has changed since then ({is_now}), so it stays as it is.")


def _expected(row: Label) -> dict[str, Any]:
    """Return what a word in bulk made of its photo."""
    label = row.label or (row.before or {})["label"]
    settled = Status.POOLED if row.label in ("cat", "dog") else Status.REJECTED
    return {"status": settled, "label": label}


def _same(photo: Photo, after: dict[str, Any]) -> bool:
    if photo.status in SHOWABLE and after["status"] in SHOWABLE:
        # Only the right to show it came or went.
        return bool(photo.label == after["label"])
    return bool((photo.status, photo.label) == (after["status"], after["label"]))


def _bring_back(photo: Photo, row: Label) -> None:
    before: dict[str, Any] = row.before or {}
    status = before["status"]
    photo.status = pooled_as(photo.rights) if status in SHOWABLE else status
    photo.label, photo.deal_order = before["label"], before["deal_order"]
    shown = before["link_shown_at"]
    photo.link_shown_at = datetime.fromisoformat(shown) if shown else None
    # A doubt that came since stays.
    if photo.doubt == before.get("after", {}).get("doubt", ""):
        photo.doubt, photo.doubt_kind = before["doubt"], before["doubt_kind"]
    photo.save(
        update_fields=["status", "label", "deal_order", "link_shown_at", "doubt", "doubt_kind"]
    )
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    photo.labels.filter(pk__in=before.get("closed", [])).update(settled_at=None)
