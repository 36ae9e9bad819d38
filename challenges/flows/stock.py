"""Keeping enough challenges ready, and telling how many there are."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from challenges import state
from challenges.exceptions import NotEnoughPhotos
from challenges.flows import compose, render
from challenges.models import Photo, Site
from challenges.models.photos import Animal
from challenges.selection import PICTURES, Audience, Profile

logger = logging.getLogger(__name__)

# A ready challenge older than this is made anew, in seconds; prune keeps files twice as long.
KEEPS: Final = 12 * 3600
# Few people try test keys at once.
TEST_TARGET: Final = 20
# Renditions made before the next look at the ready queue.
CHUNK: Final = 24
WORN_OUT: Final = "worn-out"
NO_CHALLENGE: Final = "no-challenge"


@dataclass(frozen=True, slots=True)
class StockStatus:
    """How full the pool and the ready queue of one audience are.

    `missing` says in one line what keeps the starter pictures in the pool, or is None.
    """

    cats: int
    dogs: int
    ready: int
    target: int
    missing: str | None


def status(audience: Audience = Audience.LOOPBACK) -> StockStatus:
    """Return how full the pool and the ready queue of this audience are."""
    pool = Photo.objects.shown_to(audience)
    return StockStatus(
        cats=pool.filter(label=Animal.CAT).count(),
        dogs=pool.filter(label=Animal.DOG).count(),
        ready=ready(Profile(PICTURES, audience)),
        target=settings.PAWCHA["READY_TARGET"],
        missing=compose.missing(audience),
    )


def ready(profile: Profile) -> int:
    """Return how many challenges of this profile wait to be handed out."""
    return state.ready_depth(profile.key, "fresh") + state.ready_depth(profile.key, "worn")


def site_profiles() -> list[Profile]:
    """Return the profiles of all sites that are served."""
    found = {site.profile for site in Site.objects.serving()}
    return sorted(found, key=lambda profile: profile.key)


def profiles() -> list[Profile]:
    """Return all profiles of which challenges are kept ready: also that of the test keys."""
    tests = [Profile(PICTURES, Audience.TESTING)] if settings.TEST_KEYS else []
    return site_profiles() + tests


def keep_stocked(seconds: float) -> None:
    """Make renditions and challenges until all queues are full, or for about `seconds`."""
    until = time.monotonic() + seconds
    busy = profiles()
    for profile in busy:
        _drop_stale(profile)
    while busy and time.monotonic() < until:
        busy = [profile for profile in busy if _progress(profile)]


def capacity(profile: Profile) -> int:
    """Return how many challenges may wait: a photo is in two of them on average, not in all."""
    pool = Photo.objects.shown_to(profile.audience).filter(rendition__isnull=False)
    most = settings.PAWCHA["READY_TARGET"]
    if profile.audience is Audience.TESTING:
        most = min(most, TEST_TARGET)
    photos = pool.order_by()[: most * profile.count // 2].count()
    return max(1, 2 * photos // profile.count)


def _progress(profile: Profile) -> bool:
    """Make a few renditions and the challenges they allow; return whether there is more to do."""
    made = render.render_some(CHUNK, Photo.objects.rights_for(profile.audience))
    most = capacity(profile)
    # A site that is alone with its profile needs no protection from others.
    state.set_reserve(profile.key, max(1, most // 5) if _shared(profile) else 0)
    try:
        _fill(profile, "fresh", most - state.ready_depth(profile.key, "fresh"))
    except NotEnoughPhotos:
        if not made:
            _repeat(profile, most)
    return made > 0


def _shared(profile: Profile) -> bool:
    return sum(site.profile == profile for site in Site.objects.serving()) > 1


def _fill(profile: Profile, queue: state.Queue, number: int) -> None:
    for _ in range(number):
        state.push_ready(profile.key, queue, [compose.compose(profile, queue)])


def _repeat(profile: Profile, most: int) -> None:
    """Fill up with pictures that were shown often enough, and raise the alarm."""
    try:
        _fill(profile, "worn", most - ready(profile))
    except NotEnoughPhotos as error:
        if state.raise_alarm(f"{NO_CHALLENGE}:{profile.key}", 60):
            logger.warning("No challenge can be composed for %s sites. %s", profile.audience, error)
        return
    if state.raise_alarm(f"{WORN_OUT}:{profile.key}"):
        logger.warning(
            "Fresh pictures ran out for %s sites: pictures are shown again. Add photos or workers.",
            profile.audience,
        )


def _drop_stale(profile: Profile) -> None:
    """Take out challenges that are old, made of another pool, or whose photos have changed."""
    pool = compose.pool_name(Photo.objects.rights_for(profile.audience))
    oldest = time.time() - KEEPS
    queues: tuple[state.Queue, ...] = ("fresh", "worn")
    for queue in queues:
        drafts = state.ready_drafts(profile.key, queue)
        still_right = compose.still_right(drafts)
        stale = [
            draft
            for draft in drafts
            if draft.pool != pool or draft.made_at < oldest or draft.id not in still_right
        ]
        if stale:
            state.drop_ready(profile.key, queue, stale)
            for draft in stale:
                compose.release(draft)
