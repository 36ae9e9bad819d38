"""Photos that people miss are hardened less, within limits that lying bots cannot move.

A miss counts only from somebody who passed about then, and once for each photo and network (a row
of Miss lives for two days). A photo has to stand out among the others, so that whoever lies about
all of them changes nothing; and few photos a day become milder, none by more than MOST.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from challenges import evidence
from challenges.models import Mark, Miss, Outcome, Photo

NAME: Final = "milder"
# Never milder than this without an owner's click: 1 would be plain.
MOST: Final = 0.5
# So much milder for every LEAST_MISSES misses that count.
STEP: Final = 0.25
# The pass of the same exchange came at most so long before the miss was counted, or after it.
BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(minutes=10)
# Of the pool, so many percent may become milder in a day, and FEW photos at least.
MOST_PERCENT: Final = 2
FEW: Final = 3


def soften_missed() -> int:
    """Let photos that people miss clearly more often than others be hardened less.

    Return how many that were. It does the same however often it is called.
    """
    pool = Photo.objects.pooled().order_by()
    suspects = list(pool.filter(missed__gte=evidence.LEAST_MISSES, mildness__lt=MOST))
    if not suspects:
        return 0
    of_all = pool.aggregate(missed=Sum("missed"), seen=Sum("seen"))
    changes: dict[int, float] = {}
    for photo in suspects:
        others = of_all["missed"] - photo.missed, of_all["seen"] - photo.seen
        if evidence.often_missed(photo.missed, photo.seen, *others):
            steps = credible(photo.pk) // evidence.LEAST_MISSES
            if (target := min(MOST, STEP * steps)) > photo.mildness:
                changes[photo.pk] = target
    return _change(changes, pool.count()) if changes else 0


def credible(photo: int) -> int:
    """Return how many networks missed this photo from which somebody passed about then."""
    passed = Outcome.objects.counted().filter(
        state=Outcome.State.PASSED,
        prefix=OuterRef("prefix"),
        answered_at__gte=OuterRef("created_at") - BEFORE,
        answered_at__lte=OuterRef("created_at") + AFTER,
        site__reserved=False,
        site__simulated=False,
        site__test_mode=False,
    )
    return Miss.objects.filter(Exists(passed), photo=photo).exclude(prefix="").count()


def _change(changes: dict[int, float], pool: int) -> int:
    """Make these photos milder, as many as there is room for today; return how many."""
    with transaction.atomic():
        now = timezone.now()
        Mark.objects.get_or_create(name=NAME, defaults={"at": now})
        mark = Mark.objects.select_for_update().get(name=NAME)
        today = mark.number if mark.at.date() == now.date() else 0
        left = max(FEW, pool * MOST_PERCENT // 100) - today
        chosen = list(changes.items())[: max(0, left)]
        for photo, target in chosen:
            Photo.objects.filter(pk=photo, mildness__lt=target).update(mildness=target)
        mark.at, mark.number = now, today + len(chosen)
        mark.save(update_fields=["at", "number"])
    return len(chosen)
