"""The only module that talks to Redis. All that lies here may be lost at any time.

Every step that two requests could take at once is one Lua script, so it is atomic.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, cast

import redis
from django.conf import settings
from redis.commands.core import Script

from challenges.budgets import Budget
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import (
    AllPicturesSeen,
    AlreadyAnswered,
    AlreadyExtended,
    ChallengeExpired,
    NoChallengeReady,
    TooManyRequests,
    UnknownChallenge,
)
from challenges.selection import CHALLENGE_SECONDS, Profile

# Every key of the service that is on the air begins with this.
PREFIX: Final = "pawcha:"
# A photo does not come back to the same address prefix within this time, in seconds.
AWAY: Final = 3600
# How many ready challenges are looked at to find one that the visitor has not seen.
LOOK_AT: Final = 100
# An open challenge is kept this long after its end, so that the sweeper can file it.
GRACE: Final = 600
SCRIPTS: Final = Path(__file__).parent.parent / "redis_scripts"

_prefix = PREFIX

Unreachable = redis.RedisError
Queue = Literal["fresh", "worn"]


@functools.cache
def client() -> redis.Redis:
    """Return this process's connection pool."""
    return redis.Redis.from_url(
        settings.REDIS_URL, decode_responses=True, socket_timeout=3, socket_connect_timeout=3
    )


def key(name: str) -> str:
    """Return the whole key of this name."""
    return _prefix + name


@contextmanager
def apart(prefix: str) -> Iterator[None]:
    """Give all of this process keys of its own, and empty them before and after.

    For a simulation: the service on the same Redis sees nothing of it.
    """
    global _prefix
    _empty(prefix)
    _prefix = prefix
    try:
        yield
    finally:
        _prefix = PREFIX
        _empty(prefix)


def _empty(prefix: str) -> None:
    if prefix.startswith(PREFIX):
        raise ValueError(f"{prefix!r} is the service's own.")
    for name in client().scan_iter(match=f"{prefix}*", count=1000):
        client().delete(name)


@functools.cache
def _script(name: str) -> Script:
    return client().register_script((SCRIPTS / f"{name}.lua").read_text())


def _run(name: str, keys: Sequence[str], args: Sequence[str | float]) -> list[str]:
    return cast("list[str]", _script(name)(keys=[key(name) for name in keys], args=list(args)))


# Budgets


def spend(budgets: dict[str, Budget]) -> None:
    """Take one try from each named bucket, or from none of them.

    Raises TooManyRequests with the wait in seconds.
    """
    args: list[str | float] = [time.time()]
    for budget in budgets.values():
        args += [budget.burst, budget.per_second]
    empty, wait = _run("spend", [f"bucket:{name}" for name in budgets], args)
    if int(empty):
        seconds = max(1, round(float(wait) + 0.5))
        raise TooManyRequests(
            f"Too many tries from here. Please wait {seconds} seconds.", retry_after=float(wait)
        )


# The ready queues: composed challenges that wait to be handed out


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
    answer = _run("take_ready", keys, [now, held, LOOK_AT, Profile.parse(profile).total])
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


# Open challenges


def _challenge(challenge_id: str) -> str:
    return f"challenge:{challenge_id}"


def open_challenge(challenge: OpenChallenge) -> None:
    """Remember a challenge that is being handed out."""
    name = key(_challenge(challenge.id))
    pipe = client().pipeline()
    pipe.hset(
        name,
        mapping={
            "data": challenge.to_json(),
            "state": "open",
            "expires": challenge.expires_at,
        },
    )
    # From now, not until then: a simulation lives on another day than Redis.
    pipe.expire(name, max(1, int(challenge.expires_at - time.time())) + GRACE)
    pipe.zadd(key("open"), {challenge.id: challenge.expires_at})
    pipe.execute()


def _change(
    step: Literal["fetch", "extend", "close", "expire"], challenge_id: str, *more: int
) -> tuple[OpenChallenge, bool]:
    keys = [_challenge(challenge_id), "open"]
    answer = _run("change", keys, [step, time.time(), challenge_id, *more])
    match answer[0]:
        case "unknown":
            raise UnknownChallenge
        case "closed":
            raise AlreadyAnswered
        case "expired":
            raise ChallengeExpired
        case "extended":
            raise AlreadyExtended
    return _read(answer[1], answer[2]), bool(int(answer[3]))


def _read(data: str, expires: str) -> OpenChallenge:
    """Return a challenge as it was handed out, with the end that it has by now."""
    return replace(OpenChallenge.from_json(data), expires_at=float(expires))


