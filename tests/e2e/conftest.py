"""A whole Pawcha, started as `make run` starts it, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import randrange

import httpx
import pytest
import redis

from captcha_site.embedded import redis_url

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180


@dataclass
class Service:
    """A running Pawcha: its address, its folder, and what its demo site's keys are."""

    url: str
    var: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def keys(self) -> dict[str, str]:
        """The demo site's sitekey and secret."""
        keys: dict[str, str] = json.loads((self.var / "keys" / "demo.json").read_text())
        return keys

    def cats_of(self, challenge_id: str) -> list[int]:
        """Return the right answer, from inside."""
        with redis.Redis.from_url(redis_url(self.var), decode_responses=True) as client:
            data = client.hget(f"pawcha:challenge:{challenge_id}", "data")
        draft = json.loads(str(data))["draft"]
        return [place for place in range(len(draft["names"])) if draft["cats"] >> place & 1]

    def manage(self, *words: str) -> str:
        """Run a manage.py command as an operator would, and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout


def somebody() -> dict[str, str]:
    """Return headers as a proxy sends them for a visitor of some other network."""
    return {"X-Forwarded-For": f"100.{randrange(64, 128)}.{randrange(256)}.1"}


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """Start a Pawcha, wait until it is ready, and stop it at the end."""
    home = Path(tempfile.mkdtemp(prefix="pawcha-e2e-"))
    port = free_port()
    mine = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "DJANGO_SETTINGS_MODULE"}
    env = {name: value for name, value in os.environ.items() if name not in mine}
    env |= {"PAWCHA_VAR": str(home / "var"), "PAWCHA_MEDIA": str(home / "media")}
    # The tests are the listed proxy: they name the address of each of their visitors.
    env |= {"TRUSTED_PROXIES": "127.0.0.1", "PAWCHA_PREFIX_BURST": "1000"}
    env |= {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "quickstart", "--port", str(port)],
            cwd=ROOT, env=env, stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    made = Service(f"http://127.0.0.1:{port}", home / "var", env, process)
    try:
        wait_until_ready(made)
        yield made
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(home)


def wait_until_ready(service: Service) -> None:
    """Wait until the service says that it is ready, and is."""
    said = service.var.parent / "said"
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and service.process.poll() is None:
        if "Pawcha is ready" in said.read_text(errors="replace"):
            assert httpx.get(f"{service.url}/readyz", timeout=10).status_code == 200
            return
        time.sleep(0.5)
    pytest.fail(f"Pawcha did not become ready. It said:\n{said.read_text(errors='replace')}")
