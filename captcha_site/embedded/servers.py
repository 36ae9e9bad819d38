"""Both private servers of one `var` folder, held by one supervisor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from captcha_site.embedded.lock import RunLock
from captcha_site.embedded.places import database_url, leave_socket_folder, redis_url
from captcha_site.embedded.postgres import PostgresServer
from captcha_site.embedded.process import reap
from captcha_site.embedded.redis_server import RedisServer


class Servers:
    """A private PostgreSQL and a private Redis, started and stopped together."""

    def __init__(self, var: Path, *, say: Callable[[str], None] = lambda line: None) -> None:
        self.var = var.absolute()
        self.lock = RunLock(self.var)
        self.postgres = PostgresServer(self.var, say=say)
        self.redis = RedisServer(self.var)

    @property
    def database_url(self) -> str:
        """The address of PostgreSQL."""
        return database_url(self.var)

    @property
    def redis_url(self) -> str:
        """The address of Redis."""
        return redis_url(self.var)

    def start(self) -> None:
        """Take the lock, take down leftovers, start both and wait until they answer.

        Raises ServerError when one cannot run; nothing is left running then.
        """
        self.lock.acquire()
        try:
            reap(self.var)
            self.postgres.start()
            self.redis.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both and let go of the lock. It does no harm to call it twice."""
        self.redis.stop()
        self.postgres.stop()
        if self.lock.held:
            leave_socket_folder(self.var)
        self.lock.release()

    def __enter__(self) -> Servers:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
