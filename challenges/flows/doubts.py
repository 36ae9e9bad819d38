"""The one gate by which visitors and machines put photos in doubt. It is narrow.

A doubted photo stays in the pool with its label, and comes to the queue for a person to look at.
(Only reports may take one out, by rules of their own: challenges.flows.reports.) For each reason
so many photos may come in a day (UTC), and no more than that wait at once: whoever lies, and with
however many networks, makes a person look at some photos in vain, and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from challenges import state
from challenges.budgets import DAY
from challenges.locks import Lock, lock_until_commit
from challenges.models import Mark, Photo

logger = logging.getLogger(__name__)

# However small the pool is, so many photos may be put in doubt for a reason.
LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Room:
    """How many photos may be put in doubt now, of how many, and how many were today (UTC)."""

    left: int
    most: int
    today: int


def most(kind: Photo.Doubt) -> int:
    """Return how many photos may be put in doubt in a day for this reason, and wait at once."""
    pool = Photo.objects.pooled().order_by().count()
    all_kinds = max(LEAST, pool * settings.PAWCHA["DOUBTS_MOST_PERCENT"] // 100)
    if kind != Photo.Doubt.MACHINES:
        return all_kinds
    percent = settings.PAWCHA["ALWAYS_SOLVED_PERCENT"]
    return min(all_kinds, max(LEAST, pool * percent // 100)) if percent else 0


def room(kind: Photo.Doubt) -> Room:
    """Return how many photos may be put in doubt for this reason now."""
    today = _mark(kind)
    done = today.number if today.at.date() == timezone.now().date() else 0
    limit = most(kind)
    unseen = Photo.objects.in_doubt().filter(doubt_kind=kind).order_by().count()
    return Room(max(0, limit - max(done, unseen)), limit, done)


def raise_doubts(kind: Photo.Doubt, sentences: Mapping[int, str]) -> int:
    """Put these photos (by their ids, the worst first) in doubt, each with its sentence.

    As many as there is room for; photos that left the pool or are in doubt already are passed
    over. Labels and statuses stay. Return how many were put in doubt.
    """
    if not sentences:
        return 0
    with transaction.atomic():
        lock_until_commit(Lock.DOUBTS)
        now = room(kind)
        waiting = _lock(sentences)
        chosen = [photo_id for photo_id in sentences if photo_id in waiting][: now.left]
        for photo_id in chosen:
            Photo.objects.filter(pk=photo_id).update(doubt=sentences[photo_id], doubt_kind=kind)
        if chosen:
            Mark.objects.filter(name=_name(kind)).update(
                at=timezone.now(), number=now.today + len(chosen)
            )
    if now.most and len(chosen) < len(waiting):
        _say_full(kind)
    return len(chosen)


def _lock(photo_ids: Iterable[int]) -> set[int]:
    """Lock those of the photos that may be doubted, and return their ids."""
    photos = Photo.objects.pooled().filter(pk__in=list(photo_ids), doubt="").in_deck_order()
    return set(photos.select_for_update(of=("self",)).values_list("pk", flat=True))


def _mark(kind: Photo.Doubt) -> Mark:
    return Mark.objects.get_or_create(name=_name(kind), defaults={"at": timezone.now()})[0]


def _name(kind: Photo.Doubt) -> str:
    return f"doubts-{kind.value}"


def _say_full(kind: Photo.Doubt) -> None:
    with suppress(state.Unreachable):
        if state.raise_alarm(f"doubts-full-{kind.value}", DAY):
            logger.warning(
                "More photos are doubted (%s) than may come back to the queue in a day, or wait "
                "there: look at those that wait.",
                kind.label,
            )


def forget_evidence(photo_ids: Iterable[int]) -> None:
    """Begin to count anew for photos whose doubt a person settled, or that got another label.

    So a doubt comes back on new evidence only. What a network disputed has no counter: a person's
    word that came after it settles it.
    """
    Photo.objects.filter(pk__in=list(photo_ids)).update(seen=0, missed=0, scored=0, solved=0)
