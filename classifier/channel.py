"""A visitor's photo on its way to a worker, and the answer on its way back. Nothing is stored.

This is the only module of classifier that talks to Redis. A stored key is no place for a photo:
Redis may write its keys to the disk at any time (`captcha_site.embedded` has it save a snapshot
every minute and at each stop, and an operator's Redis may keep a log of all writes). Published
messages are no keys. Redis hands them to whoever listens at that moment, keeps no copy, and puts
them in no snapshot and in no append-only file. So:

1. The web process keeps the photo in its own memory, listens, and sends a ticket to the queue.
2. A worker that comes to the ticket listens, and says that it is ready. When nobody hears that,
   the visitor has gone, or was told that it took too long: the work is dropped.
3. The web process publishes the photo, the worker publishes the answer, and both forget.

The channels' names hold a random ticket that only these two know. What it costs: Redis passes up
to 20 MB on in one go, which must stay below its `client-output-buffer-limit pubsub` (32 MB unless
somebody changed it), and a photo is lost with the process that holds it; the visitor sends it
again. All that is left as keys are tickets and a word about the workers, for some seconds.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Literal, cast

import redis
from django.conf import settings
from redis.client import PubSub
from redis.commands.core import Script

PREFIX: Final = "pawcha:classify:"
SCRIPTS: Final = Path(__file__).parent / "redis_scripts"
# Nothing of a photo outlives this, in seconds: a place that a dead process held is free by then.
LIFETIME: Final = 30
# A worker says this often enough that it is awake (see classifier.workers).
AWAKE_SECONDS: Final = 15
# A large photo over a slow line takes its time, in seconds.
SOCKET_SECONDS: Final = 10

Unreachable = redis.RedisError
State = Literal["ready", "untrained", "asleep"]


@functools.cache
def _client() -> redis.Redis:
    """Return this process's connection pool. Photos are no text, so it gives bytes."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=3
    )


@functools.cache
def _take_place() -> Script:
    return _client().register_script((SCRIPTS / "take_place.lua").read_text())


# Places in the queue


def take_place(ticket: str, depth: int) -> bool:
    """Take one of `depth` places for this ticket. False means that all are taken."""
    now = time.time()
    taken = _take_place()(keys=[PREFIX + "places"], args=[now, now + LIFETIME, depth, ticket])
    return bool(taken)


def leave_place(ticket: str) -> None:
    """Give the place back."""
    _client().zrem(PREFIX + "places", ticket)


# Whether anybody is there to look


def say_state(state: State) -> None:
    """Let the web processes know for some seconds how it stands with this worker's network.

    A worker that can look outdoes those that cannot.
    """
    _client().set(PREFIX + "worker", state, ex=AWAKE_SECONDS, nx=state != "ready")


def state() -> State:
    """Return the best that a worker said lately."""
    said = cast("bytes | None", _client().get(PREFIX + "worker"))
    return cast("State", said.decode()) if said else "asleep"


# The line between the two


class Line:
    """One end of the line between a visitor's web process and a worker."""

    def __init__(self, pubsub: PubSub, towards: str) -> None:
        self._pubsub = pubsub
        self._towards = towards

    def say(self, message: bytes) -> bool:
        """Send a message to the other end. False means that nobody is there any more."""
        return bool(_client().publish(self._towards, message))

    def hear(self, until: float) -> bytes | None:
        """Return the next message of the other end, or None when there is none by then.

        `until` is a time of time.monotonic().
        """
        while (left := until - time.monotonic()) > 0:
            message = self._pubsub.get_message(timeout=left)
            if message and message["type"] == "message":
                return cast("bytes", message["data"])
        return None


def visitor_end(ticket: str) -> AbstractContextManager[Line]:
    """Open the web process's end."""
    return _line(listen=f"{ticket}:answer", towards=f"{ticket}:photo")


def worker_end(ticket: str) -> AbstractContextManager[Line]:
    """Open the worker's end."""
    return _line(listen=f"{ticket}:photo", towards=f"{ticket}:answer")


@contextmanager
def _line(*, listen: str, towards: str) -> Iterator[Line]:
    with _client().pubsub() as pubsub:  # type: ignore[no-untyped-call]
        pubsub.subscribe(PREFIX + listen)
        # Only when Redis has said so do we listen: what was published before is gone for good.
        if pubsub.get_message(timeout=SOCKET_SECONDS) is None:
            raise redis.TimeoutError("Redis did not confirm that we listen.")
        yield Line(pubsub, PREFIX + towards)
