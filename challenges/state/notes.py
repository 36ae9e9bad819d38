"""Small things that one process leaves for the others: notes, alarms, tickets, spent tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, cast

import redis

from challenges.state.base import client, key

# A ticket is longer than nobody's guess, and shorter than this.
LONGEST_TICKET: Final = 200

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


# Tickets of attacks on ourselves


def leave_ticket(ticket: str, *, limits: bool, seconds: float) -> None:
    """Let whoever shows this ticket attack us for some seconds: with our limits, or without."""
    leave_note(f"ticket:{ticket}", "on" if limits else "off", seconds)


def ticket(ticket: str) -> bool | None:
    """Return whether the limits hold for whoever shows this ticket; None when it is not known."""
    if not ticket or len(ticket) > LONGEST_TICKET:
        return None
    limits = take_note(f"ticket:{ticket}")
    return None if limits is None else limits == "on"


# Alarms and locks


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
