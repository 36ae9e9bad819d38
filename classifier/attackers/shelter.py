"""The shelter's public pages: photos of pets, with words that say what each is.

After a right answer we show links to pets who wait for a home. Whoever follows such links, and
those beside them, gets photos with labels for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

from classifier.attackers.base import Tile
from classifier.attackers.dictionary import Dictionary

# What shelters call them, in the languages of the widget that have words of their own.
_CAT: Final = re.compile(
    r"\b(cats?|kittens?|kitty|katzen?|kater|kätzchen|chats?|chatons?|gat[oi]s?|gatt[oi]|gatit[oa]s?"
    r"|gatos?)\b",
    re.IGNORECASE,
)
_DOG: Final = re.compile(
    r"\b(dogs?|pupp(?:y|ies)|pups?|hunde?|hündin|welpen?|chiens?|chiots?|perr[oa]s?|cachorr[oa]s?"
    r"|can[ei]|cucciol[oi]|c[ãa]e?s)\b",
    re.IGNORECASE,
)
# Attributes of a picture that say what it shows.
_SAID: Final = ("alt", "title", "aria-label")


@dataclass(frozen=True, slots=True)
class Listing:
    """One picture of a page: its address, and the words around it."""

    address: str
    words: str

    @property
    def cat(self) -> bool | None:
        """Return whether the words speak of a cat or a dog; None of neither, or of both."""
        # Addresses like /adopt/cats/12-felix.jpg speak, too.
        said = f"{self.words} {re.sub(r'[^a-zA-Z]+', ' ', self.address)}"
        cat, dog = bool(_CAT.search(said)), bool(_DOG.search(said))
        return cat if cat != dog else None


def listings(page: str, address: str) -> list[Listing]:
    """Return the pictures of a page (HTML) that lies at this address."""
    reader = _Reader(address)
    reader.feed(page)
    reader.close()
    return reader.found()


class _Reader(HTMLParser):
    """Collects pictures, the link that each is in, and the words of that link."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._link: str | None = None
        self._open: list[tuple[str, list[str]]] = []
        self._done: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._close()
            self._link = said.get("href", "")
        if tag == "img" and said.get("src"):
            words = [said[name] for name in _SAID if name in said] + [self._link or ""]
            picture = urljoin(self._address, said["src"]), words
            (self._done if self._link is None else self._open).append(picture)

    def handle_data(self, data: str) -> None:
        for _, words in self._open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close()

    def _close(self) -> None:
        self._done += self._open
        self._open, self._link = [], None

    def found(self) -> list[Listing]:
        """Return all pictures, with their words in one line."""
        self._close()
        return [
            Listing(address, " ".join(re.sub(r"[/_.-]+", " ", " ".join(words)).split()))
            for address, words in self._done
        ]


@dataclass(slots=True)
class Shelter:
    """A dictionary whose labels are read off the pages instead of being known."""

    dictionary: Dictionary
    name: str = "shelter-pages"
    rung: str = "shelter"
    unread: int = 0
    _seen: list[Tile] = field(default_factory=list)

    def read(self, pages: Sequence[tuple[Listing, bytes]]) -> None:
        """Take pictures of pages, each with its file; those whose words say nothing are let go."""
        told = [(listing.cat, data) for listing, data in pages]
        self.unread = sum(cat is None for cat, _ in told)
        self.learn([Tile(data, cat) for cat, data in told if cat is not None])

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Take pictures whose words were read already."""
        self._seen = list(tiles)
        self.dictionary.learn(self._seen)

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) by the nearest picture of the pages."""
        return self.dictionary.look(pictures)
