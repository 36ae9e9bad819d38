"""Photos inside a page: small, in their own shape, as data URIs."""

from __future__ import annotations

import base64
import io
from typing import Final

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

# The longest side of a picture in a gallery, in pixels, and its JPEG quality.
SIDE: Final = 220
QUALITY: Final = 82
# How much of a picture's colour is left under the map of where the network looked.
FAINT: Final = 0.35


def uri(pixels: NDArray[np.uint8], width: int, height: int, side: int = SIDE) -> str:
    """Return squashed pixels (size x size x 3) as a picture with the shape of the original."""
    return _encode(_unsquash(pixels, width, height, side))


def looked(pixels: NDArray[np.uint8], heat: NDArray[np.float32], width: int, height: int) -> str:
    """Return the picture with where the network looked: `heat` is h x w, 0..1, bright is much."""
    image = _unsquash(pixels, width, height, SIDE)
    strength = Image.fromarray((heat * 255).astype(np.uint8)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    share = np.asarray(strength, dtype=np.float32)[..., np.newaxis] / 255
    glow = matplotlib.colormaps["inferno"](share[..., 0])[..., :3] * 255
    grey = np.asarray(image.convert("L").convert("RGB"), dtype=np.float32)
    base = FAINT * np.asarray(image, dtype=np.float32) + (1 - FAINT) * grey
    mixed = base * (1 - 0.65 * share) + glow * 0.65 * share
    return _encode(Image.fromarray(mixed.clip(0, 255).astype(np.uint8)))


def _unsquash(pixels: NDArray[np.uint8], width: int, height: int, side: int) -> Image.Image:
    scale = side / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Image.fromarray(np.asarray(pixels)).resize(size, Image.Resampling.LANCZOS)


def _encode(image: Image.Image) -> str:
    with io.BytesIO() as out:
        image.save(out, "JPEG", quality=QUALITY)
        return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
