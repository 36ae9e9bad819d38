"""What the workers tell of themselves, and how much waits for them. For people to look at."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass
from typing import Final, cast

from django.conf import settings

from challenges.state import client, key

# So many failures are kept.
FAILURES: Final = 50
# A worker that was silent for so long is not there any more, in seconds.
SILENT: Final = 60
# Passwords in addresses, as some errors quote them.
PASSWORD: Final = re.compile(r"(?<=://)[^@/\s]+(?=@)")
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker: its name, and seconds since it was heard."""

    name: str
    silent: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that failed: `at` in seconds since the epoch, what was raised and its first line."""

    at: float
    task: str
    error: str
    message: str


def note_worker(name: str) -> None:
    """Note that this worker is alive."""
    client().hset(key("workers"), name[:LONGEST], str(time.time()))


def forget_worker(name: str) -> None:
    """Note that this worker stopped as it should."""
    client().hdel(key("workers"), name[:LONGEST])


def workers() -> list[Worker]:
    """Return the workers that were heard within a day, by name."""
    now = time.time()
    heard = cast("dict[str, str]", client().hgetall(key("workers")))
    gone = [name for name, at in heard.items() if now - float(at) > 86_400]
    if gone:
        client().hdel(key("workers"), *gone)
    return [Worker(name, now - float(heard[name])) for name in sorted(set(heard) - set(gone))]


def note_failure(task: str, error: BaseException) -> None:
    """Keep the name of a task that failed and its error's first line, without passwords."""
    first = next(iter(str(error).splitlines()), "")
    failure = Failure(
        at=time.time(),
        task=task[:LONGEST],
        error=type(error).__name__,
        message=PASSWORD.sub("...", first)[:LONGEST],
    )
    pipe = client().pipeline()
    pipe.lpush(key("failures"), json.dumps(asdict(failure)))
    pipe.ltrim(key("failures"), 0, FAILURES - 1)
    pipe.execute()


def failures(number: int = FAILURES) -> list[Failure]:
    """Return the last failures, latest first."""
    entries = cast("list[str]", client().lrange(key("failures"), 0, number - 1))
    return [Failure(**json.loads(entry)) for entry in entries]


def queue_lengths() -> dict[str, int]:
    """Return how many tasks wait in each of Celery's queues."""
    prefix = str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"])
    routes = settings.CELERY_TASK_ROUTES.values()
    names = [settings.CELERY_TASK_DEFAULT_QUEUE, *(route["queue"] for route in routes)]
    queues = sorted(set(names))
    pipe = client().pipeline()
    for queue in queues:
        pipe.llen(prefix + queue)
    return dict(zip(queues, pipe.execute(), strict=True))
