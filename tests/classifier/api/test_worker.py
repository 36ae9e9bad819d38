"""A photo through a real Celery worker in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from rest_framework.test import APIClient

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier import channel
from tests.classifier.made import shipped
from tests.conftest import Visitor
from tests.drawn import photo_file

__all__ = ["shipped"]

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 90.0


@pytest.fixture
def process(shipped: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker with a tiny shipped model, and wait until it says that it is awake."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.classifier.visitor_worker", str(shipped.parent)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        until = time.monotonic() + PATIENCE
        while channel.state() != "ready" and time.monotonic() < until:
            assert process.poll() is None
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def send(visitor: APIClient, data: Any) -> tuple[int, dict[str, object]]:
    """Send a photo, again while the network is still being loaded."""
    until = time.monotonic() + PATIENCE
    while True:
        reply = visitor.generic("POST", "/api/v1/classify", data, content_type="image/jpeg")
        if reply.json().get("error") != "timeout" or time.monotonic() > until:
            return reply.status_code, reply.json()


def test_a_photo_goes_to_the_worker_and_its_answer_comes_back(
    process: subprocess.Popen[bytes], visitor: Visitor
) -> None:
    status, said = send(visitor, photo_file(1))
    assert (status, said.get("model")) == (200, "shipped-1"), said
    status, said = send(visitor, b"%PDF-1.7")
    assert (status, said["message"]) == (422, "This file is a PDF: send a JPEG, PNG or WebP.")
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert not any(child.is_running() for child in children)
