"""The attack of 2008: support vector machines on colours and textures.

Golle, "Machine learning attacks against the Asirra CAPTCHA" (CCS 2008): whether a colour occurs in
a cell of the picture (F1, F2, F3), and how near the picture comes to each of many scraps of 5 x 5
pixels (G). His figures: 80.3 % after 4,000 photos, 82.7 % after 8,000.

Two things differ, for speed. Scraps are compared by their root mean square distance instead of the
mean one, in the directions in which scraps vary most; and pictures are halved before, so that all
places of a picture can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from classifier.attackers import pixels, platt, svm
from classifier.attackers.base import Tile
from classifier.attackers.platt import Platt
from classifier.attacks import Tried

# Cells a side, and steps of hue, saturation and value.
COLOURS: Final = ((1, 10, 10, 10), (3, 10, 8, 8), (5, 10, 6, 6))
SIDE: Final = 250
TEXTURE_SIDE: Final = 125
SCRAP: Final = 5
SCRAPS: Final = 5000
# Scraps nearer to one another than this are the same: mean distance of pixels, 0..441.
APART: Final = 40.0
# Directions of scraps that are compared: more change no accuracy, only the time.
DIRECTIONS: Final = 24
COLOUR_GAMMA: Final = 1e-3
TEXTURE_GAMMA: Final = 1e-1
# What the two machines count in the sum.
SHARES: Final = (1 / 3, 2 / 3)
COSTS: Final = (1.0, 10.0)
FOLDS: Final = 3

Matrix = NDArray[np.float32]


def colours(picture: Image.Image) -> NDArray[np.bool_]:
    """Return which colours occur in which cells: 15,760 flags."""
    hsv = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR).convert("HSV"))
    return np.concatenate([_present(hsv.astype(np.int64), *one) for one in COLOURS])


def _present(
    hsv: NDArray[np.int64], cells: int, hues: int, depth: int, light: int
) -> NDArray[np.bool_]:
    place = (np.arange(SIDE) * cells) // SIDE
    cell = place[:, None] * cells + place[None, :]
    h, s, v = ((hsv[..., n] * steps) >> 8 for n, steps in enumerate((hues, depth, light)))
    found = np.zeros(cells * cells * hues * depth * light, dtype=np.bool_)
    found[((cell * hues + h) * depth + s) * light + v] = True
    return found


def _scraps_of(picture: Image.Image) -> Matrix:
    """Return every scrap of a picture, places x 75, 0..255."""
    small = picture.resize((TEXTURE_SIDE, TEXTURE_SIDE), Image.Resampling.BILINEAR)
    windows = sliding_window_view(np.asarray(small, dtype=np.float32), (SCRAP, SCRAP), axis=(0, 1))
    return windows.reshape(-1, 3 * SCRAP * SCRAP)


@dataclass(slots=True)
class Scraps:
    """Scraps of training photos, far enough apart, in the directions that matter."""

    directions: Matrix
    flat: Matrix
    many: int = SCRAPS

    @classmethod
    def choose(
        cls, pictures: Sequence[Image.Image], many: int, dice: np.random.Generator
    ) -> Scraps:
        """Draw scraps from training photos until there are so many that are APART, or no more."""
        each = max(8, -(-20 * many // max(len(pictures), 1)))
        drawn = np.concatenate([_some(picture, each, dice) for picture in pictures])
        drawn = drawn[dice.permutation(len(drawn))]
        _, _, axes = np.linalg.svd(
            drawn[:20_000] - drawn[:20_000].mean(axis=0), full_matrices=False
        )
        directions = np.ascontiguousarray(axes[:DIRECTIONS].T)
        flat = _spread_out(drawn @ directions, many)
        return cls(directions, flat, len(flat))

    def distances(self, picture: Image.Image) -> Matrix:
        """Return how near the picture comes to each scrap, 0..1."""
        places = _scraps_of(picture) @ self.directions
        # |a - b|^2 = |a|^2 - 2ab + |b|^2, as one product of matrices for all places.
        left = np.concatenate([places, np.einsum("ij,ij->i", places, places)[:, None]], axis=1)
        right = np.concatenate([-2 * self.flat, np.ones((self.many, 1), dtype=np.float32)], axis=1)
        nearest: Matrix = np.full(self.many, np.inf, dtype=np.float32)
        for start in range(0, len(left), 256):
            np.minimum(nearest, (left[start : start + 256] @ right.T).min(axis=0), out=nearest)
        apart = np.maximum(nearest + np.einsum("ij,ij->i", self.flat, self.flat), 0)
        found: Matrix = (np.sqrt(apart / SCRAP**2) / 255).astype(np.float32)
        return found


def _some(picture: Image.Image, each: int, dice: np.random.Generator) -> Matrix:
    found = _scraps_of(picture)
    return found[dice.integers(len(found), size=each)]


def _spread_out(drawn: Matrix, many: int) -> Matrix:
    """Return the first `many` rows of which no two are nearer than APART."""
    limit = APART**2 * SCRAP**2
    kept = np.empty((0, drawn.shape[1]), dtype=np.float32)
    for start in range(0, len(drawn), 256):
        some = drawn[start : start + 256]
        if len(kept):
            some = some[svm.squared_distances(some, kept).min(axis=1) >= limit]
        near = svm.squared_distances(some, some) < limit
        chosen: list[int] = []
        for row in range(len(some)):
            if not near[row, chosen].any():
                chosen.append(row)
        kept = np.concatenate([kept, some[chosen]])
        if len(kept) >= many:
            break
    return kept[:many]


@dataclass(slots=True)
class Golle:
    """Both machines together. It learns from labelled tiles, as the paper's did from photos."""

    scraps: int = SCRAPS
    seed: int = 0
    name: str = "svm-2008"
    rung: str = "svm-2008"
    tuning: list[Tried] = field(default_factory=list)
    _scraps: Scraps | None = None
    _seen: tuple[Matrix, Matrix] | None = None
    _weights: list[NDArray[np.float32]] = field(default_factory=list)
    _platt: Platt = field(default_factory=Platt)

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Learn from tiles whose truth is known. C is the one that suits left-out tiles best."""
        dice = np.random.default_rng(self.seed)
        pictures = [pixels.image(tile.data) for tile in tiles]
        cats = np.array([bool(tile.cat) for tile in tiles])
        self._scraps = Scraps.choose(pictures, self.scraps, dice)
        self._seen = self._features(pictures)
        kernels = self._kernels(self._seen)
        fold = dice.permutation(len(cats)) % FOLDS
        tried = []
        self.tuning = []
        for cost in COSTS:
            told = self._left_out(kernels, cats, fold, cost, dice)
            tried.append((float(((told > 0) == cats).mean()), cost, told))
            right = int(((told > 0) == cats).sum())
            self.tuning.append(Tried(what=f"C = {cost:g}", seen=len(cats), right=right))
        _, cost, told = max(tried, key=lambda one: one[0])
        self._platt = platt.fit(told, cats)
        self._weights = [svm.fit(kernel, cats, cost, dice) for kernel in kernels]

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return P(cat) of each picture. Raises RuntimeError before it learned anything."""
        if self._scraps is None or self._seen is None:
            raise RuntimeError("The machine of 2008 has to learn before it looks.")
        if not pictures:
            return []
        kernels = self._kernels(self._features([pixels.image(data) for data in pictures]))
        return self._platt.chances(self._sum(kernels, self._weights))

    def _features(self, pictures: Sequence[Image.Image]) -> tuple[Matrix, Matrix]:
        if self._scraps is None:
            raise RuntimeError("The machine of 2008 has no scraps yet.")
        colour = np.stack([colours(picture) for picture in pictures]).astype(np.float32)
        return colour, np.stack([self._scraps.distances(picture) for picture in pictures])

    def _kernels(self, features: tuple[Matrix, Matrix]) -> list[Matrix]:
        """Return exp(-gamma * squared distance) from the learned tiles, for both machines."""
        if self._seen is None:
            raise RuntimeError("The machine of 2008 has learned nothing yet.")
        gammas = (COLOUR_GAMMA, TEXTURE_GAMMA)
        rows = zip(features, self._seen, gammas, strict=True)
        return [np.exp(-gamma * svm.squared_distances(new, old)) for new, old, gamma in rows]

    @staticmethod
    def _sum(kernels: Sequence[Matrix], weights: Sequence[NDArray[np.float32]]) -> Matrix:
        rows = zip(SHARES, kernels, weights, strict=True)
        total: Matrix = np.sum([share * svm.scores(kernel, one) for share, kernel, one in rows], 0)
        return total

    def _left_out(
        self,
        kernels: Sequence[Matrix],
        cats: NDArray[np.bool_],
        fold: NDArray[np.int64],
        cost: float,
        dice: np.random.Generator,
    ) -> Matrix:
        """Return the score of each tile from machines that did not learn from it."""
        told = np.zeros(len(cats), dtype=np.float32)
        for one in range(FOLDS):
            out, kept = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
            weights = [svm.fit(k[np.ix_(kept, kept)], cats[kept], cost, dice) for k in kernels]
            told[out] = self._sum([kernel[np.ix_(out, kept)] for kernel in kernels], weights)
        return told
