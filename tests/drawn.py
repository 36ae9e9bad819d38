"""Pictures for tests, drawn from a seed: no two seeds look alike."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Return soft coloured blobs."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def noise(width: int = 300, height: int = 300) -> Image.Image:
    """Return white noise: the hardest picture to press together."""
    dots = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(dots)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the picture as a file."""
    with io.BytesIO() as out:
        image.save(out, kind, **options)
        return out.getvalue()


def photo_file(seed: int, **options: Any) -> bytes:
    """Return a JPEG file of the seed's picture."""
    return encoded(picture(seed), **options)


def folder(top: Path, files: dict[str, bytes]) -> Path:
    """Write the files below `top` and return it."""
    for name, data in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return top
