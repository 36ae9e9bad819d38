"""Refusals, counted by the hour until they are taken over into PostgreSQL."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Final, cast

from challenges.state import client, key

# Counts wait this long for a worker to take them over, in seconds.
KEEPS: Final = 2 * 86_400
HOUR: Final = 3600
# The field that names a portion of counts; no other field is without a bar.
NAME: Final = "portion"


@dataclass(frozen=True, slots=True)
class Portion:
    """Counts of one hour that are being taken over: (site, door, code) -> how often.

    `name` tells it from every other portion, so that one is not taken over twice.
    """

    hour: int
    name: str
    counts: dict[tuple[int, str, str], int]


def note(site: int, door: str, code: str) -> None:
    """Count one refusal. `code` is one of ours, never what a client wrote."""
    counts = key(f"refused:{int(time.time() // HOUR)}")
    pipe = client().pipeline()
    pipe.hincrby(counts, f"{site}|{door}|{code}", 1)
    pipe.expire(counts, KEEPS)
    pipe.execute()


def portions() -> list[Portion]:
    """Return what was counted so far, set apart from what is counted from now on.

    A portion stays until `done` is called with it, so the same one may come again.
    """
    hours = {int(name.rpartition(":")[2]) for name in _names()}
    found = [_set_apart(hour) for hour in sorted(hours)]
    return [portion for portion in found if portion is not None]


def _names() -> list[str]:
    """Return the keys that there may be: those of the hours for which counts are kept."""
    now = int(time.time() // HOUR)
    hours = range(now - KEEPS // HOUR - 1, now + 2)
    names = [key(f"{kind}:{hour}") for kind in ("refused", "moving") for hour in hours]
    pipe = client().pipeline()
    for name in names:
        pipe.exists(name)
    return [name for name, there in zip(names, pipe.execute(), strict=True) if there]


def _set_apart(hour: int) -> Portion | None:
    counts, moving = key(f"refused:{hour}"), key(f"moving:{hour}")
    # What somebody set apart before, and did not finish, comes first.
    if not client().exists(moving):
        if not client().exists(counts):
            return None
        client().hsetnx(counts, NAME, secrets.token_hex(16))
        client().renamenx(counts, moving)
    fields = cast("dict[str, str]", client().hgetall(moving))
    name = fields.pop(NAME, "")
    return Portion(hour, name, {_read(field): int(number) for field, number in fields.items()})


def _read(field: str) -> tuple[int, str, str]:
    site, door, code = field.split("|", 2)
    return int(site), door, code


def done(portion: Portion) -> None:
    """Forget a portion that was taken over."""
    client().delete(key(f"moving:{portion.hour}"))
