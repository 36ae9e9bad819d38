"""The private Redis. It keeps only what may be forgotten."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis

from captcha_site.embedded import places
from captcha_site.embedded.binaries import redis_program
from captcha_site.embedded.errors import FULL_DISK_WORDS, ServerError, from_os, full_disk, last_line
from captcha_site.embedded.process import Child, wait_until

READY_SECONDS = 60
STOP_SECONDS = 10
UNREADABLE_WORDS = ("RDB format", "RDB file", "Short read", "Wrong signature", "loading the DB")


class RedisServer:
    """A Redis of our own in var/redis, on a socket that only we can reach."""

    def __init__(self, var: Path, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.var = var
        self.pause = pause
        self.data = var / "redis"
        self.socket = places.redis_socket(var)
        self.child = Child("redis", var, stop_signal=signal.SIGTERM)

    @property
    def url(self) -> str:
        """The address for clients."""
        return places.redis_url(self.var)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises ServerError when it cannot run.
        """
        program = redis_program()
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            places.claim_socket_folder(self.var)
            places.claim(self.socket.parent)
            self.socket.unlink(missing_ok=True)
        except OSError as error:
            raise from_os(error, Path(str(error.filename or self.data))) from error
        self.child.start(
            [str(program), *self._options()], cwd=self.data, env={**os.environ, "LC_ALL": "C"}
        )
        try:
            wait_until("Redis", self.child, self._answers, seconds=READY_SECONDS, pause=self.pause)
        except ServerError as error:
            told = self.child.said()
            self.child.stop(wait=STOP_SECONDS)
            raise self._explained(told) from error
        except BaseException:
            self.child.stop(wait=STOP_SECONDS)
            raise

    def stop(self) -> None:
        """Stop it. It saves a snapshot first."""
        self.child.stop(wait=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a crash would: it comes back with its last snapshot."""
        self.child.kill()

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "no",
            # A snapshot that fails must not stop the service: nothing in it needs to last.
            "stop-writes-on-bgsave-error": "no",
        }
        # Redis 6.2 takes "60 1" as two words only, and silently saves nothing otherwise.
        values = {name: [value] for name, value in options.items()} | {"save": ["60", "1"]}
        return [word for name, rest in values.items() for word in (f"--{name}", *rest)]

    def _answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _explained(self, told: str) -> ServerError:
        if any(words in told for words in FULL_DISK_WORDS):
            return full_disk(self.var)
        if any(words in told for words in UNREADABLE_WORDS):
            snapshot = self.data / "dump.rdb"
            return ServerError(
                f"Redis cannot read its snapshot {snapshot}. It holds only what may be forgotten: "
                f"delete it (rm {snapshot}) and start again."
            )
        return ServerError(f"Redis did not start: {last_line(told)}. More is in {self.child.log}.")
