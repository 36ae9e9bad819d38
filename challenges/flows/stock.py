"""Keeping enough challenges ready, and telling how many there are."""

from __future__ import annotations

import logging
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Final

from django.conf import settings

from challenges import state
from challenges.drafts import Draft
from challenges.exceptions import NotEnoughPhotos
from challenges.flows import compose, hardness, render
from challenges.models import Photo, Site
from challenges.models.photos import Animal
from challenges.selection import PICTURES, Audience, Ease, Over, Profile

logger = logging.getLogger(__name__)

# A ready challenge older than this is made anew, in seconds; prune keeps files twice as long.
KEEPS: Final = 12 * 3600
# Few people try test keys at once.
TEST_TARGET: Final = 20
# A changed site gets the new kind of challenge when so many are ready.
ENOUGH_READY: Final = 20
# In how many waiting challenges a photo is on average: of one profile, and of all together.
APPEARANCES: Final = 2
MOST_APPEARANCES: Final = 4
# In how many waiting challenges of a profile a probe is at most: its votes should not all come
# from the same hour.
PROBE_APPEARANCES: Final = 2
# Renditions, and challenges of one profile, made before the others have their turn.
CHUNK: Final = 24
WORN_OUT: Final = "worn-out"
NO_CHALLENGE: Final = "no-challenge"
OVER_BUDGET: Final = "over-budget"
# How long it is told why a profile cannot be composed, or not to its budget, in seconds: the next
# round tells it again.
NOTE_SECONDS: Final = 60.0
QUEUES: Final[tuple[state.Queue, ...]] = ("fresh", "worn")


