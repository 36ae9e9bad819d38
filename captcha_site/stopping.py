"""How a wish to stop reaches the supervisor: Ctrl-C, a signal, or the end of `make`."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType

SLICE_SECONDS = 0.1


class StopWishedError(BaseException):
    """Somebody wants all of it to stop. Like KeyboardInterrupt, no `except Exception` takes it."""


class StopWish:
    """Knows whether somebody wants all of it to stop.

    A signal only sets a mark. The mark is looked at where a stop does no harm: in `pause`, and
    anywhere in a block under `interruptible`. So no signal falls between the start of a process
    and the note that it runs.
    """

    def __init__(self, *, with_parent: bool) -> None:
        self.wished = False
        self.times = 0
        self._parent = os.getppid() if with_parent else None
        self._interruptible = False

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and SIGHUP as the wish to stop."""
        signal.signal(signal.SIGINT, self._heard)
        signal.signal(signal.SIGTERM, self._heard)
        # Under nohup it stays ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._heard)

    def stop_listening(self) -> None:
        """Ignore what comes now: all is stopped, and a late Ctrl-C must not look like a crash."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def pause(self, seconds: float) -> None:
        """Sleep, unless somebody wants to stop: then StopWishedError is raised."""
        until = time.monotonic() + seconds
        while True:
            self.check()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SLICE_SECONDS))

    def check(self) -> None:
        """Raise StopWishedError when somebody wants to stop."""
        if self._parent is not None and os.getppid() != self._parent:
            self.wished = True
        if self.wished:
            raise StopWishedError

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let a wish break off the block at once, by StopWishedError."""
        self.check()
        self._interruptible = True
        try:
            yield
        finally:
            self._interruptible = False

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.wished = True
        self.times += 1
        if self._interruptible:
            self._interruptible = False
            raise StopWishedError
