"""The connection to Redis, the names of keys, and how scripts are run."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import redis
from django.conf import settings
from redis.commands.core import Script

# Every key of the service that is on the air begins with this.
PREFIX: Final = "pawcha:"
SCRIPTS: Final = Path(__file__).parent.parent / "redis_scripts"

_prefix = PREFIX

Unreachable = redis.RedisError


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


def reconnect() -> None:
    """Let go of the connection, so that the next step makes one to where the settings say."""
    client.cache_clear()
    _script.cache_clear()


def run(name: str, keys: Sequence[str], args: Sequence[str | float]) -> list[str]:
    """Run the script of this name with these keys, by their short names, and return its answer."""
    return cast("list[str]", _script(name)(keys=[key(name) for name in keys], args=list(args)))
