"""Counting the photos that people miss: answers are gone through once, in the order of their time.

What was counted and how far the count has come are one transaction, so a worker may be killed at
any moment: nothing is counted twice, and nothing is left out.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from challenges import evidence
from challenges.budgets import DAY
from challenges.flows import doubts
from challenges.locks import Lock, try_lock
from challenges.models import Mark, Miss, Outcome, Photo, Rendition
from challenges.models.outcomes import ATTACK
from challenges.models.photos import SHOWN, Animal

NAME: Final = "tally"
# Answers that are counted in one transaction: their photos are locked so long.
PORTION: Final = 100
# An answer has its time before it is committed: what is younger than this, in seconds, waits.
LAG: Final = 60
# The first count of an installation begins so long ago, in seconds: no hash is forgotten by then.
BEGIN: Final = DAY
RIGHT: Final = (Outcome.State.PASSED, Outcome.State.MORE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """That a network's visitor judged a photo, and whether the visitor took it for the other."""

    photo: int
    prefix: str
    missed: bool


def count_misses(seconds: float) -> int:
    """Count the answers that have come since the last time, for about `seconds`.

    Then put the photos in doubt that people miss clearly more often than others. One process at a
    time; another call returns at once. Return how many answers were gone through.
    """
    until = time.monotonic() + seconds
    with try_lock(Lock.TALLY) as free:
        if not free:
            return 0
        done = 0
        while time.monotonic() < until:
            answers = _count_portion()
            done += answers
            if answers < PORTION:
                break
        doubt_missed()
    return done


def _count_portion() -> int:
    with transaction.atomic():
        mark = _mark()
        answers = _next(mark.at, mark.number)
        if not answers:
            return 0
        _keep(list(_judgements(answers)))
        mark.at, mark.number = answers[-1].answered_at or mark.at, answers[-1].pk
        mark.save(update_fields=["at", "number"])
    return len(answers)


def _mark() -> Mark:
    """Return how far the count has come, locked."""
    start = timezone.now() - timedelta(seconds=BEGIN)
    Mark.objects.get_or_create(name=NAME, defaults={"at": start})
    return Mark.objects.select_for_update().get(name=NAME)


def _next(at: datetime, number: int) -> list[Outcome]:
    later = Q(answered_at__gt=at) | Q(answered_at=at, pk__gt=number)
    old_enough = timezone.now() - timedelta(seconds=LAG)
    answers = Outcome.objects.filter(later, answered_at__gte=at, answered_at__lte=old_enough)
    return list(answers.select_related("site").order_by("answered_at", "pk")[:PORTION])


def _judgements(answers: Sequence[Outcome]) -> Iterator[Judgement]:
    """Yield what people said of photos, where the photo still has the label that it had then."""
    people = [answer for answer in answers if _is_of_a_person(answer)]
    keys = {key for answer in people for key in answer.renditions}
    rows = Rendition.objects.filter(pk__in=keys, photo__label__in=SHOWN)
    photos = {
        key: (photo, label == Animal.CAT)
        for key, photo, label in rows.values_list("pk", "photo_id", "photo__label")
    }
    for answer in people:
        wrong = _wrong(answer)
        for place, key in enumerate(answer.renditions):
            photo, cat = photos.get(key, (0, False))
            if photo and place != answer.probe and cat == bool(answer.cats >> place & 1):
                yield Judgement(photo, answer.prefix, bool(wrong >> place & 1))


def _wrong(answer: Outcome) -> int:
    """Return the places that count and are wrong, as a mask."""
    wrong = answer.cats ^ (answer.picks or 0)
    return wrong if answer.probe is None else wrong & ~(1 << answer.probe)


def _is_of_a_person(answer: Outcome) -> bool:
    """Return whether this answer is counted: a real site's, from a known network, not a guess."""
    site = answer.site
    if site.reserved or site.simulated or site.test_mode or not answer.prefix:
        return False
    if answer.picks is None or answer.door == ATTACK:
        return False
    if answer.state in RIGHT:
        return True
    count = len(answer.renditions) - (answer.probe is not None)
    return answer.state == Outcome.State.FAILED and evidence.looks_human(
        _wrong(answer).bit_count(), count
    )


def _keep(judged: Sequence[Judgement]) -> None:
    # First the locks, in the order in which composing takes them, too.
    photos = Photo.objects.filter(pk__in={one.photo for one in judged})
    list(photos.in_deck_order().select_for_update(of=("self",)).values_list("pk"))
    _add(Counter(one.photo for one in judged), "seen")
    _add(_new_misses({(one.photo, one.prefix) for one in judged if one.missed}), "missed")


def _new_misses(misses: set[tuple[int, str]]) -> Counter[int]:
    """Keep the misses of networks that did not miss the photo before; return them by photo."""
    known = Miss.objects.filter(
        photo__in={photo for photo, _ in misses}, prefix__in={prefix for _, prefix in misses}
    )
    new = misses - set(known.values_list("photo_id", "prefix"))
    Miss.objects.bulk_create([Miss(photo_id=photo, prefix=prefix) for photo, prefix in new])
    return Counter(photo for photo, _ in new)


def _add(counts: Counter[int], field: str) -> None:
    by_number: defaultdict[int, list[int]] = defaultdict(list)
    for photo, number in counts.items():
        by_number[number].append(photo)
    for number, photos in by_number.items():
        Photo.objects.filter(pk__in=photos).update(**{field: F(field) + number})


def doubt_missed() -> int:
    """Put the photos in doubt that people miss clearly more often than the rest of the pool.

    Return how many.
    """
    pool = Photo.objects.pooled().order_by()
    suspects = list(pool.filter(doubt="", missed__gte=evidence.LEAST_MISSES))
    if not suspects:
        return 0
    of_all = pool.aggregate(missed=Sum("missed"), seen=Sum("seen"))
    often = [
        photo
        for photo in suspects
        if evidence.often_missed(
            photo.missed, photo.seen, of_all["missed"] - photo.missed, of_all["seen"] - photo.seen
        )
    ]
    often.sort(key=lambda one: evidence.surely_more_than(one.missed, one.seen), reverse=True)
    return doubts.raise_doubts(Photo.Doubt.MISSED, {one.pk: _sentence(one) for one in often})


def _sentence(photo: Photo) -> str:
    other = Animal.DOG if photo.label == Animal.CAT else Animal.CAT
    return f"Of {photo.seen} visitors {photo.missed} took it for a {other.value}."
