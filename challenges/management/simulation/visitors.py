"""Simulated visitors: each is a script of things to do and of seconds to wait in between."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import Any, Final

import httpx
from django.conf import settings
from django.utils import timezone

from challenges.management.simulation.ledger import Ledger, Trace
from challenges.management.simulation.server import ADDRESS

LANGUAGES: Final = {"en": 45, "de": 25, "fr": 10, "es": 8, "uk": 5, "tr": 4, "ar": 3}
DIALECTS: Final = {"pawcha": 55, "hcaptcha": 20, "turnstile": 12, "recaptcha": 9, "fallback": 4}

Steps = Iterator[float]


class SimulationError(Exception):
    """Pawcha gave an answer that no visitor can go on with."""


@dataclass(frozen=True, slots=True)
class World:
    """What all visitors share: the way to Pawcha, what the pictures show, and the ledger.

    `cats` are the digests of the pictures of cats: a visitor sees what a picture shows.
    """

    client: httpx.Client
    cats: frozenset[str]
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Home:
    """The site that a visitor comes to."""

    pk: int
    sitekey: str
    secret: str
    host: str


@dataclass(slots=True)
class Visitor:
    """Somebody at one address, with dice of its own."""

    world: World
    home: Home
    address: str
    dice: Random
    language: str = field(init=False)
    dialect: str = field(init=False)
    session: str = ""

    def __post_init__(self) -> None:
        """Draw what this visitor speaks."""
        self.language = self.draw(LANGUAGES)
        self.dialect = self.draw(DIALECTS)

    def draw(self, weights: dict[str, int]) -> str:
        """Return one of the words, by their weights."""
        return self.dice.choices(list(weights), list(weights.values()))[0]

    def ask(self) -> tuple[str, Trace] | None:
        """Ask for a challenge; return None when there is none for this visitor."""
        said = {
            "sitekey": self.home.sitekey,
            "host": self.home.host,
            "lang": self.language,
            "dialect": self.dialect,
            "session": self.session,
        }
        reply = self._post("/api/v1/challenges", json=said)
        if reply.status_code != 201:
            self._refused("issue", reply)
            return None
        return self._given(reply.json())

    def _given(self, challenge: dict[str, Any]) -> tuple[str, Trace]:
        """Remember a challenge that was handed out, and the handle that came with it."""
        trace = Trace(self.home.pk, self.address, now(), self.language, self.dialect)
        self.world.ledger.traces.append(trace)
        self.session = str(challenge["session"])
        return str(challenge["id"]), trace

    def look(self, challenge: str, trace: Trace) -> list[bool]:
        """Fetch the pictures; return which of them are cats."""
        reply = self.world.client.get(f"/api/v1/challenges/{challenge}/pictures", headers=self._as)
        if reply.status_code != 200:
            raise SimulationError(f"The pictures did not come: {reply.status_code} {reply.text}")
        trace.looked = True
        return [sha256(picture).hexdigest() in self.world.cats for picture in split(reply.content)]

    def answer(
        self, challenge: str, trace: Trace, picks: list[int]
    ) -> str | tuple[str, Trace] | None:
        """Answer; return the token, or the one more challenge that is asked for.

        None when the answer was wrong or came too often.
        """
        reply = self._post(f"/api/v1/challenges/{challenge}/answer", json={"picks": picks})
        if reply.status_code not in (200, 422):
            self._refused("answer", reply)
            return None
        said = reply.json()
        trace.answered_at = now()
        trace.passed, trace.more = "token" in said, "next" in said
        if trace.more:
            return self._given(said["next"])
        return str(said["token"]) if trace.passed else None

    def verify(self, token: str, trace: Trace) -> None:
        """Do as the site's server does with a token."""
        reply = self._post("/siteverify", data={"secret": self.home.secret, "response": token})
        if reply.json()["success"]:
            trace.verified = True
        else:
            self.world.ledger.refused[self.home.pk, "verify", "redeemed"] += 1

    @property
    def _as(self) -> dict[str, str]:
        return {ADDRESS: self.address}

    def _post(self, path: str, **body: Any) -> httpx.Response:
        return self.world.client.post(path, headers=self._as, **body)

    def _refused(self, door: str, reply: httpx.Response) -> None:
        code = str(reply.json()["error"])
        if reply.status_code >= 500:
            raise SimulationError(f"Pawcha refuses: {reply.text}")
        self.world.ledger.refused[self.home.pk, door, code] += 1


