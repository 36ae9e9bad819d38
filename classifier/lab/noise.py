"""A surrogate that knows no animals: what aims at it is noise, as strong as a real pattern."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

_SEED: Final = 1


class Noise(nn.Module):
    """Wants a random value of every pixel of every tile, the same ones each time it looks.

    A pattern that follows its gradients takes as much of a recipe's budget as one that follows a
    network's, and means nothing: what it does to attackers anyway
    is no merit of the hardener.
    """

    def forward(self, tiles: Tensor) -> Tensor:
        """Return a logit for each tile (B x 3 x side x side)."""
        generator = torch.Generator().manual_seed(_SEED)
        wanted = torch.randn(tiles.shape, generator=generator)
        return (tiles * wanted).sum(dim=(1, 2, 3))