@dataclass(frozen=True, slots=True)
class StockStatus:
    """How full the pool and the ready queues of one audience are: the emptiest one counts.

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
        ready=min(map(ready, _served_by(audience)), default=ready(Profile(PICTURES, audience))),
        target=settings.PAWCHA["READY_TARGET"],
        missing=compose.missing(audience),
    )


def ready(profile: Profile) -> int:
    """Return how many challenges of this profile wait to be handed out."""
    return state.ready_depth(profile.key, "fresh") + state.ready_depth(profile.key, "worn")


def site_profiles() -> list[Profile]:
    """Return the profiles of the challenges that visitors of all sites get now."""
    return _sorted({site.served for site in Site.objects.stocked()})


def _served_by(audience: Audience) -> list[Profile]:
    return [profile for profile in site_profiles() if profile.audience is audience]


def profiles() -> list[Profile]:
    """Return all profiles of which challenges are kept ready.

    Those that sites are served, those that their policies ask for, and that of the test keys.
    """
    found = {one for site in Site.objects.stocked() for one in (site.served, site.profile)}
    if settings.TEST_KEYS:
        found.add(Profile(PICTURES, Audience.TESTING))
    return _sorted(found)


def _sorted(found: set[Profile]) -> list[Profile]:
    return sorted(found, key=lambda profile: profile.key)


def keep_stocked(seconds: float) -> None:
    """Make renditions and challenges until all queues are full, or for about `seconds`."""
    until = time.monotonic() + seconds
    busy = profiles()
    _empty_unused({profile.key for profile in busy})
    for profile in busy:
        _drop_stale(profile)
        _weigh(profile)
    render.watch()
    _switch()
    while busy and time.monotonic() < until:
        busy = [profile for profile in busy if _progress(profile)]
        _switch()


def capacity(profile: Profile) -> int:
    """Return how many challenges may wait: a photo is in a few of them on average, not in all."""
    pool = Photo.objects.shown_to(profile.audience).filter(rendition__isnull=False)
    if profile.budgets:
        found = hardness.reach(profile, Photo.objects.rights_for(profile.audience))
        pool = hardness.within(pool, found.ceilings)
    most = settings.PAWCHA["READY_TARGET"]
    if profile.audience is Audience.TESTING:
        most = min(most, TEST_TARGET)
    sharing = sum(other.audience is profile.audience for other in profiles())
    share = min(APPEARANCES, MOST_APPEARANCES / max(1, sharing))
    photos = pool.order_by()[: ceil(most * profile.total / share)].count()
    return max(1, min(most, int(share * photos / profile.total)))


def enough(profile: Profile) -> int:
    """Return how many challenges have to be ready before a changed site gets this profile."""
    return min(ENOUGH_READY, capacity(profile))


def profile_note(site: Site) -> str | None:
    """Return one line about why the site is not served by its policy, or None when it is.

    Because challenges of a changed policy are not stocked yet, or none meets the attack budget.
    """
    old, new = site.served, site.profile
    if old == new:
        return _budget_note(new)
    try:
        number, short = ready(new), state.take_note(f"{NO_CHALLENGE}:{new.key}")
    except state.Unreachable:
        return f"Still showing {_words(old)}: Redis cannot be asked how many of the new are ready."
    wanted = enough(new)
    if number >= wanted:
        return f"Still showing {_words(old)}: switching to {_words(new)} in a moment."
    note = (
        f"Still showing {_words(old)}: {number} of {wanted} challenges of {_words(new)} are ready."
    )
    return f"{note} {short}" if short else note


def _budget_note(profile: Profile) -> str | None:
    if not profile.budgets:
        return None
    with suppress(state.Unreachable):
        return state.take_note(f"{OVER_BUDGET}:{profile.key}") or None
    return None


def _words(profile: Profile) -> str:
    rounds = f" in each of {profile.rounds} rounds" if profile.rounds > 1 else ""
    new = " with new ones" if profile.probes else ""
    return f"{profile.count} photos{rounds}{new}{budget_words(profile)}"


def budget_words(profile: Profile) -> str:
    """Return " to a budget of 1 %" or of what it is, "" when there is none."""
    kinds = {Ease.CLEAN: "", Ease.TAUGHT: " for networks that learned from our pictures"}
    words = [f"of {budget:g} %{kinds[ease]}" for ease, budget in profile.budgets.items()]
    return f" to a budget {' and '.join(words)}" if words else ""


def _switch() -> None:
    """Give the sites whose policy has changed the new kind of challenge, where it is stocked."""
    for site in Site.objects.stocked():
        new = site.profile
        if site.served_profile != new.key and (ready(new) >= enough(new) or _is_refused(new)):
            # Unless somebody else was faster.
            unchanged = Site.objects.filter(pk=site.pk, served_profile=site.served_profile)
            unchanged.update(served_profile=new.key)


def _is_refused(profile: Profile) -> bool:
    """Return whether its owner wants no challenges rather than those that the pool can give."""
    if not profile.budgets or profile.over is not Over.REFUSE:
        return False
    return not hardness.reach(profile, Photo.objects.rights_for(profile.audience)).met


def _weigh(profile: Profile) -> None:
    """Leave a note by how much the pool misses the budget, if it does."""
    name = f"{OVER_BUDGET}:{profile.key}"
    # It looks at the whole pool: not every two seconds.
    if not profile.budgets or state.take_note(name) is not None:
        return
    rights = Photo.objects.rights_for(profile.audience)
    note = hardness.note(profile, rights)
    state.leave_note(name, note, NOTE_SECONDS)
    if note and state.raise_alarm(name):
        logger.warning("Challenges of %s: %s", _words(profile), note)


def _empty_unused(used: set[str]) -> None:
    """Empty the queues of profiles that nobody uses any more, and give their showings back."""
    for key in sorted(state.known_profiles() - used):
        for queue in QUEUES:
            _drop(key, queue, state.ready_drafts(key, queue))
        state.forget_profile(key)


def _progress(profile: Profile) -> bool:
    """Make a few renditions and the challenges they allow; return whether there is more to do."""
    rights = Photo.objects.rights_for(profile.audience)
    made = render.render_some(CHUNK, rights, probes=profile.probes)
    most = capacity(profile)
    # A site that is alone with its profile needs no protection from others.
    state.set_reserve(profile.key, max(1, most // 5) if _shared(profile) else 0)
    if render.is_behind(rights):
        # From the whole deck: else the plain ones, which are replaced at once, are dealt alone.
        return _repeat(profile, most) or made > 0
    lacking = most - state.ready_depth(profile.key, "fresh")
    try:
        _fill(profile, "fresh", min(lacking, CHUNK))
    except NotEnoughPhotos:
        return made > 0 or _repeat(profile, most)
    return made > 0 or lacking > CHUNK


def _shared(profile: Profile) -> bool:
    return sum(site.served == profile for site in Site.objects.stocked()) > 1


def _fill(profile: Profile, queue: state.Queue, number: int) -> None:
    probes = _waiting_probes(profile) if profile.probes and number > 0 else Counter()
    for _ in range(number):
        resting = frozenset(group for group, times in probes.items() if times >= PROBE_APPEARANCES)
        draft = compose.compose(profile, queue, resting=resting)
        state.push_ready(profile.key, queue, [draft])
        if draft.probe >= 0:
            probes[int(draft.groups[draft.probe])] += 1


def _waiting_probes(profile: Profile) -> Counter[int]:
    """Return in how many waiting challenges each probe is, by its near-duplicate group."""
    drafts = [draft for queue in QUEUES for draft in state.ready_drafts(profile.key, queue)]
    return Counter(int(draft.groups[draft.probe]) for draft in drafts if draft.probe >= 0)


def _repeat(profile: Profile, most: int) -> bool:
    """Fill up with pictures that were shown often enough, and raise the alarm.

    Return whether there is more to do.
    """
    lacking = most - ready(profile)
    try:
        _fill(profile, "worn", min(lacking, CHUNK))
    except NotEnoughPhotos as error:
        state.leave_note(f"{NO_CHALLENGE}:{profile.key}", str(error), NOTE_SECONDS)
        if state.raise_alarm(f"{NO_CHALLENGE}:{profile.key}", 60):
            logger.warning("No challenge can be composed for %s sites. %s", profile.audience, error)
        return False
    if state.raise_alarm(f"{WORN_OUT}:{profile.key}"):
        logger.warning(
            "Fresh pictures ran out for %s sites: pictures are shown again. Add photos or workers.",
            profile.audience,
        )
    return lacking > CHUNK


def _drop_stale(profile: Profile) -> None:
    """Take out challenges that are old, made of another pool, or whose photos have changed."""
    pool = compose.pool_name(Photo.objects.rights_for(profile.audience))
    oldest = time.time() - KEEPS
    for queue in QUEUES:
        drafts = state.ready_drafts(profile.key, queue)
        still_right = compose.still_right(drafts)
        stale = [
            draft
            for draft in drafts
            if draft.pool != pool or draft.made_at < oldest or draft.id not in still_right
        ]
        _drop(profile.key, queue, stale)


def _drop(key: str, queue: state.Queue, drafts: list[Draft]) -> None:
    """Take these challenges out of a queue; what a visitor was faster to take stays reserved."""
    if drafts:
        for draft in state.drop_ready(key, queue, drafts):
            compose.release(draft)
