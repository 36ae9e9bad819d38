"""The two ways in: the widget's API and the plain page."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlencode, urlsplit

from classifier.doors.page import Page
from classifier.doors.wire import Got, Refused, Unreachable, Wire

CHALLENGES: Final = "/api/v1/challenges"
# The answer was taken, whatever came of it: it was wrong, or it was right and one more challenge is
# asked for, of which none can be had now; or the reply to it was lost before.
TAKEN: Final = frozenset(
    {"wrong_answer", "already_answered", "all_pictures_seen", "no_challenge_ready"}
)


@dataclass(frozen=True, slots=True)
class Met:
    """A challenge as a bot meets it: `count` pictures in all `rounds`.

    `marks` are what else is said about each picture (its markup on the plain page), `form` are the
    hidden fields that go back with an answer.
    """

    id: str
    count: int
    rounds: int
    got: Got
    marks: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an answer: passed, right but `more` to do, or neither; maybe the next one."""

    passed: bool
    more: bool
    got: Got
    next: Met | None = None


class Door(Protocol):
    """A way in. All calls raise Refused, NotOurs or Unreachable."""

    wire: Wire

    def ask(self) -> Met:
        """Ask for a challenge."""

    def look(self, met: Met) -> list[bytes]:
        """Return the encoded pictures of a challenge."""

    def answer(self, met: Met, picks: Sequence[int]) -> Said:
        """Send the numbers of the pictures that are called cats."""


def picture(wire: Wire, met: Met, place: int) -> Got:
    """Return one picture of a challenge, by its number from 0. Raises Refused."""
    got = wire.send("GET", f"{CHALLENGES}/{met.id}/pictures/{place}")
    if got.status != 200:
        raise Refused(_code(got), got)
    return got


def stream(wire: Wire, met: Met) -> Got:
    """Return all pictures of a challenge as they are sent to the widget. Raises Refused."""
    got = wire.send("GET", f"{CHALLENGES}/{met.id}/pictures")
    if got.status != 200:
        raise Refused(_code(got), got)
    return got


def unpacked(body: bytes) -> list[bytes]:
    """Return the pictures of a stream: each is four bytes of length and so many of WebP."""
    pictures, at = [], 0
    while at < len(body):
        (length,) = struct.unpack_from(">I", body, at)
        pictures.append(body[at + 4 : at + 4 + length])
        at += 4 + length
    return pictures


class WidgetDoor:
    """What the widget's frame does, without a widget."""

    def __init__(self, wire: Wire, sitekey: str, host: str = "") -> None:
        """Come to a site; `host` is the origin of the page around it, of which a bot says any."""
        self.wire = wire
        self.sitekey = sitekey
        self.host = host
        self.session = ""

    def ask(self) -> Met:
        """Ask for a challenge, with the session handle of the last one."""
        said = {"sitekey": self.sitekey, "host": self.host, "session": self.session, "lang": "en"}
        got = self.wire.send("POST", CHALLENGES, json=said)
        if got.status != 201:
            raise Refused(_code(got), got)
        return self._met(got.said(), got)

    def look(self, met: Met) -> list[bytes]:
        """Return the pictures, from one stream."""
        return unpacked(stream(self.wire, met).body)

    def answer(self, met: Met, picks: Sequence[int]) -> Said:
        """Answer. A wrong answer is no error here: it is one of the outcomes."""
        sent = {"picks": list(picks)}
        got = self.wire.send("POST", f"{CHALLENGES}/{met.id}/answer", json=sent)
        if got.status != 200:
            if (code := _code(got)) not in TAKEN:
                raise Refused(code, got)
            return Said(passed=False, more=False, got=got)
        said = got.said()
        more = said.get("next")
        if isinstance(more, dict):
            return Said(passed=False, more=True, got=got, next=self._met(more, got))
        return Said(passed=bool(said.get("token")), more=False, got=got)

    def _met(self, said: Mapping[str, object], got: Got) -> Met:
        self.session = str(said.get("session") or self.session)
        try:
            count, rounds = int(str(said["count"])), int(str(said.get("rounds", 1)))
            return Met(str(said["id"]), count, rounds, got)
        except (KeyError, ValueError) as error:
            raise Unreachable("What answers there does not speak Pawcha's API.") from error


class FallbackDoor:
    """What a text browser does on the plain page."""

    def __init__(self, wire: Wire, sitekey: str, host: str = "") -> None:
        """Come to a site; `host` is the origin of the page that the plain page stands in."""
        self.wire = wire
        self.address = f"/fallback?{urlencode({'k': sitekey, 'hl': 'en'})}"
        self.host = host
        self.form: Mapping[str, str] = {}

    def ask(self) -> Met:
        """Open the page, or press its button for other pictures where it has one."""
        referer = {"Referer": f"{self.host}/"} if self.host else {}
        carried = {name: value for name, value in self.form.items() if name == "session"}
        address = self.address + (f"&{urlencode(carried)}" if carried else "")
        return self._met(self.wire.send("GET", address, referer))

    def look(self, met: Met) -> list[bytes]:
        """Return the pictures, each fetched by itself."""
        return [picture(self.wire, met, place).body for place in range(met.count)]

    def answer(self, met: Met, picks: Sequence[int]) -> Said:
        """Send the form. After a wrong answer the page has the next challenge on it."""
        pairs = [*met.form.items(), *(("pick", str(place)) for place in picks)]
        got = self.wire.send(
            "POST",
            self.address,
            {"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(pairs),
        )
        page = Page(got.body.decode(errors="replace"))
        if page.code:
            return Said(passed=True, more=False, got=got)
        if page.hidden.get("id") == met.id:
            # The same pictures again: the answer was not taken.
            raise Refused(_status(got), got)
        following = self._met(got) if page.hidden.get("id") else None
        return Said(passed=False, more=got.status == 200, got=got, next=following)

    def _met(self, got: Got) -> Met:
        page = Page(got.body.decode(errors="replace"))
        if not page.hidden.get("id"):
            raise Refused(_status(got), got)
        self.form = page.hidden
        rounds = len(page.grids)
        return Met(page.hidden["id"], sum(page.grids), rounds, got, tuple(page.marks), page.hidden)


def door(name: str, wire: Wire, sitekey: str, host: str = "") -> Door:
    """Return the way in that is called widget or fallback."""
    return (FallbackDoor if name == "fallback" else WidgetDoor)(wire, sitekey, host)


def origin_for(hosts: Sequence[str]) -> str:
    """Return the origin of a page that may embed a site with these hosts; empty for none."""
    if not hosts:
        return ""
    host = hosts[0].replace("*.", "www.", 1)
    loopback = urlsplit(f"//{host}").hostname in {"localhost", "127.0.0.1", "::1"}
    return f"{'http' if loopback else 'https'}://{host}"


def _code(got: Got) -> str:
    """Return the stable code of an error of the API."""
    try:
        return str(got.said().get("error") or _status(got))
    except Unreachable:
        return _status(got)


def _status(got: Got) -> str:
    return f"http_{got.status}"
