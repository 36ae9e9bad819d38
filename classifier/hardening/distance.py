"""A proxy for how much a tile differs from the clean one. Only people can say if it is legible."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

# What of the difference is seen at each scale, from the whole tile to an eighth: the animal's
# shape lies in the coarse ones.
_WEIGHTS: Final = (0.2, 0.3, 0.3, 0.2)
_WINDOW: Final = 7
# The constants of SSIM for values of 0..1.
_C1: Final = 0.01**2
_C2: Final = 0.03**2


def distances(clean: Tensor, changed: Tensor) -> list[float]:
    """Return for each tile 1 - its likeness over four scales: 0 the same, about 1 nothing left.

    A weighted mean of SSIM on brightness (Wang, Simoncelli and Bovik 2003, "Multiscale structural
    similarity for image quality assessment"; theirs is a product). It is a proxy.
    """
    a, b = _luma(clean), _luma(changed)
    likeness = torch.zeros(len(clean))
    for weight in _WEIGHTS:
        likeness += weight * _ssim(a, b)
        a, b = functional.avg_pool2d(a, 2), functional.avg_pool2d(b, 2)
    return [float(1 - value) for value in likeness]


def _luma(tiles: Tensor) -> Tensor:
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return (tiles * weights).sum(1, keepdim=True)


def _ssim(a: Tensor, b: Tensor) -> Tensor:
    mean_a, mean_b = _mean(a), _mean(b)
    spread_a = _mean(a * a) - mean_a**2
    spread_b = _mean(b * b) - mean_b**2
    both = _mean(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + _C1) * (2 * both + _C2)
    below = (mean_a**2 + mean_b**2 + _C1) * (spread_a + spread_b + _C2)
    return (top / below).mean(dim=(1, 2, 3))


def _mean(tiles: Tensor) -> Tensor:
    return functional.avg_pool2d(tiles, _WINDOW, stride=1)
