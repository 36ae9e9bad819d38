"""Looking at a tile after washing it: what a push against networks may not survive.

Each way keeps what people see and changes the fine pattern: saved again as JPEG, blurred, the
median of neighbours, made small and large again, fewer steps of light, mirrored.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from classifier.attackers import pixels, platt
from classifier.attackers.base import Attacker, Tile
from classifier.attackers.platt import Platt
from classifier.attacks import Tried

Way = Callable[[Image.Image], Image.Image]


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """Return it as it is after a JPEG of this quality, 0..100."""
    with io.BytesIO() as out:
        picture.save(out, "JPEG", quality=quality)
        return pixels.image(out.getvalue())


def blur(picture: Image.Image, radius: float) -> Image.Image:
    """Return it with a Gaussian blur, the radius in pixels."""
    return picture.filter(ImageFilter.GaussianBlur(radius))


def median(picture: Image.Image, side: int) -> Image.Image:
    """Return it with the median of `side` x `side` neighbours in each place."""
    return picture.filter(ImageFilter.MedianFilter(side))


def small(picture: Image.Image, share: float) -> Image.Image:
    """Return it made smaller, to a share of its sides, and large again."""
    less = tuple(max(1, round(side * share)) for side in picture.size)
    shrunk = picture.resize((less[0], less[1]), Image.Resampling.BICUBIC)
    return shrunk.resize(picture.size, Image.Resampling.BICUBIC)


def depth(picture: Image.Image, bits: int) -> Image.Image:
    """Return it with so many bits for each colour (feature squeezing, Xu et al. 2018)."""
    return ImageOps.posterize(picture, bits)


WAYS: Final[Mapping[str, Way]] = {
    "jpeg 90": partial(jpeg, quality=90),
    "jpeg 70": partial(jpeg, quality=70),
    "jpeg 50": partial(jpeg, quality=50),
    "jpeg 30": partial(jpeg, quality=30),
    "blur 1": partial(blur, radius=1.0),
    "blur 2": partial(blur, radius=2.0),
    "median 3": partial(median, side=3),
    "median 5": partial(median, side=5),
    "half size": partial(small, share=0.5),
    "third size": partial(small, share=1 / 3),
    "5 bits": partial(depth, bits=5),
    "3 bits": partial(depth, bits=3),
    "mirrored": ImageOps.mirror,
}


@dataclass(frozen=True, slots=True)
class Washed:
    """Another attacker, who looks at each tile after one way of washing."""

    inner: Attacker
    way: str
    rung: str = "preprocessing"

    @property
    def name(self) -> str:
        """Return the other's name, with the way."""
        return f"{self.inner.name} after {self.way}"

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) as the other has it, of the washed tiles."""
        wash = WAYS[self.way]
        return self.inner.look([pixels.encoded(wash(pixels.image(data))) for data in pictures])


@dataclass(slots=True)
class BestWashed:
    """Whatever washing serves best: one way, none, or the mean of all; turned round if need be.

    Before it learned anything it takes the mean of all. From labelled tiles it learns only which
    way to take and how sure to be: the other attacker's weights stay.
    """

    inner: Attacker
    name: str = "washed"
    ways: Sequence[str] = tuple(WAYS)
    rung: str = "preprocessing"
    tuning: list[Tried] = field(default_factory=list)
    _way: str = "all"
    _platt: Platt = field(default_factory=Platt)

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Choose the way by tiles whose truth is known, the inverted selves among them."""
        cats = np.array([bool(tile.cat) for tile in tiles])
        told = {name: platt.logit(p) for name, p in self._each([t.data for t in tiles]).items()}
        self.tuning, best = [], -1
        for way in ("as it is", "all", *self.ways):
            scores = self._taken(told, way)
            hits = int(((scores > 0) == cats).sum())
            for words, right in ((way, hits), (f"{way}, inverted", len(cats) - hits)):
                self.tuning.append(Tried(what=words, seen=len(cats), right=right))
            if max(hits, len(cats) - hits) > best:
                best, self._way = max(hits, len(cats) - hits), way
        # A slope below 0 is the inverted self.
        self._platt = platt.fit(self._taken(told, self._way), cats)

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) of each tile, washed in the way that was chosen."""
        if not pictures:
            return []
        told = {name: platt.logit(p) for name, p in self._each(pictures, self._way).items()}
        return self._platt.chances(self._taken(told, self._way))

    def _each(self, pictures: Sequence[bytes], only: str = "all") -> dict[str, list[float]]:
        """Return what the other thinks after each way of washing; "as it is" among them."""
        wanted = self.ways if only == "all" else [way for way in self.ways if way == only]
        told = {way: Washed(self.inner, way).look(pictures) for way in wanted}
        if only in {"all", "as it is"}:
            told["as it is"] = self.inner.look(pictures)
        return told

    @staticmethod
    def _taken(told: Mapping[str, platt.Floats], way: str) -> platt.Floats:
        if way != "all":
            return told[way]
        mean: platt.Floats = np.mean(list(told.values()), axis=0)
        return mean
