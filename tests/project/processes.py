"""Who works in a `var` folder: no test may leave anybody behind."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import psutil


def at_work(var: Path) -> list[str]:
    """Return the living processes, but this one, that have to do with the folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.cwd(), *process.cmdline(), process.environ().get("PAWCHA_VAR", "")]
            if any(str(var) in trace for trace in traces):
                found.append(f"{process.pid} {' '.join(process.cmdline())[:80]}")
    return found


def assert_nobody_left(var: Path, *, within: float = 8) -> None:
    """See that nobody works in the folder any more, after some seconds at most."""
    until = time.monotonic() + within
    while (left := at_work(var)) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []
