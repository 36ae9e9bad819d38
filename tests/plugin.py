"""Start a real PostgreSQL and Redis for the session, before pytest-django reads the settings."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

import psutil
import pytest

from tests import servers

# Where Linux keeps files in memory, and how many bytes of it tests may fill.
MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder is made in it
ENOUGH = 6 << 30
PREFIX = "pawcha-test-"


def new_home() -> Path:
    """Return a new folder: in memory where there is room, several times quicker than on a disk."""
    _clear_after_killed()
    try:
        where = MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH else None
    except OSError:
        where = None
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where))


def _clear_after_killed() -> None:
    """Remove folders whose test session was killed: memory would be full of them one day."""
    for home in MEMORY.glob(f"{PREFIX}*-*"):
        number = home.name.removeprefix(PREFIX).split("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            shutil.rmtree(home, ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start the servers in a short temporary folder and name them in the environment."""
    # Under nohup, or in the background of a script, these are ignored, and so they would be by
    # every service that a test starts.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "PAWCHA_TEST_HOME" not in os.environ:
        home = new_home()
        os.environ |= {
            "PAWCHA_TEST_HOME": str(home),
            "PAWCHA_VAR": str(home / "var"),
            "PAWCHA_MEDIA": str(home / "media"),
            "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz",
            "PUBLIC_URL": "http://127.0.0.1:8000",
        }
        # What is registered first runs last: the folder goes when the servers have stopped.
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        servers.start(home / "var")
    return (yield)
