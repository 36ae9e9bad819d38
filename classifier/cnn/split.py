"""Which photos train, which validate, which test: no photo and no near-duplicate on two sides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifier.cnn.data import Sample
from classifier.cnn.duplicates import groups

SIDES: Final = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Split:
    """Indexes into the samples, for each side."""

    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]

    def side(self, name: str) -> tuple[int, ...]:
        """Return the indexes of one of SIDES."""
        sides: dict[str, tuple[int, ...]] = {
            "train": self.train,
            "val": self.val,
            "test": self.test,
        }
        return sides[name]


def split(samples: Sequence[Sample], seed: int, val_share: float, test_share: float) -> Split:
    """Split photos by near-duplicate group; the shares are 0..1, of all photos.

    A group's side follows from the seed and its photos alone: the order of the photos, and which
    others there are, change nothing.
    """
    numbers = groups([sample.phash for sample in samples])
    keys: dict[int, str] = {}
    for sample, number in zip(samples, numbers, strict=True):
        keys[number] = min(sample.digest, keys.get(number, sample.digest))
    sides: dict[str, list[int]] = {name: [] for name in SIDES}
    for index, number in enumerate(numbers):
        place = _place(keys[number], seed)
        name = "test" if place < test_share else "train"
        if test_share <= place < test_share + val_share:
            name = "val"
        sides[name].append(index)
    return Split(*(tuple(sides[name]) for name in SIDES))


def _place(key: str, seed: int) -> float:
    """Return a number 0..1 that looks random and is always the same."""
    return int(hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()[:12], 16) / 16**12


def first_of_each(samples: Sequence[Sample], indexes: Sequence[int], limit: int) -> list[int]:
    """Return the first `limit` photos of each class, all of them when `limit` is 0."""
    counts: dict[int, int] = {}
    taken = []
    for index in indexes:
        label = samples[index].label
        if not limit or counts.get(label, 0) < limit:
            counts[label] = counts.get(label, 0) + 1
            taken.append(index)
    return taken


def to_dict(made: Split, samples: Sequence[Sample], classes: Sequence[str]) -> dict[str, Any]:
    """Return the split with the name, the SHA-256 and the class of each photo."""
    return {"classes": list(classes)} | {
        name: [
            {
                "name": samples[index].name,
                "sha256": samples[index].digest,
                "phash": samples[index].phash,
                "class": classes[samples[index].label],
            }
            for index in made.side(name)
        ]
        for name in SIDES
    }


def save(path: Path, made: Split, samples: Sequence[Sample], classes: Sequence[str]) -> None:
    """Write the split beside its run."""
    path.write_text(json.dumps(to_dict(made, samples, classes), indent=0))


def load(path: Path, samples: Sequence[Sample]) -> Split:
    """Return a saved split; photos that have come since take no part.

    Raises KeyError when one of its photos is gone.
    """
    said = json.loads(path.read_text())
    side_of = {(one["sha256"], one["class"]): name for name in SIDES for one in said[name]}
    classes = said["classes"]
    sides: dict[str, list[int]] = {name: [] for name in SIDES}
    for index, sample in enumerate(samples):
        side = side_of.pop((sample.digest, classes[sample.label]), None)
        if side is not None:
            sides[side].append(index)
    if side_of:
        raise KeyError(next(iter(side_of)))
    return Split(*(tuple(sides[name]) for name in SIDES))
