"""Which photos a run of the lab takes, of the files that it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from challenges import imaging
from classifier.cnn.data import LIMITS, Labelled, Sample
from classifier.exceptions import BadData
from classifier.lab import splits
from classifier.lab.splits import Placed, Side, Sides
from classifier.lab.tiles import Source

ANIMALS = ("cat", "dog")


def choose(files: Iterable[Labelled], sides: Sides, wanted: dict[Side, int]) -> list[Source]:
    """Return so many photos of each wanted side, half of each animal, always the same ones.

    Raises BadData when there are too few, LeakingSplit when one picture is on two sides.
    """
    read = [one for one in files if one.label in ANIMALS]
    try:
        chosen = _chosen(_known(read, sides), wanted)
    except BadData:
        # Other photos than the networks were made with: all are looked at for near-duplicates.
        chosen = _chosen(_placed(read, sides), wanted)
    splits.check(Placed(one.key, _phash(one.data), one.side) for one in chosen)
    return chosen


def _chosen(found: Sequence[Source], wanted: dict[Side, int]) -> list[Source]:
    """Return the photos of each side, a cat and a dog in turn: fewer are the beginning of more."""
    return [
        one
        for side, many in wanted.items()
        for both in zip(*(_some(found, side, animal, many // 2) for animal in ANIMALS), strict=True)
        for one in both
    ]


def _known(read: Sequence[Labelled], sides: Sides) -> list[Source]:
    keys = [_key(one) for one in read]
    return [
        Source(key, one.label == "cat", sides[key], one.file.data)
        for key, one in zip(keys, read, strict=True)
        if key in sides
    ]


def _placed(read: Sequence[Labelled], sides: Sides) -> list[Source]:
    """Place photos of which the table may not know all. Raises LeakingSplit."""
    found: list[tuple[Labelled, Sample]] = []
    for one in read:
        try:
            image = imaging.decode(one.file.data, LIMITS)
        except imaging.BadPhoto:
            continue
        digest = hashlib.sha256(one.file.data).hexdigest()
        label = ANIMALS.index(one.label)
        phash = imaging.perceptual_hash(image)
        found.append((one, Sample(one.file.name, label, digest, phash, *image.size)))
    placed = splits.place([sample for _, sample in found], ANIMALS, sides)
    return [
        Source(place.key, one.label == "cat", place.side, one.file.data)
        for (one, _), place in zip(found, placed, strict=True)
    ]


def _some(found: Sequence[Source], side: Side, animal: str, many: int) -> list[Source]:
    """Return the first so many in an order that looks random and is always the same."""
    mine = {one.key: one for one in found if one.side == side and one.cat == (animal == "cat")}
    if len(mine) < many:
        raise BadData(
            f"The lab wants {many} {animal}s of the side {side!r}, and these photos have "
            f"{len(mine)}: give more photos, or ask for fewer."
        )
    ranked = sorted(mine, key=lambda key: hashlib.sha256(key.encode()).digest())
    return [mine[key] for key in ranked[:many]]


def _key(one: Labelled) -> str:
    return splits.key_of(one.file.name, one.label, hashlib.sha256(one.file.data).hexdigest())


def _phash(data: bytes) -> int:
    return imaging.perceptual_hash(imaging.decode(data, LIMITS))
