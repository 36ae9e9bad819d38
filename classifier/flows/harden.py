"""Hardening renditions ahead: each pooled photo gets one, and one to spare.

Nothing waits for it: where there is no hardened rendition, a plain one is shown.
"""

from __future__ import annotations

import logging
import math
import secrets
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from challenges import state
from challenges.flows import render
from challenges.locks import Lock, try_lock
from challenges.models import Photo, Rendition
from challenges.models.photos import Rights
from classifier import engine
from classifier.exceptions import ClassifierError, WeightsError
from classifier.flows import hardened, rotation
from classifier.flows.hardened import CannotHarden, Fitted, Job
from classifier.hardening import coins, recipes
from classifier.hardening.recipes import Recipe
from classifier.models import Hardening
from classifier.pipeline import ahead

if TYPE_CHECKING:
    from classifier.cnn.reader import Reader

logger = logging.getLogger(__name__)

# Photos that are hardened together at most, before the clock is looked at: as many as were lately
# done in so many seconds. The first one is done alone, for on a busy machine it takes a while.
PORTION: Final = 16
PORTION_SECONDS: Final = 20.0
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one portion; `seconds` of work, all together."""

    made: int = 0
    remade: int = 0
    softened: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def gone_through(self) -> int:
        """Return how many photos are done with, made or not."""
        return self.made + self.failed

    @property
    def each(self) -> float:
        """Return the seconds that a rendition took, 0 while none was made."""
        return self.seconds / self.made if self.made else 0.0

    def __add__(self, other: Made) -> Made:
        """Return what came of both."""
        return Made(
            self.made + other.made,
            self.remade + other.remade,
            self.softened + other.softened,
            self.failed + other.failed,
            self.seconds + other.seconds,
        )


def waiting() -> QuerySet[Photo]:
    """Return the photos that want a hardened rendition, those that are dealt next first.

    Where the animal is must be known, or a crop might lose it. Starter pictures are no secret.
    """
    wanting = Photo.objects.pooled().filter(spare=None, located=True)
    return wanting.exclude(rights=Rights.STARTER).order_by("deal_order")


def harden_waiting(seconds: float) -> int:
    """Harden for about `seconds`; return how many renditions were made.

    One process at a time; another call returns at once. Nothing happens where PAWCHA_HARDEN is
    off, or torch is not installed.
    """
    if settings.PAWCHA_HARDEN == "off" or engine.missing():
        return 0
    if not waiting().exists():
        render.say_alive()
        return 0
    with try_lock(Lock.HARDENING) as free:
        if not free:
            return 0
        try:
            return sum(one.made for one in _portions(time.monotonic() + seconds))
        except (ClassifierError, WeightsError) as error:
            logger.warning("photos wait to be hardened, but it cannot be done: %s", error)
            _note(Made(), str(error))
            return 0


def harden_all() -> Generator[Made, None, None]:
    """Harden all photos that wait; yield after each portion what came of it.

    What was made stays so whenever it is stopped, and the next call goes on. Raises CannotHarden.
    """
    if missing := engine.missing():
        raise CannotHarden(f"{missing[0]} is not installed here: run make install.")
    with try_lock(Lock.HARDENING) as free:
        if not free:
            raise CannotHarden("Another process hardens photos now: wait until it is done.")
        yield from _portions(math.inf)


def coins_served() -> list[coins.Fairness]:
    """Return how the coins fell of all hardened renditions that visitors get or got.

    Those of the renditions, and those of all their showings: both have to be fair.
    """
    used = Rendition.objects.exclude(recipe=render.PLAIN).filter(pushed__isnull=False)
    used = used.filter(Q(retired_at=None) | Q(reserved__gt=0))
    rows = used.values_list("photo__label", "recipe", "pushed", "shown")
    return coins.look(
        coins.Served(label, recipe, bool(pushed), shown)
        for label, recipe, pushed, shown in rows.iterator()
    )


# --- portions ------------------------------------------------------------------------------------


def _portions(until: float) -> Iterator[Made]:
    drawn, readers = rotation.current(), hardened.surrogates()
    passed_over: set[int] = set()
    size = 1
    while time.monotonic() < until:
        rows = waiting().exclude(pk__in=passed_over).select_related("rendition")
        photos = list(rows[:size])
        if not photos:
            return
        # Not a second time in this round: whatever kept it from being hardened may still be so.
        passed_over.update(photo.pk for photo in photos if _is_hardened(photo.rendition))
        done, kept = _harden(photos, drawn, readers)
        passed_over.update(photo.pk for photo in photos if photo.pk not in kept)
        size = _next_size(done)
        yield done


def _next_size(done: Made) -> int:
    """Return how many photos to harden together next, after this portion."""
    return min(PORTION, max(1, int(PORTION_SECONDS / done.each))) if done.each else 1


def _is_hardened(rendition: Rendition | None) -> bool:
    return rendition is not None and rendition.recipe != render.PLAIN


def _harden(
    photos: Sequence[Photo], drawn: Sequence[Recipe], readers: Sequence[Reader]
) -> tuple[Made, set[int]]:
    """Harden these photos; return what came of it, and which photos got a rendition."""
    began = time.monotonic()
    said, softened, remade = "", 0, 0
    kept: set[int] = set()
    try:
        for one in hardened.fitting(_jobs(photos, drawn), readers):
            remade += one.tries > 1
            softened += one.softened
            if _keep(one):
                kept.add(one.job.photo.pk)
    except Exception as error:  # A broken hardener must not take the pool's other work with it.
        logger.exception("hardening failed; plain renditions are shown instead")
        said = f"{type(error).__name__}: {error}"
    if kept:
        render.say_alive()
    seconds = time.monotonic() - began
    done = Made(len(kept), remade, softened, len(photos) - len(kept), seconds)
    _note(done, said)
    return done, kept


def _jobs(photos: Sequence[Photo], drawn: Sequence[Recipe]) -> list[Job]:
    with closing(ahead(hardened.open_photo, photos, depth=PORTION)) as images:
        return [
            Job(photo, image, render.coin(photo, coins.toss), recipes.draw(_random, drawn))
            for photo, image in zip(photos, images, strict=True)
            if image is not None
        ]


def _keep(one: Fitted) -> bool:
    return render.offer(
        one.job.photo,
        one.data,
        recipe=one.job.recipe.name,
        pushed=one.job.pushed,
        strength=one.strength,
        distance=one.distance,
    )


def _note(done: Made, said: str = "") -> None:
    """Add this to the figures of the hour; what went wrong is an alarm in Pool health, too."""
    if said:
        # The photos are shown plain whether anybody can be told or not.
        with suppress(state.Unreachable):
            state.raise_alarm(render.CANNOT_HARDEN)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    row, _ = Hardening.objects.get_or_create(hour=hour)
    Hardening.objects.filter(pk=row.pk).update(
        made=F("made") + done.made,
        remade=F("remade") + done.remade,
        softened=F("softened") + done.softened,
        failed=F("failed") + done.failed,
        seconds=F("seconds") + done.seconds,
        **({"said": said[:200]} if said else {}),
    )
