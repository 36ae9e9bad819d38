"""One simulated day: when who comes, and the clock that goes from one to the next."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Final

import httpx
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone

from challenges import state
from challenges.drafts import Draft
from challenges.flows import refusals, sites, sums, sweep
from challenges.flows.counting import Stretch
from challenges.management.simulation.ledger import Ledger
from challenges.management.simulation.server import serving
from challenges.management.simulation.visitors import (
    KINDS,
    Home,
    SimulationError,
    Steps,
    Visitor,
    World,
    flooding,
)
from challenges.models import Outcome, Photo, Refusal, Site, Sum
from challenges.models.photos import Animal
from challenges.selection import PICTURES, Audience, mask

# Keys of Redis: the service's own all begin otherwise.
PREFIX: Final = "pawcha-simulation:"
# A simulated worker looks around so often, in seconds.
ROUND: Final = 300
# The last visitor comes so long before midnight, in seconds: nobody stays until the next day.
QUIET: Final = 1800
# A flood comes for so many challenges of a day.
FLOOD_EVERY: Final = 400
READY: Final = 40
# Pictures of each animal that the day is played with.
FACES: Final = 60
NAMES: Final = {"Simulated shop": "shop.example.org", "Simulated blog": "blog.example.org"}
SHARES: Final = (70, 30)

Tell = Callable[[float, Ledger], None]


@dataclass(order=True, slots=True)
class Arrival:
    """The next thing to happen: at which second of the day, and whose it is."""

    at: float
    number: int
    steps: Steps = field(compare=False)


def simulate(day: datetime, number: int, seed: int, tell: Tell) -> Ledger:
    """Play about so many challenges on this day (its midnight, UTC), and sum it up.

    Returns what the visitors remember. Raises SimulationError with what to do when it cannot be
    played, and leaves nothing open then.
    """
    faces = _faces()
    with _homes() as homes:
        keys = [home.pk for home in homes]
        until = day + sums.DAY
        if Outcome.objects.filter(site__in=keys, issued_at__gte=day, issued_at__lt=until).exists():
            raise SimulationError(
                f"{day:%Y-%m-%d} was simulated before. Take another --day, or remove what there "
                "is: manage.py simulate_traffic --delete"
            )
        with (
            state.apart(PREFIX),
            time_machine.travel(day, tick=False) as clock,
            serving() as client,
        ):
            play = Play(day, homes, faces, Random(seed), clock, client)  # noqa: S311
            play.run(number, tell)
        _sum_up(keys, day, until)
    return play.ledger


def _faces() -> dict[bool, list[str]]:
    """Return names of starter pictures of cats (True) and dogs. Raises SimulationError."""
    shown = Photo.objects.shown_to(Audience.TESTING).filter(rendition__isnull=False)
    found = {
        animal == Animal.CAT: list(
            shown.filter(label=animal).order_by("pk").values_list("rendition__name", flat=True)
        )[:FACES]
        for animal in (Animal.CAT, Animal.DOG)
    }
    if min(map(len, found.values())) < PICTURES - 1:
        raise SimulationError(
            "A simulation is played with starter pictures, and there are too few yet: "
            f"{len(found[True])} cats and {len(found[False])} dogs of {PICTURES - 1} each. "
            "Start Pawcha (make run), which draws them, and try again in a minute."
        )
    return found


@contextmanager
def _homes() -> Iterator[list[Home]]:
    """Give the simulated sites, which are served only inside the block."""
    found = []
    for name, host in NAMES.items():
        site, _ = Site.objects.get_or_create(
            name=name, simulated=True, defaults={"hosts": [host], "test_mode": True}
        )
        site.active = True
        site.save(update_fields=["active"])
        site.secrets.all().delete()
        secret = sites.add_secret(site)
        found.append(Home(site.pk, site.sitekey, secret, f"https://{host}"))
    try:
        yield found
    finally:
        for site in Site.objects.filter(pk__in=[home.pk for home in found]):
            site.active = False
            site.save(update_fields=["active"])


def _sum_up(keys: list[int], day: datetime, until: datetime) -> None:
    """Sum the day: the service leaves simulated sites alone."""
    stretches = [Stretch(key, day, until) for key in keys]
    sums.sum_hours(stretches)
    sums.sum_days(stretches)
    sums.sum_refusals(day, until)


def delete(tell: Callable[[int], None]) -> int:
    """Remove all simulated sites with all that was counted for them; return how many outcomes."""
    keys = list(Site.objects.filter(simulated=True).values_list("pk", flat=True))
    gone = 0
    outcomes = Outcome.objects.filter(site__in=keys)
    while portion := list(outcomes.values_list("pk", flat=True)[:2000]):
        gone += Outcome.objects.filter(pk__in=portion).delete()[1].get("challenges.Outcome", 0)
        tell(gone)
    Sum.objects.filter(site__in=keys).delete()
    Refusal.objects.filter(site__in=keys).delete()
    for site in Site.objects.filter(pk__in=keys):
        site.delete()
    with state.apart(PREFIX):
        pass
    return gone


class Play:
    """The day as it is played: a queue of arrivals, in the order of their time."""

    def __init__(
        self,
        day: datetime,
        homes: list[Home],
        faces: dict[bool, list[str]],
        dice: Random,
        clock: time_machine.Traveller,
        client: httpx.Client,
    ) -> None:
        self.day = day
        self.homes = homes
        self.faces = faces
        self.dice = dice
        self.clock = clock
        self.ledger = Ledger()
        self.world = World(client, self._cats(), self.ledger)
        self.numbers = itertools.count()
        self.groups = itertools.count(1)
        self.profile = Site.objects.get(pk=homes[0].pk).served.key

    def _cats(self) -> frozenset[str]:
        found = set()
        for name in self.faces[True]:
            with default_storage.open(name, "rb") as file:
                found.add(sha256(file.read()).hexdigest())
        return frozenset(found)

    def run(self, number: int, tell: Tell) -> None:
        """Play it."""
        arrivals = list(self._arrivals(number))
        heapq.heapify(arrivals)
        look = float(ROUND)
        while arrivals:
            one = heapq.heappop(arrivals)
            while look <= one.at:
                self._go_to(look)
                self._work()
                look += ROUND
                tell(look / 86_400, self.ledger)
            self._go_to(one.at)
            self._restock()
            wait = next(one.steps, None)
            if wait is not None:
                heapq.heappush(arrivals, Arrival(one.at + wait, one.number, one.steps))
        # What is still open ends in the night after.
        self._go_to(86_400 + sweep.FORGOTTEN + 60)
        self._work()
        tell(1, self.ledger)

    def _go_to(self, second: float) -> None:
        # Whole milliseconds: a moment is the same in Redis and in PostgreSQL.
        self.clock.move_to(self.day + timedelta(milliseconds=round(second * 1000)))

    def _work(self) -> None:
        """Do what the workers do."""
        while sum(vars_of(sweep.close_overdue(simulated=True))):
            pass
        refusals.take_over()

    def _arrivals(self, number: int) -> Iterator[Arrival]:
        """Draw who comes when, for about so many challenges."""
        places = itertools.count()
        expected = 0.0
        weights = [kind.weight for kind in KINDS]
        while expected < number:
            kind = self.dice.choices(KINDS, weights)[0]
            expected += kind.takes
            visitor = self._visitor(next(places))
            yield Arrival(self._moment(), next(self.numbers), kind.act(visitor))
        for _ in range(round(number / FLOOD_EVERY)):
            visitor = self._visitor(next(places))
            yield Arrival(self._moment(), next(self.numbers), flooding(visitor))

    def _visitor(self, place: int) -> Visitor:
        home = self.dice.choices(self.homes, SHARES)[0]
        # A network for each; one of ten speaks IPv6.
        low, high = place % 250, place // 250 % 250
        address = f"2001:db8:{high:x}:{low:x}00::7" if place % 10 == 9 else f"10.{high}.{low}.7"
        return Visitor(self.world, home, address, Random(self.dice.random()))  # noqa: S311

    def _moment(self) -> float:
        """Return a second of the day: most come in the evening, few at night."""
        while True:
            second = self.dice.uniform(0, 86_400 - QUIET)
            busy = 0.5 - 0.45 * math.cos((second / 3600 - 4) / 24 * 2 * math.pi)
            if self.dice.random() < busy:
                return second

    def _restock(self) -> None:
        """Have enough challenges ready, made of the day's own pictures."""
        missing = READY - state.ready_depth(self.profile, "worn")
        if missing > READY // 2:
            state.push_ready(self.profile, "worn", [self._draft() for _ in range(missing)])

    def _draft(self) -> Draft:
        """Return a challenge that names no photo of the pool: nothing is worn out by it."""
        cats = [True]
        while all(cats) or not any(cats):
            cats = [self.dice.random() < 0.5 for _ in range(PICTURES)]
        hands = {cat: self.dice.sample(names, PICTURES - 1) for cat, names in self.faces.items()}
        return Draft(
            id=f"{self.dice.getrandbits(64):016x}",
            renditions=[],
            names=[hands[cat].pop() for cat in cats],
            groups=[str(-next(self.groups))],
            cats=mask(cats),
            risk=0,
            pool="simulation",
            made_at=timezone.now().timestamp(),
        )


def vars_of(closed: sweep.Closed) -> tuple[int, int, int]:
    """Return how many were closed, by kind."""
    return closed.expired, closed.abandoned, closed.lost
