"""A bot's visit to a service of our own: its ticket, its waits, and what was refused."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from django.conf import settings

from challenges import state
from challenges.models import Site
from classifier.doors.doors import Door, Met, door, origin_for
from classifier.doors.own import named
from classifier.doors.wire import Refused, Unreachable, line
from classifier.exceptions import ClassifierError
from classifier.progress import Progress

# After so many challenges that could not be answered something is wrong with all of them.
LOST: Final = 20
# A ticket is good for so long, in seconds, and left again when half of that is over: whoever is
# killed leaves no open door behind.
TICKET_SECONDS: Final = 300.0

Found = TypeVar("Found")


class NoVisit(ClassifierError):
    """The service does not let this bot in."""


class GaveUp(Exception):
    """The service asks for more patience than the bot has. The text says which wait it was."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a bot goes, by which door, for how many challenges, and with how much patience.

    With `limits` off the service's limits do not hold for it. It waits for `patience` seconds in
    all, as often as the service asks it to.
    """

    site: Site
    url: str
    challenges: int
    door: str = "widget"
    limits: bool = True
    patience: float = 600.0


@dataclass(slots=True)
class Visit:
    """A visit that goes on. `issued` counts challenges, `refused` refusals by their codes."""

    door: Door
    patience: float
    progress: Progress
    issued: int = 0
    waited: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)

    def go(self, plan: Plan, meet: Callable[[Met], Met | None]) -> str:
        """Meet as many challenges as planned; return why it ended before, empty when it did not.

        `meet` deals with a challenge, and returns the next one if it came with the reply. Ctrl-C
        ends it, too. Raises NoVisit or Unreachable when one does not even come to the first.
        """
        met = lost = 0
        following: Met | None = None
        try:
            while met < plan.challenges:
                now = following or self.patiently(self.door.ask)
                self.issued, following = self.issued + 1, None
                try:
                    following = meet(now)
                    met += 1
                except Refused:
                    # This one is gone (too slow for it, or withdrawn): the next one may do.
                    lost += 1
                    if lost > LOST:
                        raise
        except KeyboardInterrupt:
            return "stopped by hand"
        except GaveUp as reason:
            return f"out of patience: {reason}"
        except Refused as refusal:
            if not met:
                raise NoVisit(_sentence(refusal, plan)) from refusal
            return f"refused: {refusal.code}"
        except Unreachable as error:
            if not met:
                raise
            return str(error)
        return ""

    def patiently(self, step: Callable[[], Found]) -> Found:
        """Take a step, again and again after each wait that the service asks for.

        Raises Refused when waiting would not help, or GaveUp.
        """
        while True:
            try:
                return step()
            except Refused as refusal:
                self.refused[refusal.code] += 1
                if refusal.wait is None:
                    raise
                self._wait(refusal.code, refusal.wait)

    def _wait(self, code: str, seconds: float) -> None:
        if self.waited + seconds > self.patience:
            raise GaveUp(
                f"{code} asked for {seconds:.0f} seconds more, after {self.waited:.0f} seconds of "
                "waiting"
            )
        self.progress.advance(0, f"waits {seconds:.0f} s: {code}")
        time.sleep(seconds)
        self.waited += seconds


def site_named(sitekey: str) -> Site:
    """Return the site with this key, if it is served. Raises NoVisit."""
    site = Site.objects.serving().filter(sitekey=sitekey.replace("\0", "")).first()
    if site is None:
        raise NoVisit(f"No site that is served here has the key {sitekey!r}: see the admin, Sites.")
    return site


@contextmanager
def visit(plan: Plan, progress: Progress) -> Iterator[Visit]:
    """Go to the service, as far as the operator's settings call it their own.

    Raises NotOurs, before anything is sent.
    """
    origin = named(plan.url, settings.PAWCHA_ATTACK_URLS)
    with line(origin, _ticket(limits=plan.limits)) as wire:
        way = door(plan.door, wire, plan.site.sitekey, origin_for(plan.site.hosts))
        yield Visit(way, plan.patience, progress)


def _ticket(*, limits: bool) -> Callable[[], str]:
    """Return what gives the ticket of this visit, left where the service finds it."""
    ticket, left_at = secrets.token_urlsafe(32), -TICKET_SECONDS

    def give() -> str:
        nonlocal left_at
        if time.monotonic() - left_at > TICKET_SECONDS / 2:
            state.leave_ticket(ticket, limits=limits, seconds=TICKET_SECONDS)
            left_at = time.monotonic()
        return ticket

    return give


def _sentence(refusal: Refused, plan: Plan) -> str:
    """Return what to tell an operator whose bot is not let in."""
    if refusal.code == "unknown_ticket":
        return (
            f"{plan.url} does not know the ticket of this attack: it is another installation, with "
            "another Redis. Run the attack where that one runs."
        )
    if plan.door == "fallback":
        return f"The plain page refuses ({refusal.got.status}). Does {plan.site} offer it?"
    return f"{plan.url} refuses: {refusal.got.said().get('message', refusal.code)}"
