"""What shows of a reply and of a picture from outside: the traits that side channels look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Final, Protocol

from classifier.attackers import containers
from classifier.attackers.telling import Trait

# Headers that say something else in each reply, whatever it is about.
FLEETING: Final = frozenset({"date"})
# Shares of a file that its picture's code takes when it was encoded as well as it fits.
FULL: Final = 0.85
# So many bytes of padding are looked at.
PADDED: Final = 256
# The quantizers of a picture that was encoded as well as we ever do (challenges.webp.BEST).
FINEST: Final = range(18, 27)


class Reply(Protocol):
    """A reply as it can be seen from outside; `seconds` from asking until its last byte."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers, in the order sent."""

    @property
    def body(self) -> bytes:
        """Return the body."""

    @property
    def seconds(self) -> float:
        """Return how long it took."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One challenge, all that was seen of it, and what it really showed.

    `pictures` are the replies that brought each picture by itself, and `marks` what the page says
    of each. `groups` name the photos. `coins` says of hardened pictures which way they were pushed.
    `wrong` is how many pictures the answer had wrong, None when it was not taken.
    """

    id: str
    rounds: int
    issued: Reply
    stream: Reply | None
    pictures: tuple[Reply, ...]
    marks: tuple[str, ...]
    answered: Reply | None
    cats: tuple[bool, ...]
    counted: tuple[bool, ...]
    groups: tuple[int, ...]
    coins: tuple[bool | None, ...]
    wrong: int | None

    @property
    def each(self) -> int:
        """Return how many pictures a round has."""
        return len(self.cats) // self.rounds


# --- channels of single pictures ------------------------------------------------------------------

Look = Callable[[Watched, int], dict[str, Trait] | None]


def _length(one: Watched, place: int) -> dict[str, Trait]:
    return {"bytes": float(len(one.pictures[place].body))}


def _time(one: Watched, place: int) -> dict[str, Trait]:
    """Return how long a picture took beside the others of its challenge."""
    times = [reply.seconds for reply in one.pictures]
    mine = times[place]
    return {"later": mine - median(times), "rank": float(sum(time < mine for time in times))}


def _headers(one: Watched, place: int) -> dict[str, Trait]:
    return dict(header_traits(one.pictures[place]))


def _container(one: Watched, place: int) -> dict[str, Trait]:
    """Return how the file is built: nothing that follows from the picture in it.

    Whether a quantizer is odd follows from our own rule: the finest, or the file is full.
    """
    file = one.pictures[place].body
    found = containers.chunks(file)
    code = containers.coded(found)
    finest = containers.quantizer(code)
    usual = finest in FINEST or len(code) >= FULL * len(file)
    return {"layout": containers.layout(found), "quality": "" if usual else str(finest)}


def _padding(one: Watched, place: int) -> dict[str, Trait] | None:
    """Return what the padding is like, of all pictures the same length of it.

    How much of it there is follows from the picture: None when it is too little to look at.
    """
    filling = containers.padding(containers.chunks(one.pictures[place].body))
    if len(filling) < PADDED:
        return None
    some = filling[:PADDED]
    return {
        "first": float(filling[0]),
        "first bit": str(filling[0] & 1),
        "last": float(filling[-1]),
        "last bit": str(filling[-1] & 1),
        "mean": sum(some) / PADDED,
        "zeros": float(some.count(0)),
        "packed": containers.packed(some),
    }


def _code(one: Watched, place: int) -> dict[str, Trait]:
    """Return what the picture's own code weighs: a picture with more in it has more of it."""
    code = containers.coded(containers.chunks(one.pictures[place].body))
    return {
        "length": float(len(code)),
        "first partition": float(containers.first_partition(code)),
        "quantizer": float(containers.quantizer(code)),
    }


def _markup(one: Watched, place: int) -> dict[str, Trait]:
    """Return what the page says of a picture, without the numbers that every picture has."""
    mark = one.marks[place] if place < len(one.marks) else ""
    plain = re.sub(r"\d+", "#", mark.replace(one.id, ""))
    return {"length": float(len(plain)), "text": plain}


PICTURES: Final[dict[str, Look]] = {
    "byte length": _length,
    "picture times": _time,
    "picture headers": _headers,
    "container": _container,
    "padding": _padding,
    "markup": _markup,
    "coded length": _code,
}


# --- replies --------------------------------------------------------------------------------------


def words_of(one: Watched, reply: Reply) -> dict[str, Trait]:
    """Return what a reply says beside ids and times: its length, its words, its headers."""
    text = reply.body.decode("latin-1") if len(reply.body) < 100_000 else ""
    words = re.sub(r"[A-Za-z0-9_.:-]*\d[A-Za-z0-9_.:-]*", "#", text.replace(one.id, ""))
    return {
        "length": float(len(reply.body)),
        "words": words[:2000],
        **dict(header_traits(reply)),
    }


def header_traits(reply: Reply) -> Iterable[tuple[str, Trait]]:
    """Yield what the headers of a reply are, each as a value, as a length and as a number."""
    kept = [(name.lower(), value) for name, value in reply.headers if name.lower() not in FLEETING]
    yield "headers", " ".join(name for name, _ in kept)
    for name, value in kept:
        yield name, value
        yield f"{name} length", str(len(value))
        yield f"{name} number", _number(value)


def _number(value: str) -> float:
    """Return a number or a time in a header as a number; 0 for other words."""
    digits = re.sub(r"\D", "", value)[:15]
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return float(digits or 0)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
