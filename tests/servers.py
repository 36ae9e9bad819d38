"""A real PostgreSQL and a real Redis for a test session, started before Django is configured."""

from __future__ import annotations

import atexit
import os
from pathlib import Path
from unittest import mock

from captcha_site.embedded import Servers, postgres

HASTY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


def start(var: Path) -> Servers:
    """Start private servers in `var`, and name them in the environment for Django's settings.

    They stop when this process ends. Raises ServerError when one cannot run.
    """
    servers = Servers(var)
    with mock.patch.dict(postgres.OPTIONS, HASTY):
        servers.start()
    atexit.register(servers.stop)
    os.environ["DATABASE_URL"] = servers.database_url
    os.environ["REDIS_URL"] = servers.redis_url
    return servers
