"""Commands that run for long end the same way whether Ctrl-C or a service manager stops them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gently() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C: what was begun is written down as stopped. Main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
