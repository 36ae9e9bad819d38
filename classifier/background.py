"""Long work beside the workers: a process of its own, so that no labelling waits for it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from django.conf import settings

logger = logging.getLogger(__name__)

# Everything else on this machine comes first.
LOWEST_PRIORITY: Final = 19
LOOK_SECONDS: Final = 1.0

_started: list[subprocess.Popen[bytes]] = []


def start(*words: str) -> None:
    """Start one of manage.py's commands; its words go to var/log/background.log.

    A second one only when the first has ended.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    if _started:
        return
    log = Path(settings.PAWCHA_VAR) / "log" / "background.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        _started.append(
            subprocess.Popen(  # noqa: S603 (our own words)
                [sys.executable, str(settings.BASE_DIR / "manage.py"), *words],
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        )
    logger.info("started in the background: %s", " ".join(words))


def step_back() -> None:
    """Let everything else come first, and end when the worker ends that started this process."""
    os.nice(LOWEST_PRIORITY)
    # Torch's threads would spin while they wait for one another, and take the others' time.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
