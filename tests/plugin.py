"""Start a real PostgreSQL and Redis for the session, before pytest-django reads the settings."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import servers

# Where Linux keeps files in memory, and how many bytes of it tests may fill.
MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder is made in it
ENOUGH = 6 << 30


def memory() -> Path | None:
    """Return where files are written several times quicker than on a disk, None for nowhere."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ENOUGH else None
    except OSError:
        return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """Start the servers in a short temporary folder and name them in the environment."""
    # Under nohup, or in the background of a script, these are ignored, and so they would be by
    # every service that a test starts.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "PAWCHA_TEST_HOME" not in os.environ:
        home = Path(tempfile.mkdtemp(prefix="pawcha-test-", dir=memory()))
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
