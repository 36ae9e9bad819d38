"""Taking renditions out of the challenges that wait, and of those that are open."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from typing import Final, cast

from redis.commands.core import Script

from challenges.drafts import Draft, OpenChallenge
from challenges.state import PREFIX, SCRIPTS, client

# Open challenges that are looked at by one command.
PORTION: Final = 500


@functools.cache
def _script() -> Script:
    return client().register_script((SCRIPTS / "withdraw.lua").read_text())


def drop_ready(renditions: set[int]) -> list[Draft]:
    """Take the ready challenges with one of these renditions out of all queues; return them.

    Each draft is returned to one caller only: what a visitor was faster with is not among them.
    """
    return [
        draft
        for key in client().scan_iter(match=f"{PREFIX}ready:*", count=1000)
        for draft in _drop(str(key), renditions)
    ]


def _drop(key: str, renditions: set[int]) -> list[Draft]:
    entries = cast("list[str]", client().lrange(key, 0, -1))
    drafts = [(entry, Draft.from_json(entry)) for entry in entries]
    hit = [(entry, draft) for entry, draft in drafts if renditions.intersection(draft.renditions)]
    pipe = client().pipeline(transaction=False)
    for entry, _ in hit:
        pipe.lrem(key, 1, entry)
    taken = cast("list[int]", pipe.execute())
    return [draft for (_, draft), number in zip(hit, taken, strict=True) if number]


def close_open(renditions: set[int]) -> list[Draft]:
    """Close the open challenges with one of these renditions, each by one atomic step.

    Whoever answers one of them later is told that its time is up. They are left to the sweeper as
    overdue, so that it files each of them, once. Return the drafts of those whose pictures nobody
    has fetched: their other pictures were not shown.
    """
    unseen = []
    for challenge in _open():
        if renditions.intersection(challenge.draft.renditions):
            keys = [f"{PREFIX}challenge:{challenge.id}", f"{PREFIX}open"]
            if _script()(keys=keys, args=[time.time(), challenge.id]) == 0:
                unseen.append(challenge.draft)
    return unseen


def _open() -> Iterator[OpenChallenge]:
    """Yield the challenges that nobody has answered, as far as Redis still knows them."""
    ids = cast("list[str]", client().zrange(f"{PREFIX}open", 0, -1))
    for first in range(0, len(ids), PORTION):
        pipe = client().pipeline(transaction=False)
        for challenge_id in ids[first : first + PORTION]:
            pipe.hget(f"{PREFIX}challenge:{challenge_id}", "data")
        for data in cast("list[str | None]", pipe.execute()):
            if data is not None:
                yield OpenChallenge.from_json(data)
