"""A private PostgreSQL and a private Redis, for `make run` and for the tests.

They listen on Unix sockets only, in folders that nobody else can enter, and live in one `var`
folder. Nothing here imports Django or reads settings: tests start servers before Django is
configured, and the settings ask here for the addresses.
"""

from __future__ import annotations

from captcha_site.embedded.errors import ServerError
from captcha_site.embedded.lock import RunLock
from captcha_site.embedded.places import database_url, redis_url
from captcha_site.embedded.postgres import PostgresServer
from captcha_site.embedded.process import Child, reap
from captcha_site.embedded.redis_server import RedisServer
from captcha_site.embedded.servers import Servers

__all__ = [
    "Child",
    "PostgresServer",
    "RedisServer",
    "RunLock",
    "ServerError",
    "Servers",
    "database_url",
    "reap",
    "redis_url",
]
