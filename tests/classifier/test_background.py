"""Long work beside the workers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from django.conf import settings

from classifier import background


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the log of a folder with a manage.py of its own, which waits for a file."""
    (tmp_path / "manage.py").write_text(
        "import sys, time, pathlib\n"
        "print('doing', *sys.argv[1:], flush=True)\n"
        "while not pathlib.Path('enough').exists():\n"
        "    time.sleep(0.02)\n"
    )
    for name in ("BASE_DIR", "PAWCHA_VAR"):
        monkeypatch.setattr(settings, name, tmp_path)
    return tmp_path / "log" / "background.log"


def wait_for(log: Path, words: str) -> None:
    """Wait until the log has these words."""
    until = time.monotonic() + 20
    while words not in (log.read_text() if log.exists() else ""):
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_command_at_a_time_with_a_log(log: Path) -> None:
    background.start("first", "--quietly")
    wait_for(log, "doing first --quietly")
    background.start("second")
    (process,) = background._started
    assert os.getsid(process.pid) == process.pid
    (log.parent.parent / "enough").touch()
    assert process.wait(timeout=20) == 0
    background.start("third")
    wait_for(log, "doing third")
    background._started.pop().wait(timeout=20)
    assert "second" not in log.read_text()


def test_it_ends_with_the_worker_that_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: ended.append((pid, number)))
    background._end_with(os.getppid() + 1)
    assert ended == [(os.getpid(), signal.SIGTERM)]