def now() -> datetime:
    """Return the simulated time."""
    return timezone.now()


def split(stream: bytes) -> Iterator[bytes]:
    """Yield the pictures of a stream: each has its length before it."""
    place = 0
    while place < len(stream):
        (length,) = struct.unpack_from(">I", stream, place)
        yield stream[place + 4 : place + 4 + length]
        place += 4 + length


def solve(one: Visitor, *, skill: float, median: float, tries: int) -> Steps:
    """Try to pass: `skill` is the chance of a right answer, `median` the seconds that it takes."""
    following = None
    for _ in range(tries):
        asked = following or one.ask()
        if asked is None:
            return
        yield one.dice.uniform(0.5, 2)
        cats = one.look(*asked)
        yield min(100, one.dice.lognormvariate(0, 0.45) * median)
        wrong = one.dice.random() >= skill
        token = one.answer(*asked, picks=chosen(one.dice, cats, wrong=wrong))
        following = token if isinstance(token, tuple) else None
        if isinstance(token, str):
            yield one.dice.uniform(0.5, 20)
            # Some close the page before they send the form.
            if one.dice.random() < 0.93:
                one.verify(token, asked[1])
            return
        yield one.dice.uniform(1, 4)


def chosen(dice: Random, cats: list[bool], *, wrong: bool) -> list[int]:
    """Return the places of the cats, or with one mistake."""
    picks = {place for place, cat in enumerate(cats) if cat}
    if wrong:
        picks ^= {dice.randrange(len(cats))}
    # Nothing picked is no answer: then it is another mistake.
    return sorted(picks) or [next(place for place, cat in enumerate(cats) if not cat)]


def careful(one: Visitor) -> Steps:
    """Take the time that it takes."""
    return solve(one, skill=0.95, median=13, tries=3)


def hasty(one: Visitor) -> Steps:
    """Click quickly, and try again."""
    return solve(one, skill=0.72, median=7, tries=5)


def leaving(one: Visitor) -> Steps:
    """Ask, perhaps look, and go away."""
    asked = one.ask()
    yield one.dice.uniform(1, 3)
    if asked and one.dice.random() < 0.6:
        one.look(*asked)


def guessing(one: Visitor) -> Steps:
    """Pick at random, again and again, without a look."""
    for _ in range(one.dice.randint(6, 14)):
        asked = one.ask()
        if asked is None:
            return
        yield 1.0
        picks = [place for place in range(12) if one.dice.random() < 0.5] or [0]
        token = one.answer(*asked, picks=picks)
        if isinstance(token, str):
            one.verify(token, asked[1])
        yield one.dice.uniform(2, 8)


def replaying(one: Visitor) -> Steps:
    """Solve one, and send its token again and again."""
    asked = one.ask()
    if asked is None:
        return
    yield 1.0
    cats = one.look(*asked)
    yield 4.0
    token = one.answer(*asked, picks=chosen(one.dice, cats, wrong=False))
    for _ in range(one.dice.randint(3, 6) if isinstance(token, str) else 0):
        yield 1.0
        one.verify(str(token), asked[1])


def sharing(one: Visitor) -> Steps:
    """Come from a network whose tokens a machine has used up: one more has to be solved."""
    machine = Visitor(one.world, one.home, one.address, Random(one.dice.random()))  # noqa: S311
    for _ in range(settings.PAWCHA["BUCKET_START"]):
        asked = machine.ask()
        if asked is None:
            return
        machine.look(*asked)
        yield 0.5
    yield from careful(one)


def flooding(one: Visitor) -> Steps:
    """Ask and ask until there is nothing more, and then some more."""
    refused = 0
    while refused < 25:
        refused += one.ask() is None
        yield 0.1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of visitor: how many of a hundred are one, and how many challenges each takes."""

    act: Callable[[Visitor], Steps]
    weight: float
    takes: float


KINDS: Final = (
    Kind(careful, 66, 1.05),
    Kind(hasty, 18, 1.4),
    Kind(leaving, 12, 1),
    Kind(guessing, 2, 10),
    Kind(replaying, 2, 1),
    Kind(sharing, 1.5, 8),
)
