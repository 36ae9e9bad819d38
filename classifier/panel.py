"""The panel: every network there is, what it was trained on, and what it may be used for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

# A judge that reads plain photos worse than this (0..1) is weak: what it fails at proves nothing.
STRONG: Final = 0.98


class Role(enum.StrEnum):
    """What a network is used for. A judge takes no part in hardening or in choosing photos."""

    LABELS = "labels"
    HARDENS = "hardens"
    CHOOSES = "chooses"
    JUDGES = "judges"


@dataclass(frozen=True, slots=True)
class Network:
    """One row of the table.

    `accuracy` is its share of plain photos read rightly, on photos that it never saw, `tested` how
    many these were; `file` lies in classifier/weights/panel/, `sha256` is its digest.
    """

    key: str
    family: str
    package: str
    version: str
    trained_on: str
    role: Role
    accuracy: float
    tested: int
    file: str
    sha256: str

    @property
    def weak(self) -> bool:
        """Return whether it reads plain photos too badly to prove anything."""
        return self.accuracy < STRONG
