"""Which photos took no part in a network's training: only those measure it honestly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from classifier.cnn.data import Sample
from classifier.cnn.duplicates import groups

# Hexadecimal digits of a file's SHA-256 by which splits name it, at least.
DIGITS: Final = 16
LEARNT: Final = ("train", "val")


@dataclass(frozen=True, slots=True)
class Unseen:
    """Indexes of the photos to measure with, and how many were left out, by why.

    `same` photos took part in training or validation, `alike` are near-duplicates of some that
    did, `aside` took no part, but were not set aside for testing as those in `chosen` were.
    """

    chosen: tuple[int, ...]
    same: int
    alike: int
    aside: int
    tested: bool


def choose(samples: Sequence[Sample], split: Mapping[str, Any]) -> Unseen:
    """Return which photos a network may be measured with, given the split of its training.

    `split` is what split.json holds: for each side a list of photos, as {"sha256", "phash"...} or
    as the first digits of their SHA-256. If photos of its test side are there, they are what is
    measured; else all that took no part.
    """
    learnt = [one for side in LEARNT for one in split.get(side, ())]
    known, test = set(map(_digest, learnt)), set(map(_digest, split.get("test", ())))
    here = [sample.digest[:DIGITS] for sample in samples]
    same = {place for place, digest in enumerate(here) if digest in known}
    alike = _alike(samples, same, _hashes(learnt, set(here))) - same
    free = [place for place in range(len(here)) if place not in same | alike]
    chosen = [place for place in free if here[place] in test]
    return Unseen(
        chosen=tuple(chosen or free),
        same=len(same),
        alike=len(alike),
        aside=len(free) - len(chosen) if chosen else 0,
        tested=bool(chosen),
    )


def _alike(samples: Sequence[Sample], same: set[int], away: list[int]) -> set[int]:
    """Return the photos that share a group with one that took part, be it among these or not."""
    numbers = groups([sample.phash for sample in samples] + away)
    tainted = {numbers[place] for place in same} | set(numbers[len(samples) :])
    return {place for place in range(len(samples)) if numbers[place] in tainted}


def _hashes(learnt: Sequence[Any], here: set[str]) -> list[int]:
    """Return the perceptual hashes of photos that took part and are not among these."""
    return [
        int(one["phash"])
        for one in learnt
        if isinstance(one, dict) and "phash" in one and _digest(one) not in here
    ]


def _digest(photo: Any) -> str:
    """Return the first digits of the photo's SHA-256."""
    return str(photo["sha256"] if isinstance(photo, dict) else photo)[:DIGITS]
