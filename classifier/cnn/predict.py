"""From pictures to P(cat): one preprocessing, one way to read a network's numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from classifier.cnn.config import NEITHER, ModelSpec, Preprocessing

# Pictures (B x 3 x size x size) in, B x (classes + 1) logits out, "neither" last.
Runner = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network thinks of one picture. Chances are 0..1 and calibrated.

    `label` is the likeliest class and `confidence` its chance, taking for granted that it is one
    of them; whether it is, `familiar` says: the chance, above 0.5 yes.
    """

    label: str
    confidence: float
    p_cat: float
    familiar: float
    chances: dict[str, float]

    @property
    def verdict(self) -> str:
        """The label, or "neither"."""
        return self.label if self.familiar >= 0.5 else NEITHER


def fit(image: Image.Image, config: Preprocessing) -> Image.Image:
    """Return the picture as the square that the network looks at, in RGB."""
    square = (config.size, config.size)
    image = image.convert("RGB")
    if image.size == square:
        return image
    box = None
    if config.fit == "crop":
        side = min(image.size)
        left, upper = (image.width - side) // 2, (image.height - side) // 2
        box = (left, upper, left + side, upper + side)
    return image.resize(square, Image.Resampling.BICUBIC, box=box, reducing_gap=3.0)


def to_pixels(image: Image.Image, config: Preprocessing) -> NDArray[np.uint8]:
    """Return the picture's square as numbers: size x size x 3."""
    return np.asarray(fit(image, config))


def normalise(pixels: Tensor, config: Preprocessing) -> Tensor:
    """Return B x 3 x size x size floats for the network, from B x 3 x size x size bytes."""
    mean = torch.tensor(config.mean, device=pixels.device).view(1, 3, 1, 1)
    deviation = torch.tensor(config.deviation, device=pixels.device).view(1, 3, 1, 1)
    return (pixels.float() / 255 - mean) / deviation


def to_batch(images: Sequence[Image.Image], config: Preprocessing) -> Tensor:
    """Return pictures as the network wants them: B x 3 x size x size."""
    pixels = np.stack([to_pixels(image, config) for image in images])
    return normalise(torch.from_numpy(pixels).permute(0, 3, 1, 2), config)


def predict(run: Runner, spec: ModelSpec, images: Sequence[Image.Image]) -> list[Prediction]:
    """Return what the network thinks of each picture."""
    with torch.inference_mode():
        return read(run(to_batch(images, spec.preprocessing)), spec)


def read(outputs: Tensor, spec: ModelSpec) -> list[Prediction]:
    """Read a network's outputs, B x (classes + 1), one row for each picture."""
    outputs = outputs.float()
    chances = (outputs[:, :-1] / spec.temperature).softmax(dim=1).tolist()
    familiar = (-outputs[:, -1]).sigmoid().tolist()
    return [_one(row, known, spec) for row, known in zip(chances, familiar, strict=True)]


def _one(row: list[float], familiar: float, spec: ModelSpec) -> Prediction:
    chances = dict(zip(spec.classes, row, strict=True))
    label = max(chances, key=lambda name: chances[name])
    return Prediction(label, chances[label], chances.get("cat", 0.0), familiar, chances)