def fetch(challenge_id: str) -> tuple[OpenChallenge, bool]:
    """Return the open challenge, and whether its pictures are asked for the first time.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    return _change("fetch", challenge_id)


def extend(challenge_id: str, seconds: int) -> OpenChallenge:
    """Give an open challenge more time, once, and return it.

    Raises UnknownChallenge (also before its pictures were fetched), AlreadyAnswered,
    ChallengeExpired or AlreadyExtended.
    """
    return _change("extend", challenge_id, seconds, GRACE)[0]


def peek(challenge_id: str) -> OpenChallenge:
    """Return a challenge as it is, open or not, without a change.

    Raises UnknownChallenge.
    """
    return _look(challenge_id)[0]


def peek_fetched(challenge_id: str) -> OpenChallenge:
    """Return a challenge as `peek` does, if its pictures were fetched.

    Raises UnknownChallenge.
    """
    challenge, fetched = _look(challenge_id)
    if not fetched:
        raise UnknownChallenge
    return challenge


def _look(challenge_id: str) -> tuple[OpenChallenge, bool]:
    row = client().hmget(key(_challenge(challenge_id)), "data", "expires", "fetched")
    data, expires, fetched = cast("list[str | None]", row)
    if data is None or expires is None:
        raise UnknownChallenge
    return _read(data, expires), fetched is not None


def note_report(challenge_id: str, picture: int) -> int:
    """Note which picture of a challenge is reported; return the one that was noted first."""
    return int(_run("note_report", [_challenge(challenge_id)], [picture])[0])


def forget_report(challenge_id: str) -> None:
    """Forget the report, since it could not be recorded."""
    client().hdel(key(_challenge(challenge_id)), "reported")


def reopen(challenge: OpenChallenge) -> None:
    """Take the close back, since the answer could not be recorded."""
    pipe = client().pipeline()
    pipe.hset(key(_challenge(challenge.id)), "state", "open")
    pipe.zadd(key("open"), {challenge.id: challenge.expires_at})
    pipe.execute()


def close(challenge_id: str) -> OpenChallenge:
    """Close the challenge for good and return it: of many callers, one gets it.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    return _change("close", challenge_id)[0]


@dataclass(frozen=True, slots=True)
class Overdue:
    """A challenge that nobody answered in time."""

    challenge: OpenChallenge
    fetched: bool


def overdue(limit: int) -> list[Overdue]:
    """Return challenges that ran out and were not filed yet, at most `limit`."""
    late = client().zrangebyscore(key("open"), "-inf", time.time(), start=0, num=limit)
    found = []
    for challenge_id in cast("list[str]", late):
        try:
            challenge, fetched = _look(challenge_id)
        except UnknownChallenge:
            client().zrem(key("open"), challenge_id)
        else:
            found.append(Overdue(challenge, fetched=fetched))
    return found


def expire(challenge_id: str) -> bool:
    """Close a challenge that ran out; return whether nobody did so before."""
    try:
        _change("expire", challenge_id)
    except (UnknownChallenge, AlreadyAnswered, ChallengeExpired):
        client().zrem(key("open"), challenge_id)
        return False
    return True


# Redeemed tokens: only to refuse fast. PostgreSQL decides.


def remember_spent(site: int, digest: str, seconds: int) -> None:
    """Remember that the site redeemed the token with this digest."""
    client().set(key(f"spent:{site}:{digest}"), "1", ex=seconds)


def is_spent(site: int, digest: str) -> bool:
    """Return whether the site is known to have redeemed the token. False means nothing."""
    return bool(client().exists(key(f"spent:{site}:{digest}")))


# Small notes


def leave_note(name: str, text: str, seconds: float) -> None:
    """Leave a text for the other processes, for some seconds."""
    client().set(key(f"note:{name}"), text, px=int(seconds * 1000))


def take_note(name: str) -> str | None:
    """Return the text that some process left, if it still stands."""
    return cast("str | None", client().get(key(f"note:{name}")))


def forget_note(name: str) -> None:
    """Remove the text."""
    client().delete(key(f"note:{name}"))


def raise_alarm(name: str, seconds: int = 3600) -> bool:
    """Note that something needs an operator; return whether that is news."""
    pipe = client().pipeline()
    pipe.set(key(f"alarm:{name}"), int(time.time()), ex=seconds, nx=True)
    pipe.sadd(key("alarms"), name)
    return bool(pipe.execute()[0])


def alarm_since(name: str) -> float | None:
    """Return when the alarm was raised, in seconds since the epoch, if it stands."""
    since = client().get(key(f"alarm:{name}"))
    return None if since is None else float(cast("str", since))


def alarms() -> dict[str, float]:
    """Return the alarms that stand, and when each was raised, in seconds since the epoch."""
    names = sorted(cast("set[str]", client().smembers(key("alarms"))))
    since = {name: alarm_since(name) for name in names}
    over = [name for name, raised in since.items() if raised is None]
    if over:
        client().srem(key("alarms"), *over)
    return {name: raised for name, raised in since.items() if raised is not None}


@contextmanager
def only_one(name: str, seconds: int) -> Iterator[bool]:
    """Give True to one caller at a time, False to the others.

    It only saves double work; what must not happen twice is guarded where it happens.
    """
    lock = client().lock(key(f"lock:{name}"), timeout=seconds, blocking=False)
    held = bool(lock.acquire())
    try:
        yield held
    finally:
        if held:
            with suppress(redis.exceptions.LockError):
                lock.release()
