"""Repeats: a person is paid for a rendition's first showing, and every further one is looked up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifier.attackers import pixels
from classifier.attackers.base import Attacker
from classifier.attackers.guessing import Guessing

# A rendition saved again differs by little in a small copy of itself: 0..255, root mean square.
# Two crops of one photo, the next nearest thing, differ by more.
SAME: Final = 4.0
SMALL: Final = 24
# How often people who are paid are right, at least: nobody is surer of what he bought.
PAID: Final = 0.995


@dataclass(slots=True)
class Repeats:
    """Pictures that were paid for once, by their bytes, and by their pixels when bytes differ.

    `paid` counts what people were asked, `looked_up` what was known. What it does not know another
    attacker reads, who guesses by default.
    """

    otherwise: Attacker = field(default_factory=Guessing)
    name: str = "repeats"
    rung: str = "repeats"
    paid: int = 0
    looked_up: int = 0
    _exact: dict[bytes, bool] = field(default_factory=dict)
    _small: list[NDArray[np.float32]] = field(default_factory=list)
    _cats: list[bool] = field(default_factory=list)
    _rows: NDArray[np.float32] | None = None

    @property
    def bought(self) -> tuple[int, int]:
        """Return of how many pictures people were asked, and how many there were in all."""
        return self.paid, self.paid + self.looked_up

    def remember(self, picture: bytes, *, cat: bool) -> None:
        """Pay a person for this picture, if nobody was paid for it before."""
        if self._known(picture) is not None:
            return
        self.paid += 1
        self._exact[_key(picture)] = cat
        self._small.append(_thumbnail(picture))
        self._cats.append(cat)
        self._rows = None

    def knows(self, picture: bytes) -> bool:
        """Return whether a person was paid for this rendition before."""
        return self._known(picture) is not None

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return what people said of each picture, else what the other attacker thinks."""
        known = [self._known(picture) for picture in pictures]
        self.looked_up += sum(cat is not None for cat in known)
        rest = [data for data, cat in zip(pictures, known, strict=True) if cat is None]
        read = iter(self.otherwise.look(rest))
        return [next(read) if cat is None else (PAID if cat else 1 - PAID) for cat in known]

    def _known(self, picture: bytes) -> bool | None:
        exact = self._exact.get(_key(picture))
        if exact is not None or not self._small:
            return exact
        if self._rows is None:
            self._rows = np.stack(self._small)
        off = np.sqrt(np.square(self._rows - _thumbnail(picture)).mean(axis=1))
        place = int(off.argmin())
        return self._cats[place] if off[place] <= SAME else None


def _key(picture: bytes) -> bytes:
    return hashlib.sha256(picture).digest()


def _thumbnail(picture: bytes) -> NDArray[np.float32]:
    return pixels.array(picture, SMALL).astype(np.float32).ravel()
