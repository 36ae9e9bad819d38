"""Redis may be lost at any time: a token is still redeemed once."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from captcha_site.embedded import RedisServer, redis_url
from challenges import state
from challenges.flows import stock
from challenges.flows.sites import NewSite
from challenges.models import Photo
from tests.conftest import Visitor


@pytest.fixture
def own_redis(settings: Any) -> Iterator[RedisServer]:
    """Use a Redis of this test's own, that it may kill."""
    home = Path(tempfile.mkdtemp(prefix="pawcha-redis-"))
    server = RedisServer(home)
    server.start()
    settings.REDIS_URL = redis_url(home)
    state.reconnect()
    yield server
    state.reconnect()
    server.stop()
    shutil.rmtree(home)


def kill(server: RedisServer) -> None:
    """Kill Redis as a power cut would."""
    pid = server.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=5)


def test_a_token_is_redeemed_once_when_redis_comes_back_from_an_old_snapshot(
    own_redis: RedisServer, site_owner: NewSite, pool: list[Photo], visitor: Visitor
) -> None:
    stock.keep_stocked(5)
    token = visitor.solve(site_owner.site.sitekey)
    state.client().save()
    assert visitor.verify(site_owner.secret, token).json()["success"] is True

    kill(own_redis)
    own_redis.stop()
    own_redis.start()
    assert not state.client().keys("pawcha:spent:*")
    again = visitor.verify(site_owner.secret, token).json()
    assert again == {"success": False, "error-codes": ["already-seen-response"]}


def test_while_redis_is_away_it_refuses_and_afterwards_it_serves_again(
    own_redis: RedisServer, site_owner: NewSite, pool: list[Photo], visitor: Visitor
) -> None:
    stock.keep_stocked(5)
    state.client().save()
    token = visitor.solve(site_owner.site.sitekey)
    kill(own_redis)
    refused = visitor.ask(site_owner.site.sitekey)
    assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
    assert int(refused["Retry-After"]) > 0
    assert visitor.verify(site_owner.secret, token).json()["success"] is True

    own_redis.stop()
    own_redis.start()
    stock.keep_stocked(5)
    neighbour = Visitor("192.0.2.44")
    assert neighbour.ask(site_owner.site.sitekey).status_code == 201
