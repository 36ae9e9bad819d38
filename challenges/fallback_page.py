"""The plain page as HTML: what is on it, in which language, under which headers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from challenges import headers, words
from challenges.drafts import OpenChallenge
from challenges.flows.adoption import Adoption
from challenges.hosts import frame_ancestors
from challenges.models import Site
from challenges.selection import (
    CHALLENGE_SECONDS,
    LEAST_PICTURES,
    MOST_PICTURES,
    MOST_ROUNDS,
    MOST_SECONDS,
    PICTURES,
    TOKEN_SECONDS,
    columns,
)
from challenges.words import Language, plurals

# A wait is told in minutes from here on, in seconds.
IN_MINUTES: Final = 90


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is: its address (to post to, and to load again), language and site.

    `origin` is that of the page around it, `host` the same, sealed. `session` is the visitor's
    handle, as it was sent. `test` is the kind of public test key it is about.
    """

    address: str
    language: Language
    site: Site | None = None
    sitekey: str = ""
    host: str = ""
    origin: str = ""
    again: str = ""
    session: str = ""
    test: str = ""

    @property
    def words(self) -> dict[str, Any]:
        """Return the words of the page's language."""
        return words.words(self.language.tag)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the page has to know of a challenge: its pictures, and its seconds.

    It goes with the form, so that a page which cannot ask for it still has all its pictures.
    """

    count: int = PICTURES
    rounds: int = 1
    seconds: int = CHALLENGE_SECONDS

    @classmethod
    def of(cls, challenge: OpenChallenge) -> Shape:
        """Return the shape of a challenge."""
        return cls(challenge.draft.per_round, challenge.draft.rounds, challenge.seconds)

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Return the shape that `str` wrote; the usual one for what nobody wrote."""
        numbers = [int(part) for part in text.split("x") if part.isdecimal() and len(part) < 4]
        match numbers:
            case [count, rounds, seconds] if (
                LEAST_PICTURES <= count <= MOST_PICTURES
                and 1 <= rounds <= MOST_ROUNDS
                and seconds <= MOST_SECONDS
            ):
                return cls(count, rounds, seconds)
        return cls()

    def __str__(self) -> str:
        return f"{self.count}x{self.rounds}x{self.seconds}"


@dataclass(frozen=True, slots=True)
class Content:
    """What the page says: one of a grid (`challenge`), a code (`token`), or only a sentence.

    `session` is the visitor's handle. `token_seconds` is how long the code is good. `wait` is how
    long to wait before the next try, in seconds; `final`: another try is no use.
    """

    status: int = 200
    sentence: str = ""
    challenge: str = ""
    session: str = ""
    shape: Shape = Shape()
    picked: frozenset[int] = frozenset()
    extended: bool = False
    token: str = ""
    token_seconds: int = TOKEN_SECONDS
    adopt: list[Adoption] = field(default_factory=list)
    wait: int | None = None
    final: bool = False


def render(place: Place, content: Content) -> HttpResponse:
    """Return the page."""
    # Without the request: no context processor, hence no session and no cookie.
    context = {
        "place": place,
        "content": content,
        "words": place.words,
        "rounds": _rounds(place, content),
        "columns": columns(content.shape.count),
        "minutes": _timed(place, "minutes", content.shape.seconds),
        "code_life": _timed(place, "code_life", content.token_seconds),
        "pets": _pets(place, content),
        "adopt_title": plurals.counted(
            place.words["adopt_title"], place.language.tag, len(content.adopt)
        ),
        "again": _again(place, content),
        "contact": _contact(place.site),
    }
    # A test key may stand in any page; so may a page that only says what is wrong with its key.
    ancestors = "*" if place.site is None or place.test else frame_ancestors(place.site.hosts)
    response = HttpResponse(
        render_to_string("challenges/fallback.html", context),
        status=content.status,
        headers=headers.plain_page(ancestors),
    )
    if content.wait is not None:
        response["Retry-After"] = str(content.wait)
    return response


def _rounds(place: Place, content: Content) -> list[dict[str, Any]]:
    """Return the pictures of each round, under the round's name where there are several."""
    if not content.challenge:
        return []
    rounds = content.shape.rounds
    return [
        {
            "name": place.words["round"].format(round=number + 1, rounds=rounds)
            if rounds > 1
            else "",
            "pictures": [
                _picture(place, content, number, here) for here in range(content.shape.count)
            ],
        }
        for number in range(rounds)
    ]


def _picture(place: Place, content: Content, number: int, here: int) -> dict[str, Any]:
    """Return the picture `here` of a round: it is counted within it, but sent by its own number."""
    count = content.shape.count
    index = number * count + here
    return {
        "index": index,
        "address": reverse("picture", args=[content.challenge, index]),
        "name": place.words["photo"].format(place=here + 1, count=count),
        "open": place.words["fallback"]["open"].format(place=here + 1),
        "picked": index in content.picked,
    }


def _timed(place: Place, name: str, seconds: int) -> str:
    """Return a sentence about a time, as a clock writes it."""
    return str(place.words["fallback"][name]).format(time=clock(place, seconds))


def clock(place: Place, seconds: int) -> str:
    """Return so many seconds as the visitor's clock writes them, such as 2:00."""
    minutes, rest = divmod(max(0, seconds), 60)
    return str(place.words["clock"]).format(minutes=minutes, seconds=f"{rest:02}")


def _pets(place: Place, content: Content) -> list[dict[str, str]]:
    label = place.words["adopt_label"]
    return [
        {"url": pet.url, "label": label.format(name=pet.name, shelter=pet.shelter)}
        for pet in content.adopt
    ]


def _again(place: Place, content: Content) -> str:
    """Return the words of the link that loads the page again, with the wait if there is one."""
    if content.final:
        return ""
    if content.wait is None:
        return str(place.words["again"])
    in_minutes = content.wait > IN_MINUTES
    forms = place.words["again_minutes" if in_minutes else "again_seconds"]
    count = ceil(content.wait / 60) if in_minutes else content.wait
    return plurals.counted(forms, place.language.tag, count)


def _contact(site: Site | None) -> str:
    """Return the address of the site's help as a link."""
    if site is None or not site.contact:
        return ""
    return site.contact if "://" in site.contact else f"mailto:{site.contact}"
