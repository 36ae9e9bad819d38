"""Keeps the servers, the worker and the web server running, and takes them down in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from captcha_site.embedded import Child, RunLock, ServerError, reap
from captcha_site.embedded.places import leave_socket_folder
from captcha_site.stopping import StopWish
from captcha_site.voice import Voice, tail

# One that keeps dying is given up: this many deaths within so many seconds.
MOST_DEATHS = 5
WITHIN_SECONDS = 60.0
FIRST_BACKOFF_SECONDS = 0.5


@dataclass
class Service:
    """Something that is to run all the time."""

    name: str
    child: Child
    start: Callable[[], None]
    # How long it may take to stop by itself, in seconds.
    patience: float
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_DEATHS))
    start_again_at: float | None = None

    def is_hopeless(self) -> bool:
        """Say whether it died too often in a short time."""
        full = len(self.deaths) == MOST_DEATHS
        return full and self.deaths[-1] - self.deaths[0] < WITHIN_SECONDS

    def note_death(self, now: float) -> None:
        """Count a death and set the time of the next start, later with each one."""
        while self.deaths and now - self.deaths[0] > WITHIN_SECONDS:
            self.deaths.popleft()
        self.deaths.append(now)
        self.start_again_at = now + FIRST_BACKOFF_SECONDS * 2 ** (len(self.deaths) - 1)


class Supervisor:
    """One process tree for one `var` folder. Nothing of it stays when it stops."""

    def __init__(self, var: Path, voice: Voice, wish: StopWish) -> None:
        self.var = var
        self.voice = voice
        self.wish = wish
        self.lock = RunLock(var)
        self.services: list[Service] = []

    def open(self) -> None:
        """Take the lock of this `var`, and take down what a killed supervisor left.

        Raises ServerError when another supervisor has it.
        """
        self.lock.acquire()
        left = reap(self.var)
        if left:
            self.voice.say(f"  Took down what the last run left: {', '.join(left)}.")

    def run(self, service: Service) -> None:
        """Start a service and keep an eye on it from now on.

        Raises ServerError when it does not start.
        """
        # Known before it is started: a stop in the middle of the start must find it.
        self.services.append(service)
        service.start()

    def look(self) -> None:
        """Start again what died.

        Raises ServerError when something keeps dying, StopWishedError when all shall stop.
        """
        self.wish.check()
        now = time.monotonic()
        for service in self.services:
            if service.start_again_at is not None:
                if now >= service.start_again_at:
                    service.start_again_at = None
                    self._start_again(service)
            elif not service.child.running():
                self._bury(service, now)

    def close(self) -> None:
        """Stop everything, the last started first, and let go of the lock."""
        heard = self.wish.times
        for service in reversed(self.services):
            service.child.stop(wait=service.patience)
            if self.wish.times > heard:
                heard = self.wish.times
                self.voice.say("Still stopping, so that nothing is lost. A moment.")
        self.services.clear()
        if self.lock.held:
            leave_socket_folder(self.var)
        self.lock.release()

    def _bury(self, service: Service, now: float) -> None:
        service.note_death(now)
        code = service.child.exit_code()
        said = tail(service.child.log, service.child.said())
        # What it started may still be there.
        service.child.kill()
        if service.is_hopeless():
            raise ServerError(
                f"The {service.name} stopped {MOST_DEATHS} times within a minute.\n{said}"
            )
        self.voice.wrong(f"The {service.name} stopped by itself ({_ending(code)}).\n{said}")
        self.voice.say(f"Starting the {service.name} again.")

    def _start_again(self, service: Service) -> None:
        try:
            service.start()
        except ServerError as error:
            service.note_death(time.monotonic())
            if service.is_hopeless():
                raise
            self.voice.wrong(str(error))


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code}"
    return f"exit code {code}"
