"""A network as the attack lab, the audit and the hardener want it: tiles in, logits of cat out."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn.config import ModelSpec, Preprocessing
from classifier.cnn.net import Classifier

CAT: Final = "cat"
DOG: Final = "dog"


class Reader(nn.Module):
    """A network of cats and dogs that reads tiles of any size and can be derived through.

    `forward` takes B x 3 x H x W floats, 0..1, and returns B logits: log P(cat) / P(dog), already
    divided by the temperature, so that `sigmoid` of it is a calibrated chance on plain photos.
    Pressing to the network's size and normalising happen inside. `backbone` answers to timm's
    method names; `head` is its last layer for cat against dog alone (1 x features).
    """

    def __init__(
        self,
        backbone: nn.Module,
        weight: Tensor,
        bias: Tensor,
        preprocessing: Preprocessing,
        *,
        temperature: float = 1.0,
        flips: bool = False,
    ) -> None:
        super().__init__()
        self.backbone: Any = backbone
        self.head = nn.Linear(weight.numel(), 1)
        self.head.weight.data.copy_(weight.reshape(1, -1))
        self.head.bias.data.copy_(bias.reshape(1))
        self.size = preprocessing.size
        self.temperature = temperature
        self.flips = flips
        self._constant("mean", torch.tensor(preprocessing.mean).view(1, 3, 1, 1))
        self._constant("deviation", torch.tensor(preprocessing.deviation).view(1, 3, 1, 1))

    def _constant(self, name: str, value: Tensor) -> None:
        self.register_buffer(name, value, persistent=False)

    def forward(self, tiles: Tensor) -> Tensor:
        """Return the logit of cat for each tile: B numbers."""
        return self.judge(self.features(tiles))

    def judge(self, features: Tensor) -> Tensor:
        """Return the logit of cat from what the last layer looks at: B numbers."""
        logits: Tensor = self.head(features).squeeze(1) / self.temperature
        return logits

    def features(self, tiles: Tensor) -> Tensor:
        """Return what the last layer looks at: B x features."""
        return self.seen(self.pictures(tiles))

    def seen(self, pictures: Tensor) -> Tensor:
        """Return the same from pictures that are already pressed and normalised."""
        found = self._features(pictures)
        return (found + self._features(pictures.flip(3))) / 2 if self.flips else found

    def pictures(self, tiles: Tensor) -> Tensor:
        """Return the tiles pressed to the network's size and normalised."""
        return (resized(tiles, self.size) - self.mean) / self.deviation  # type: ignore[operator]

    def _features(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.backbone.forward_head(
            self.backbone.forward_features(pictures), pre_logits=True
        )
        return found


def resized(tiles: Tensor, size: int) -> Tensor:
    """Return tiles pressed to a square of so many pixels, as Pillow's bicubic filter does it."""
    if tiles.shape[-2:] == (size, size):
        return tiles
    return functional.interpolate(
        tiles, (size, size), mode="bicubic", align_corners=False, antialias=True
    )


def pressed(tiles: Tensor, config: Preprocessing) -> Tensor:
    """Return tiles as a network of this preprocessing takes them."""
    mean = torch.tensor(config.mean).view(1, 3, 1, 1)
    deviation = torch.tensor(config.deviation).view(1, 3, 1, 1)
    return (resized(tiles, config.size) - mean) / deviation


def from_classifier(network: Classifier, spec: ModelSpec) -> Reader:
    """Return the reader of a trained network. Raises ValueError if it knows no cats and dogs."""
    head = network.backbone.get_classifier()
    cat, dog = spec.classes.index(CAT), spec.classes.index(DOG)
    return Reader(
        network.backbone,
        head.weight[cat] - head.weight[dog],
        head.bias[cat] - head.bias[dog],
        spec.preprocessing,
        temperature=spec.temperature,
        flips=spec.flips,
    ).eval()
