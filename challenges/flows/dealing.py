"""Which challenge a visitor gets: a ready one, or one that is composed for their network."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from challenges import state
from challenges.budgets import Budget
from challenges.drafts import Draft
from challenges.exceptions import AllPicturesSeen, NotEnoughPhotos, TooManyRequests
from challenges.flows import compose
from challenges.locks import Lock, try_lock
from challenges.models import Site
from challenges.selection import MOST_ROUNDS, Profile
from challenges.state import Queue

# So many challenges may requests compose at a site, of each kind: the rest of the time the dealer
# is the worker's.
COMPOSED: Final = Budget(burst=20, per_minute=30)


def draft_for(site: Site, prefixes: tuple[str, str], more_rounds: int = 0) -> tuple[Profile, Draft]:
    """Return a ready challenge of which this network has seen no photo, or compose one.

    Composing takes rows only, no pictures, and a network comes to it only after it has seen
    something of all that was ready, or was so hot that it gets more rounds, so a request may do it.
    A longer one is composed only while nobody else deals, and only so often: hot networks are
    many in a flood, and must not hold up the worker. Otherwise they get what is ready.

    Raises AllPicturesSeen, TooManyRequests or NoChallengeReady.
    """
    usual = site.served
    longer = replace(usual, rounds=max(usual.rounds, min(MOST_ROUNDS, usual.rounds + more_rounds)))
    if longer != usual and (draft := _longer(site, longer, prefixes)):
        return longer, draft
    try:
        return usual, state.take_ready(
            usual.key,
            queues_for(site),
            prefixes=prefixes,
            site=site.pk,
            held=site.challenge_seconds,
        )
    except AllPicturesSeen:
        if _may_compose("seen", site) and (draft := _composed(site, usual, prefixes)):
            return usual, draft
        raise


def queues_for(site: Site) -> Sequence[Queue]:
    """Return the ready queues that this site is served from, best first."""
    if site.when_worn_out == Site.WhenWornOut.REPEAT:
        return ("fresh", "worn")
    return ("fresh",)


def _longer(site: Site, profile: Profile, prefixes: tuple[str, str]) -> Draft | None:
    """Compose a challenge of more rounds, unless somebody deals or too many were composed."""
    with try_lock(Lock.DEALER) as free:
        if not free or not _may_compose("hot", site):
            return None
        return _composed(site, profile, prefixes)


def _may_compose(why: str, site: Site) -> bool:
    """Take one of the challenges that requests may compose at this site now, if one is left."""
    try:
        state.spend({f"compose:{why}:{site.pk}": COMPOSED})
    except TooManyRequests:
        return False
    return True


def _composed(site: Site, profile: Profile, prefixes: tuple[str, str]) -> Draft | None:
    """Compose a challenge of photos that this network has not seen; None when there are too few."""
    without = frozenset(int(group) for group in state.seen_groups(prefixes))
    for queue in queues_for(site):
        with suppress(NotEnoughPhotos):
            draft = compose.compose(profile, queue, without)
            state.hold(prefixes[0], draft, site.challenge_seconds)
            return draft
    return None
