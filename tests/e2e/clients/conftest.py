"""Host sites on other ports, each with an unmodified client of another CAPTCHA."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.e2e.clients import tls
from tests.e2e.conftest import ROOT, Service, free_port

PATIENCE = 30


@contextmanager
def running(module: str, service: Service, pawcha: str, log: Path, **more: str) -> Iterator[str]:
    """Run a host site whose client is told that Pawcha is at `pawcha`; yield its address."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    env |= {"HOST_PAWCHA_URL": pawcha, **more}
    env |= {f"HOST_{name.upper()}": value for name, value in service.keys.items()}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.e2e.clients.{module}", str(port)],
            cwd=ROOT, env=env, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        # By another name than Pawcha's, as on the internet.
        url = f"http://localhost:{port}"
        _wait(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.TransportError):
            httpx.get(url, timeout=5, trust_env=False).raise_for_status()
            return
        time.sleep(0.05)
    pytest.fail(f"The host site did not start. It said:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def hcaptcha_host(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a site with django-hCaptcha."""
    log = tmp_path_factory.mktemp("host") / "log"
    with running("host_hcaptcha", service, service.url, log) as url:
        yield url


@pytest.fixture(scope="session")
def turnstile_host(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a site with django-turnstile."""
    log = tmp_path_factory.mktemp("host") / "log"
    with running("host_turnstile", service, service.url, log) as url:
        yield url


@pytest.fixture(scope="session")
def recaptcha_host(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a site with django-recaptcha, and TLS in front of Pawcha."""
    folder = tmp_path_factory.mktemp("host")
    plain = service.url.removeprefix("http://")
    with (
        tls.in_front_of(plain, folder) as (place, authority),
        running(
            "host_recaptcha", service, f"https://{place}", folder / "log",
            SSL_CERT_FILE=str(authority),
        ) as url,
    ):  # fmt: skip
        yield url
