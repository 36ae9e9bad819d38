"""Tiles for the lab: plain and hardened ones of the same crops, made in portions and kept.

A portion is a file that is there whole or not at all, named after everything that its tiles depend
on: the photos, the recipes and the code of the hardener, the surrogates, the seed.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageEnhance, ImageOps

from challenges import imaging, webp
from classifier.attackers.base import Tile
from classifier.lab.splits import Side
from classifier.lab.stages import fingerprint, write_whole

if TYPE_CHECKING:
    from classifier.lab.hardener import Hardener

# Photos of a portion: what a kill can cost is so many renditions.
PORTION: Final = 16


@dataclass(frozen=True, slots=True)
class Source:
    """A photo of the lab: its key ("cat/12"), its side, the file as it was found."""

    key: str
    cat: bool
    side: Side
    data: bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo's plain and hardened tile, of one and the same crop.

    `pushed` is the coin: True towards the wrong animal. Only the lab ever knows it.
    """

    plain: Tile
    hardened: Tile
    pushed: bool
    distance: float


@dataclass(frozen=True, slots=True)
class Order:
    """What tiles are to be made of: photos in order, by which hardener, with which seed."""

    sources: Sequence[Source]
    hardener: Hardener
    seed: int

    def portions(self) -> Iterator[tuple[int, Sequence[Source]]]:
        """Yield the portions, and the number of each."""
        for number, start in enumerate(range(0, len(self.sources), PORTION)):
            yield number, self.sources[start : start + PORTION]

    def path(self, folder: Path, number: int, some: Sequence[Source]) -> Path:
        """Return where a portion is kept."""
        needs = {
            "photos": [one.key for one in some],
            "hardener": self.hardener.fingerprint,
            "seed": self.seed,
            "number": number,
        }
        return folder / "tiles" / f"{fingerprint(needs)}.zip"


def make(order: Order, folder: Path, told: Callable[[int], None]) -> list[Pair]:
    """Return a pair of tiles for each photo, in order; only what is not kept yet is made."""
    pairs = []
    for number, some in order.portions():
        path = order.path(folder, number, some)
        if not path.is_file():
            write_whole(path, _packed(_made(order, number, some)))
        pairs += _unpacked(path.read_bytes())
        told(len(some))
    return pairs


def _made(order: Order, number: int, some: Sequence[Source]) -> list[Pair]:
    # Nothing here guards a secret: the lab has to come to the same tiles again.
    dice = random.Random(f"{order.seed}:{number}")  # noqa: S311
    crops = [crop(imaging.decode(one.data, imaging.Limits(side=16)), dice) for one in some]
    hardened = order.hardener.harden(crops, [one.cat for one in some], dice)
    return [
        Pair(
            Tile(webp.padded(image, imaging.PICTURE_BYTES), one.cat, one.key),
            Tile(made.data, one.cat, one.key, made.recipe),
            made.pushed,
            made.distance,
        )
        for one, image, made in zip(some, crops, hardened, strict=True)
    ]


def crop(image: Image.Image, dice: random.Random) -> Image.Image:
    """Return a crop as imaging.render makes it, before it is encoded."""
    side = imaging.PICTURE_SIDE
    box = imaging.crop_box(*image.size, dice, imaging.CENTRE)
    tile = image.convert("RGB").resize((side, side), Image.Resampling.LANCZOS, box=box)
    if dice.random() < 0.5:
        tile = ImageOps.mirror(tile)
    tile = ImageEnhance.Brightness(tile).enhance(dice.uniform(0.94, 1.06))
    return ImageEnhance.Contrast(tile).enhance(dice.uniform(0.94, 1.06))


def _packed(pairs: Sequence[Pair]) -> bytes:
    rows: list[dict[str, Any]] = [
        {
            "photo": pair.plain.photo,
            "cat": pair.plain.cat,
            "recipe": pair.hardened.recipe,
            "pushed": pair.pushed,
            "distance": pair.distance,
        }
        for pair in pairs
    ]
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("tiles.json", json.dumps(rows))
            for place, pair in enumerate(pairs):
                archive.writestr(f"{place}-plain.webp", pair.plain.data)
                archive.writestr(f"{place}-hardened.webp", pair.hardened.data)
        return out.getvalue()


def _unpacked(data: bytes) -> list[Pair]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        rows: list[dict[str, Any]] = json.loads(archive.read("tiles.json"))
        return [
            Pair(
                Tile(archive.read(f"{place}-plain.webp"), row["cat"], row["photo"]),
                Tile(
                    archive.read(f"{place}-hardened.webp"), row["cat"], row["photo"], row["recipe"]
                ),
                row["pushed"],
                row["distance"],
            )
            for place, row in enumerate(rows)
        ]
