"""Finding a tile among pictures that somebody knows already: by perceptual hash, by embedding.

Tiles are crops of photos, maybe mirrored: so each known picture is kept in several views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from challenges import imaging
from classifier.attackers import pixels

# Crops of a known picture: their shares of the shorter side, and how many places a side.
CROPS: Final = ((1.0, 1), (0.92, 2), (0.86, 3), (0.8, 4))
# Hashes that differ in half of their 64 bits are of unrelated pictures.
UNRELATED: Final = 32

# (how near the nearest is: 1 the same, 0 unrelated; which known picture it is)
Found = tuple[float, int]


class Index(Protocol):
    """Known pictures, and which of them is nearest to a tile."""

    def add(self, picture: Image.Image) -> None:
        """Keep a picture."""

    def nearest(self, data: bytes, without: int = -1) -> Found:
        """Return the nearest known picture, leaving out one if need be. (0, -1): none."""


def views(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield squares of a picture as a rendition may show it, each mirrored, too."""
    width, height = picture.size
    for share, places in CROPS:
        side = max(1, round(min(width, height) * share))
        for x in _steps(width - side, places):
            for y in _steps(height - side, places):
                crop = picture.crop((x, y, x + side, y + side))
                yield crop
                yield ImageOps.mirror(crop)


def _steps(room: int, places: int) -> list[int]:
    if places == 1:
        return [room // 2]
    return sorted({round(room * place / (places - 1)) for place in range(places)})


@dataclass(slots=True)
class Hashes:
    """Known pictures by the perceptual hashes of their views."""

    _hashes: list[int] = field(default_factory=list)
    _owners: list[int] = field(default_factory=list)
    _count: int = 0
    _arrays: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def add(self, picture: Image.Image) -> None:
        """Keep the hashes of a picture's views."""
        found = [imaging.perceptual_hash(view) & (1 << 64) - 1 for view in views(picture)]
        self._hashes += found
        self._owners += [self._count] * len(found)
        self._count += 1
        self._arrays = None

    def nearest(self, data: bytes, without: int = -1) -> Found:
        """Return the known picture of the nearest hash: 1 - differing bits / 32."""
        if self._arrays is None:
            hashes = np.array(self._hashes, dtype=np.uint64)
            self._arrays = hashes, np.array(self._owners, dtype=np.int64)
        hashes, owners = self._arrays
        own = np.uint64(imaging.perceptual_hash(pixels.image(data)) & (1 << 64) - 1)
        apart = np.bitwise_count(hashes ^ own).astype(np.int64)
        apart[owners == without] = 64
        if not len(apart):
            return 0.0, -1
        place = int(apart.argmin())
        return max(0.0, 1 - int(apart[place]) / UNRELATED), int(owners[place])


# Pictures -> one row of numbers each.
Embed = Callable[[Sequence[Image.Image]], NDArray[np.float32]]


@dataclass(slots=True)
class Embeddings:
    """Known pictures by what a network's last layer sees in them: the nearest by cosine."""

    embed: Embed
    _rows: list[NDArray[np.float32]] = field(default_factory=list)
    _owners: list[int] = field(default_factory=list)
    _count: int = 0
    _waiting: list[tuple[int, Image.Image]] = field(default_factory=list)
    _arrays: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]] | None = None

    def add(self, picture: Image.Image) -> None:
        """Keep a picture as a whole and its middle; the network looks when it is needed."""
        width, height = picture.size
        side = round(min(width, height) * CROPS[1][0])
        left, top = (width - side) // 2, (height - side) // 2
        middle = picture.crop((left, top, left + side, top + side))
        self._waiting += [(self._count, ImageOps.fit(picture, middle.size)), (self._count, middle)]
        self._count += 1
        self._arrays = None

    def nearest(self, data: bytes, without: int = -1) -> Found:
        """Return the known picture of the nearest row; the cosine is taken about the mean."""
        if self._arrays is None:
            self._arrays = self._ready()
        mean, rows, owners = self._arrays
        if not len(rows):
            return 0.0, -1
        (own,) = _unit(self.embed([pixels.image(data)]) - mean)
        near = rows @ own
        near[owners == without] = -1
        place = int(near.argmax())
        return max(0.0, float(near[place])), int(owners[place])

    def _ready(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
        for start in range(0, len(self._waiting), 32):
            some = self._waiting[start : start + 32]
            self._rows += list(self.embed([picture for _, picture in some]))
            self._owners += [owner for owner, _ in some]
        self._waiting = []
        if not self._rows:
            nothing = np.zeros((0, 0), dtype=np.float32)
            return nothing, nothing, np.zeros(0, dtype=np.int64)
        every = np.stack(self._rows)
        mean = every.mean(axis=0)
        return mean, _unit(every - mean), np.array(self._owners, dtype=np.int64)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    found: NDArray[np.float32] = rows / np.maximum(length, 1e-9)
    return found


def embedding(key: str) -> Embed:
    """Return what a network of the panel sees in pictures."""

    def embed(pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        import torch

        from classifier import panel

        reader = panel.load(key)
        tiles = pixels.tensor([pixels.encoded(picture) for picture in pictures], reader.size)
        with torch.inference_mode():
            found: NDArray[np.float32] = reader.features(tiles.float() / 255).float().numpy()
        return found

    return embed
