"""A worker that serves the queue of visitors' photos: it says that it is awake, and warms up."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import Any, Final

from celery.signals import celeryd_after_setup, heartbeat_sent, worker_process_init

from classifier import channel
from classifier.background import LOWEST_PRIORITY
from classifier.flows import look

QUEUE: Final = "classify"
# A worker that serves this queue alone lets everything else on its machine come first.
HARDEN: Final = "harden"
# Set in such a worker, so that the processes that it starts know it as well.
_MARK: Final = "PAWCHA_SERVES_VISITORS"


@celeryd_after_setup.connect
def note_queues(instance: Any, **said: Any) -> None:
    """Note whether this worker takes visitors' photos, and step back if it only hardens."""
    queues = instance.app.amqp.queues.consume_from
    if QUEUE in queues:
        os.environ[_MARK] = "yes"
    if set(queues) == {HARDEN}:
        os.nice(LOWEST_PRIORITY)


@heartbeat_sent.connect
def say_awake(**said: Any) -> None:
    """Tell the web processes, every two seconds, that their photos find somebody."""
    if _MARK in os.environ:
        with suppress(channel.Unreachable):  # Then nobody can ask either.
            channel.say_state(look.state())


@worker_process_init.connect
def warm_up(**said: Any) -> None:
    """Load the network beside the worker's start, which may take only four seconds."""
    if _MARK in os.environ:
        threading.Thread(target=look.warm_up, name="warm-up", daemon=True).start()
