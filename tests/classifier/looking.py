"""A worker that looks as it is told: the real channel and flow, with made-up eyes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier import channel, engine
from classifier.flows import ask, look

THREADS = "looking"


@dataclass
class Eyes:
    """In the place of the shipped model: it says what the test wants to hear."""

    p_cat: float = 0.987
    familiar: float = 0.99
    name: str = "made-up-eyes"
    seconds: float = 0.0
    breaks: bool = False
    seen: list[tuple[int, int]] = field(default_factory=list)
    at: tuple[float, float] = (0.4, 0.35)

    def explain(self, image: Image.Image) -> tuple[Any, NDArray[np.float32]]:
        """Say it, after a while."""
        time.sleep(self.seconds)
        if self.breaks:
            raise RuntimeError("These eyes are shut.")
        self.seen.append(image.size)
        label = "cat" if self.p_cat >= 0.5 else "dog"
        said = SimpleNamespace(
            label=label,
            verdict=label if self.familiar >= 0.5 else "neither",
            confidence=max(self.p_cat, 1 - self.p_cat),
            p_cat=self.p_cat,
            familiar=self.familiar,
            chances={"cat": self.p_cat, "dog": 1 - self.p_cat},
        )
        down, right = np.mgrid[0:8, 0:8] / 7
        far = ((right - self.at[0]) ** 2 + (down - self.at[1]) ** 2) / 0.08
        return said, np.exp(-far).astype(np.float32)


@dataclass
class Worker:
    """Takes the tickets that are sent, each in a thread, unless it is asleep."""

    eyes: Eyes
    asleep: bool = False
    tickets: list[str] = field(default_factory=list)

    def take(self, ticket: str, seconds: int) -> None:
        """Stand in for the queue and for the worker behind it."""
        self.tickets.append(ticket)
        if not self.asleep:
            until = time.time() + seconds
            threading.Thread(target=look.look, args=(ticket, until), name=THREADS).start()

    def rest(self) -> None:
        """Wait until nothing is looked at any more."""
        for thread in threading.enumerate():
            if thread.name == THREADS:
                thread.join(30)


def awake(monkeypatch: Any, eyes: Eyes) -> Worker:
    """Return a worker that serves the visitors of this test."""
    worker = Worker(eyes)
    monkeypatch.setattr(engine, "shipped", lambda: eyes)
    monkeypatch.setattr(ask, "_send", worker.take)
    # It says so once only, and a test on a busy machine may be slow.
    monkeypatch.setattr(channel, "AWAKE_SECONDS", 600)
    channel.say_state("ready")
    return worker
