"""Challenges as they are seen from outside, made up: clean ones, and ways to plant a leak."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from random import Random

from classifier.attackers.outside import Watched

PICTURES = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, of the form that attackers.outside reads."""

    headers: tuple[tuple[str, str], ...] = (
        ("date", "now"),
        ("content-type", "image/webp"),
        ("cache-control", "no-store"),
    )
    body: bytes = b""
    seconds: float = 0.005


def webp(
    length: int = 9000, size: int = 12_400, *, quantizer_of: bytes = b"", filling: bytes = b""
) -> bytes:
    """Return what looks like a WebP from outside: its chunks, but no picture."""
    code = (quantizer_of or bytes(length))[:length].ljust(length, b"\0")
    rest = size - 12 - 18 - 8 - length - 8
    padding = (filling or os.urandom(rest))[:rest].ljust(rest, b"\0")
    chunks = struct.pack("<4sI", b"VP8X", 10) + bytes(10)
    chunks += struct.pack("<4sI", b"VP8 ", length) + code
    chunks += struct.pack("<4sI", b"PADD", len(padding)) + padding
    return struct.pack("<4sI4s", b"RIFF", size - 8, b"WEBP") + chunks


def draw(dice: Random, count: int) -> tuple[bool, ...]:
    """Return a fair draw, as challenges.selection makes it."""
    while True:
        cats = tuple(dice.random() < 0.5 for _ in range(count))
        if 0 < sum(cats) < count:
            return cats


@dataclass(slots=True)
class Service:
    """A clean service with so many photos; what it shows can be changed to plant a leak."""

    seed: int = 0
    photos: int = 600
    rounds: int = 1
    dice: Random = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        """Take dice."""
        self.dice = Random(self.seed)

    def challenge(self) -> Watched:
        """Return a clean challenge."""
        dice = self.dice
        cats = sum((draw(dice, PICTURES) for _ in range(self.rounds)), ())
        self.number += 1
        groups = tuple(dice.randrange(self.photos // 2) * 2 + cat for cat in cats)
        name = "".join(
            dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=32)
        )
        return Watched(
            id=name,
            rounds=self.rounds,
            issued=Reply(body=f'{{"id": "{name}"}}'.encode(), seconds=dice.gauss(0.02, 0.004)),
            stream=Reply(body=b"stream", seconds=dice.gauss(0.03, 0.004)),
            pictures=tuple(
                Reply(
                    body=webp(dice.randrange(7000, 11_000)), seconds=abs(dice.gauss(0.005, 0.001))
                )
                for _ in cats
            ),
            marks=tuple(f'<img src="/{name}/{place}">' for place in range(len(cats))),
            answered=Reply(body=b'{"error": "wrong_answer"}', seconds=dice.gauss(0.01, 0.002)),
            cats=cats,
            counted=(True,) * len(cats),
            groups=groups,
            coins=tuple(Random(f"{self.seed} {group}").random() < 0.5 for group in groups),
            wrong=dice.randrange(1, PICTURES),
        )

    def challenges(self, count: int) -> list[Watched]:
        """Return so many clean challenges."""
        return [self.challenge() for _ in range(count)]
