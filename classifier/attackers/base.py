"""What every attacker is: encoded pictures in, P(cat) out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture as a client gets it: the encoded bytes, and (in the lab) what it shows.

    `photo` names the source photo, so that splits can be made by photo; `cat` is the truth,
    None where the attacker has to do without.
    """

    data: bytes
    cat: bool | None = None
    photo: str = ""
    recipe: str = "plain"


class Attacker(Protocol):
    """Somebody who tells cats from dogs in our pictures."""

    @property
    def name(self) -> str:
        """Return its name, as the command line and stored runs have it."""

    @property
    def rung(self) -> str:
        """Return its place in the ladder."""

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat), 0..1, for each encoded picture, calibrated as well as it can be."""


class Learner(Attacker, Protocol):
    """An attacker that learns from labelled tiles of ours before it looks."""

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Train on tiles whose truth is known. Called again, it begins anew."""


class Watcher(Attacker, Protocol):
    """An attacker that remembers what it was told of pictures it has seen."""

    def remember(self, picture: bytes, *, cat: bool) -> None:
        """Keep what a picture turned out to show."""
