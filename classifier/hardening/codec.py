"""The encoder that visitors' pictures go through, inside the search for a pattern."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

# About what a hardened tile gets when it has to fit into imaging.PICTURE_BYTES.
QUALITY: Final = 60
_THREADS: Final = 2


def through(tiles: Tensor) -> Tensor:
    """Return the tiles (0..1) as they are after the encoder; gradients pass as if it was not there.

    Straight-through estimation: Bengio et al. 2013, "Estimating or propagating gradients through
    stochastic neurons".
    """
    with torch.no_grad():
        pixels = (tiles.detach() * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        with ThreadPoolExecutor(_THREADS) as pool:
            seen = list(pool.map(_encoded, list(pixels)))
        after = torch.from_numpy(np.stack(seen)).permute(0, 3, 1, 2).float() / 255
    return tiles + (after - tiles).detach()


def _encoded(pixels: np.ndarray) -> np.ndarray:
    with io.BytesIO() as out:
        # The quickest of the encoder's methods: it loses what the one of service loses.
        Image.fromarray(pixels).save(out, "WEBP", quality=QUALITY, method=0)
        return np.asarray(Image.open(out).convert("RGB"))
