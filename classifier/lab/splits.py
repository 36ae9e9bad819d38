"""Which photos teach the hardener, which teach attackers, and which measure both.

Three sides, by photo: `dev` (surrogates and recipes), `attack` (judges and those who learn from
our tiles), `audit` (measured with, and seen by no network before). The audit side is the test side
of the shipped network's split, so that network is measured fairly, too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from classifier.cnn.data import Sample
from classifier.cnn.duplicates import groups
from classifier.cnn.unseen import DIGITS
from classifier.exceptions import BadData

Side = Literal["dev", "attack", "audit"]
SIDES: Final[tuple[Side, ...]] = ("dev", "attack", "audit")
FOLDER: Final = Path(__file__).parent.parent / "weights"
SHIPPED: Final = FOLDER / "shipped-split.json.gz"
TABLE: Final = FOLDER / "panel" / "sides.json.gz"
# Of photos that are not for the audit, the share on which surrogates are trained.
DEV_SHARE: Final = 0.6
# Of photos that the table does not know, the share that is measured with.
AUDIT_SHARE: Final = 0.3
_NUMBER: Final = re.compile(r"(\d+)\.[^./]+$")

Sides = Mapping[str, Side]


class LeakingSplit(BadData):
    """A photo, or a near-duplicate of it, is on two sides."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One photo's place: its key ("cat/12"), its perceptual hash, and its side."""

    key: str
    phash: int
    side: Side


def key_of(name: str, animal: str, digest: str) -> str:
    """Return what names a photo whatever its size: "cat/12"; without a number, its digest."""
    number = _NUMBER.search(name)
    return f"{animal}/{int(number[1])}" if number else f"{animal}/{digest[:DIGITS]}"


def build(samples: Sequence[Sample], classes: Sequence[str], audit: set[str]) -> dict[str, Side]:
    """Return the side of each photo; `audit` holds the first digits of digests to measure with.

    Near-duplicates share a side; a group with one photo of the audit is the audit's.
    """
    numbers = groups([sample.phash for sample in samples])
    side_of: dict[int, Side] = {}
    first: dict[int, str] = {}
    for sample, number in zip(samples, numbers, strict=True):
        first[number] = min(sample.digest, first.get(number, sample.digest))
        if sample.digest[:DIGITS] in audit:
            side_of[number] = "audit"
    for number, digest in first.items():
        side_of.setdefault(number, "dev" if _place(digest) < DEV_SHARE else "attack")
    return {
        key_of(sample.name, classes[sample.label], sample.digest): side_of[number]
        for sample, number in zip(samples, numbers, strict=True)
    }


def place(samples: Sequence[Sample], classes: Sequence[str], sides: Sides) -> list[Placed]:
    """Return the place of each photo, in their order. Raises LeakingSplit.

    Photos that the table does not know were seen by no network: their side follows from their
    near-duplicates, or else from their digest.
    """
    keys = [key_of(one.name, classes[one.label], one.digest) for one in samples]
    numbers = groups([sample.phash for sample in samples])
    known: dict[int, Side] = {}
    for key, number in zip(keys, numbers, strict=True):
        if key in sides:
            known[number] = sides[key]
    first: dict[int, str] = {}
    for sample, number in zip(samples, numbers, strict=True):
        first[number] = min(sample.digest, first.get(number, sample.digest))
    placed = [
        Placed(key, sample.phash, sides.get(key) or known.get(number) or _unknown(first[number]))
        for key, sample, number in zip(keys, samples, numbers, strict=True)
    ]
    check(placed)
    return placed


def check(placed: Iterable[Placed]) -> None:
    """Raise LeakingSplit when a photo or a near-duplicate of it is on two sides."""
    photos = list(placed)
    numbers = groups([photo.phash for photo in photos])
    sides: dict[str, tuple[Side, str]] = {}
    for photo, number in zip(photos, numbers, strict=True):
        for name in (f"key {photo.key}", f"group {number}"):
            side, other = sides.setdefault(name, (photo.side, photo.key))
            if side != photo.side:
                raise LeakingSplit(
                    f"The photo {photo.key} is on the side {photo.side!r} and {other} "
                    f"on the side {side!r}, but they are the same picture: nothing measured "
                    "with such a split would be true."
                )


def read(path: Path = TABLE) -> dict[str, Side]:
    """Return the table of sides as it was shipped."""
    said: dict[str, dict[Side, list[str]]] = json.loads(gzip.decompress(path.read_bytes()))
    return {
        f"{animal}/{number}": side
        for animal, sides in said.items()
        for side, numbers in sides.items()
        for number in numbers
    }


def write(path: Path, sides: Sides) -> None:
    """Write a table of sides; the same sides make the same bytes."""
    said: dict[str, dict[str, list[str]]] = {}
    for key in sorted(sides):
        animal, _, number = key.partition("/")
        said.setdefault(animal, {}).setdefault(sides[key], []).append(number)
    path.write_bytes(gzip.compress(json.dumps(said).encode(), mtime=0))


def shipped_test() -> set[str]:
    """Return the first digits of the digests of the shipped network's test photos."""
    said: dict[str, list[object]] = json.loads(gzip.decompress(SHIPPED.read_bytes()))
    return {str(one["sha256"] if isinstance(one, dict) else one)[:DIGITS] for one in said["test"]}


def _unknown(digest: str) -> Side:
    where = _place(digest)
    if where < AUDIT_SHARE:
        return "audit"
    return "dev" if where < AUDIT_SHARE + (1 - AUDIT_SHARE) * DEV_SHARE else "attack"


def _place(digest: str) -> float:
    """Return a number 0..1 that looks random and is always the same."""
    return int(hashlib.sha256(f"lab:{digest}".encode()).hexdigest()[:12], 16) / 16**12
