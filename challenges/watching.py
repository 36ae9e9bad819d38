"""What Celery's workers tell of themselves: that they are alive, and which tasks failed."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any, Final

from celery import signals

from challenges.state import Unreachable, watch

# A worker's heart beats every few seconds; it is noted less often.
EVERY: Final = 15.0
_noted_at = 0.0


@signals.heartbeat_sent.connect
def note_beat(sender: Any, **more: Any) -> None:
    """Note now and then that this worker is alive."""
    global _noted_at
    if time.monotonic() - _noted_at < EVERY:
        return
    _noted_at = time.monotonic()
    with suppress(Unreachable):
        watch.note_worker(str(sender.eventer.hostname))


@signals.worker_ready.connect
def note_start(sender: Any, **more: Any) -> None:
    """Note at once that this worker is there."""
    with suppress(Unreachable):
        watch.note_worker(str(sender.hostname))


@signals.worker_shutting_down.connect
def note_end(sender: Any, **more: Any) -> None:
    """Note that this worker stops as it should: nobody has to look for it."""
    with suppress(Unreachable):
        watch.forget_worker(str(sender))


@signals.task_failure.connect
def note_failure(sender: Any, exception: BaseException, **more: Any) -> None:
    """Keep the failure for those who look after the service."""
    with suppress(Unreachable):
        watch.note_failure(str(getattr(sender, "name", sender)), exception)
