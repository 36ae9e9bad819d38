"""The ready queues: composed challenges that wait to be handed out, and what a network saw."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, Literal, cast

from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import AllPicturesSeen, NoChallengeReady, TooManyRequests
from challenges.selection import CHALLENGE_SECONDS, Profile
from challenges.state.base import client, key, run

# A photo does not come back to the same address prefix within this time, in seconds.
AWAY: Final = 3600
# How many ready challenges are looked at to find one that the visitor has not seen.
LOOK_AT: Final = 100

Queue = Literal["fresh", "worn"]


def _ready(profile: str, queue: Queue) -> str:
    return f"ready:{profile}:{queue}"


def push_ready(profile: str, queue: Queue, drafts: list[Draft]) -> None:
    """Add drafts to the end of a ready queue."""
    if drafts:
        pipe = client().pipeline()
        pipe.rpush(key(_ready(profile, queue)), *[draft.to_json() for draft in drafts])
        pipe.sadd(key("profiles"), profile)
        pipe.execute()


def put_back(profile: str, draft: Draft) -> None:
    """Return a draft that nobody looked at to the front of its queue."""
    queue: Queue = "worn" if draft.risk > 1 else "fresh"
    pipe = client().pipeline()
    pipe.lpush(key(_ready(profile, queue)), draft.to_json())
    pipe.sadd(key("profiles"), profile)
    pipe.execute()


def known_profiles() -> set[str]:
    """Return the keys of all profiles of which challenges may be waiting."""
    return cast("set[str]", client().smembers(key("profiles")))


def forget_profile(profile: str) -> None:
    """Forget a profile whose queues are empty; who puts a challenge back makes it known again."""
    pipe = client().pipeline()
    pipe.srem(key("profiles"), profile)
    pipe.delete(key(f"reserve:{profile}"))
    pipe.execute()


def ready_depth(profile: str, queue: Queue) -> int:
    """Return how many challenges wait in the queue."""
    return client().llen(key(_ready(profile, queue)))


def set_reserve(profile: str, number: int) -> None:
    """Keep the last so many challenges of this profile for sites that took little."""
    client().set(key(f"reserve:{profile}"), number)


def ready_drafts(profile: str, queue: Queue) -> list[Draft]:
    """Return all the drafts that wait in the queue, first one first."""
    entries = cast("list[str]", client().lrange(key(_ready(profile, queue)), 0, -1))
    return [Draft.from_json(entry) for entry in entries]


def drop_ready(profile: str, queue: Queue, drafts: list[Draft]) -> list[Draft]:
    """Take these drafts out of the queue; return those that no visitor was faster to take."""
    pipe = client().pipeline()
    for draft in drafts:
        pipe.lrem(key(_ready(profile, queue)), 1, draft.to_json())
    removed = cast("list[int]", pipe.execute())
    return [draft for draft, number in zip(drafts, removed, strict=True) if number]


def take_ready(
    profile: str,
    queues: Sequence[Queue],
    *,
    prefixes: tuple[str, str],
    site: int,
    held: int = CHALLENGE_SECONDS,
) -> Draft:
    """Take the first ready draft of which these prefixes (today's, yesterday's) saw no photo.

    The last few of a queue (see set_reserve) are kept for sites that took little of late, so that
    a flood on one site does not starve another. The photos stay away from the prefix until the
    challenge ends, for `held` seconds; mark_seen makes it an hour.

    Raises NoChallengeReady, AllPicturesSeen or TooManyRequests.
    """
    now = time.time()
    keys = [f"seen:{prefix}" for prefix in prefixes]
    minute = int(now // 60)
    keys += [f"issued:{site}:{minute}", f"issued:{site}:{minute - 1}", f"reserve:{profile}"]
    keys += [_ready(profile, queue) for queue in queues]
    answer = run("take_ready", keys, [now, held, LOOK_AT, Profile.parse(profile).total])
    match answer[0]:
        case "taken":
            return Draft.from_json(answer[1])
        case "seen":
            minutes = max(1, round(float(answer[1]) / 60 + 0.5))
            raise AllPicturesSeen(
                "All our pictures have been shown on your network in the last hour. "
                f"Please try again in {minutes} minutes.",
                retry_after=float(answer[1]),
            )
        case "busy":
            raise TooManyRequests(
                "This site asks for very many challenges right now. Please wait 10 seconds.",
                retry_after=10,
            )
    raise NoChallengeReady(retry_after=5)


def mark_seen(challenge: OpenChallenge) -> None:
    """Keep the photos of a challenge that was looked at away from its prefix for an hour."""
    _keep_away(challenge.prefix, challenge.draft, AWAY)


def hold(prefix: str, draft: Draft, seconds: int = CHALLENGE_SECONDS) -> None:
    """Keep the photos of a challenge that is handed out away from its prefix until it ends."""
    _keep_away(prefix, draft, seconds)


def _keep_away(prefix: str, draft: Draft, seconds: float) -> None:
    seen = key(f"seen:{prefix}")
    pipe = client().pipeline()
    # Whatever keeps them away for longer goes on doing so.
    pipe.zadd(seen, dict.fromkeys(draft.groups, time.time() + seconds), gt=True)
    pipe.expire(seen, AWAY)
    pipe.execute()


def seen_groups(prefixes: tuple[str, str]) -> list[str]:
    """Return the groups of photos that stay away from these prefixes (today's, yesterday's)."""
    now = time.time()
    return [
        group
        for prefix in prefixes
        for group in cast("list[str]", client().zrangebyscore(key(f"seen:{prefix}"), now, "+inf"))
    ]
