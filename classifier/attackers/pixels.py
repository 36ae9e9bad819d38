"""What a bot makes of the bytes that it gets: decoded pictures, as every rung wants them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor


def image(data: bytes) -> Image.Image:
    """Return one decoded picture, RGB."""
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB")


def array(data: bytes, side: int) -> NDArray[np.uint8]:
    """Return one picture pressed to a square of `side` pixels: side x side x 3."""
    opened = image(data)
    if opened.size != (side, side):
        opened = opened.resize((side, side), Image.Resampling.LANCZOS)
    return np.asarray(opened)


def tensor(pictures: Sequence[bytes], side: int) -> Tensor:
    """Return pictures as N x 3 x side x side bytes."""
    import torch

    if not pictures:
        return torch.zeros((0, 3, side, side), dtype=torch.uint8)
    stacked = np.stack([array(data, side) for data in pictures])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous()


def encoded(picture: Image.Image) -> bytes:
    """Return a picture as a file without loss, for rungs that change it before another looks."""
    with io.BytesIO() as out:
        picture.save(out, "PNG", compress_level=1)
        return out.getvalue()
