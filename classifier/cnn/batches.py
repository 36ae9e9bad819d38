"""Photos in batches. What is random about a batch follows from the seed, the epoch and the photo.

So a run that was killed and goes on sees the very pictures that it would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from classifier.cnn.presets import Transform

Batch = tuple[Tensor, Tensor]


class Photos(Dataset[Batch]):
    """Some photos of a set, each changed at random in its own way in each epoch."""

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.int64],
        indexes: Sequence[int],
        transform: Transform | None = None,
        seed: tuple[int, int] = (0, 0),
    ) -> None:
        self.pixels, self.labels, self.indexes = pixels, labels, indexes
        self.transform, self.seed = transform, seed

    def __len__(self) -> int:
        """Return how many photos these are."""
        return len(self.indexes)

    def __getitem__(self, place: int) -> Batch:
        """Return one picture (3 x size x size, bytes) and its label."""
        index = self.indexes[place]
        picture = torch.from_numpy(np.array(self.pixels[index])).permute(2, 0, 1)
        if self.transform is not None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(_mixed(*self.seed, index))
                picture = self.transform(picture.contiguous())
        return picture, torch.tensor(self.labels[index])


def in_order(photos: Photos, batch: int, workers: int = 0) -> DataLoader[Batch]:
    """Return batches in the photos' order."""
    return DataLoader(photos, batch_size=batch, num_workers=workers)


def shuffled(photos: Photos, batch: int, workers: int = 0) -> DataLoader[Batch]:
    """Return batches in an order of this epoch; a last batch of one photo is left out.

    `workers` processes are forked: only a process without threads of other libraries may do so.
    """
    order = torch.Generator().manual_seed(_mixed(*photos.seed, -1))
    return DataLoader(
        photos,
        batch_size=batch,
        shuffle=True,
        generator=order,
        num_workers=workers,
        drop_last=len(photos) % batch == 1 and len(photos) > batch,
    )


def _mixed(seed: int, epoch: int, index: int) -> int:
    """Return one number for the three: a different one for each photo of each epoch."""
    words = np.random.SeedSequence([seed, epoch, index + 1]).generate_state(2)
    return int(words[0]) << 31 | int(words[1]) >> 1
