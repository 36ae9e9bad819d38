"""kill -9 of the web server in the middle of answers: what was confirmed is kept."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import psycopg
import pytest

from captcha_site.embedded import database_url
from challenges.signing import digest
from tests.e2e.conftest import ROOT, Service, free_port, somebody

SEEDS = 50


@dataclass
class Confirmed:
    """What the service said that it did, by the digest of the token."""

    passed: set[str] = field(default_factory=set)
    redeemed: set[str] = field(default_factory=set)


class Web:
    """A web server of this test's own, on the service's database and Redis."""

    def __init__(self, service: Service) -> None:
        self.env = service.env
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["--interface", "wsgi", "--port", str(self.port), "--blocking-threads", "8"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granian", *words, "captcha_site.wsgi:application"],
            cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"{self.url}/healthz", timeout=2).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.03)
        pytest.fail("The web server did not start.")

    def kill(self) -> None:
        """Kill all its processes as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def visit(url: str, service: Service, confirmed: Confirmed, over: threading.Event) -> None:
    """Solve and redeem challenges until it is over; a broken connection is no answer."""
    keys = service.keys
    while not over.is_set():
        try:
            with httpx.Client(base_url=url, timeout=10, headers=somebody()) as client:
                asked = client.post("/api/v1/challenges", json={"sitekey": keys["sitekey"]})
                if asked.status_code != 201:
                    over.wait(0.1)
                    continue
                challenge = asked.json()["id"]
                path = f"/api/v1/challenges/{challenge}/answer"
                answered = client.post(path, json={"picks": service.cats_of(challenge)})
                if answered.status_code != 200:
                    continue
                token = answered.json()["token"]
                confirmed.passed.add(digest(token))
                sent = {"secret": keys["secret"], "response": token}
                if client.post("/siteverify", data=sent).json()["success"]:
                    confirmed.redeemed.add(digest(token))
        except (httpx.HTTPError, KeyError, ValueError):
            time.sleep(0.02)


def kept(service: Service) -> Iterator[tuple[str, str, bool]]:
    """Yield digest, state and whether it was redeemed, of every outcome with a token."""
    with psycopg.connect(database_url(service.var)) as connection:
        yield from connection.execute(
            "SELECT token_digest, state, redeemed_at IS NOT NULL FROM challenges_outcome"
            " WHERE token_digest IS NOT NULL"
        )


@pytest.mark.timeout(420)
def test_it_keeps_every_confirmed_answer_and_redemption_over_50_kills(service: Service) -> None:
    confirmed = Confirmed()
    web = Web(service)
    kills = 0
    for seed in range(SEEDS):
        web.start()
        over = threading.Event()
        before = len(confirmed.redeemed)
        visitors = [
            threading.Thread(target=visit, args=(web.url, service, confirmed, over))
            for _ in range(4)
        ]
        for visitor in visitors:
            visitor.start()
        patience = time.monotonic() + 20
        while len(confirmed.redeemed) == before and time.monotonic() < patience:
            time.sleep(0.005)
        time.sleep(random.Random(seed).uniform(0, 0.1))
        web.kill()
        over.set()
        kills += 1
        for visitor in visitors:
            visitor.join()

    rows = {token: (state, redeemed) for token, state, redeemed in kept(service)}
    print(f"{kills} kills, {len(confirmed.passed)} passes, {len(confirmed.redeemed)} redemptions")
    assert kills == SEEDS
    assert len(confirmed.redeemed) >= SEEDS
    assert {token for token in confirmed.passed if token not in rows} == set()
    assert {state for state, _ in rows.values()} == {"passed"}
    assert {token for token in confirmed.redeemed if not rows[token][1]} == set()
