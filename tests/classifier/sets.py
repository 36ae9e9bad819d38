"""Photo sets for tests: small drawn pictures whose class a small network can learn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from classifier.cnn.config import TrainingConfig

# What each class looks like: warm, cold, or green, each with dots of its own.
HUES = {"cat": (220, 90, 40), "dog": (40, 90, 220), "rabbit": (60, 200, 60)}


def picture(word: str, seed: int, side: int = 40) -> Image.Image:
    """Return a picture of this class: its colour under soft noise, no two alike."""
    random = np.random.default_rng([len(word), ord(word[0]), seed])
    coarse = random.integers(-70, 70, (6, 6, 3)) + np.array(HUES[word])
    tile = Image.fromarray(coarse.clip(0, 255).astype(np.uint8))
    return tile.resize((side, side + seed % 3), Image.Resampling.BICUBIC)


def file_of(image: Image.Image) -> bytes:
    """Return the picture as a PNG file."""
    with io.BytesIO() as out:
        image.save(out, "PNG")
        return out.getvalue()


def class_folders(top: Path, counts: dict[str, int]) -> Path:
    """Write a folder of pictures for each class and return the folder above them."""
    for word, count in counts.items():
        folder = top / word
        folder.mkdir(parents=True)
        for seed in range(count):
            (folder / f"{seed}.png").write_bytes(file_of(picture(word, seed)))
    return top


def quick(data: Path, **changes: object) -> TrainingConfig:
    """Return a config with which training takes a second or two."""
    from classifier.cnn.config import TrainingConfig

    said: dict[str, object] = {
        "data": [str(data)], "arch": "pawnet", "pretrained": False, "epochs": 2, "lr": 3e-3,
        "batch": 8, "image_size": 32, "augment": "flip,zoom", "workers": 0, "threads": 1,
        "half": False, "average": 0.8, "val_share": 0.25, "test_share": 0.25, "dropout": 0.1,
    }  # fmt: skip
    return TrainingConfig.from_dict(said | changes)
