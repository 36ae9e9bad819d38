"""Where in a picture the animal is: a class activation map of the network that labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
from PIL import Image
from torch import Tensor, nn

from classifier.cnn.config import Preprocessing
from classifier.cnn.predict import to_batch

# ImageNet's house cats (tabby to Egyptian) and its dogs (Chihuahua to Mexican hairless).
CATS: Final = slice(281, 286)
DOGS: Final = slice(151, 269)
# Below this share of all probability on cats and dogs together, a picture shows neither.
# Of 500 real photos fewer than 1 % fall below; noise reaches 0.04, plain grey 0.12.
FAINT: Final = 0.15
# The whole picture, squashed to a square of this side. The network halves it five times, so its
# last layer has 10 x 10 places; of 224 it has 7 x 7, and overlooks more small animals.
SIDE: Final = 320
PREPROCESSING: Final = Preprocessing(size=SIDE)
# Of the map only what reaches this share of its highest point counts: the rest is surroundings.
# With 0.75 it is nearer to the head, but then a stray peak at the edge may win: seen on 300 photos.
STRONG: Final = 0.5


def locate(
    network: nn.Module, images: Sequence[Image.Image], faint: float = FAINT
) -> list[tuple[float, float] | None]:
    """Return the animal's middle in each picture, 0..1 from the left and from the top.

    It is the head, mostly: that is what tells the network most. None where cats and dogs together
    have less than `faint` of all probability.
    """
    model: Any = network  # timm's networks have more methods than torch's type says.
    with torch.inference_mode():
        features = model.forward_features(to_batch(images, PREPROCESSING))
        chances = model.forward_head(features).softmax(dim=1)
        maps = activation(features, chances, model.get_classifier().weight)
    seen = chances[:, _animals()].sum(dim=1) >= faint
    return [middle(one) if sees else None for one, sees in zip(maps, seen.tolist(), strict=True)]


def activation(features: Tensor, chances: Tensor, weights: Tensor) -> Tensor:
    """Return how much each place of each picture speaks for a cat or a dog, 0 at least.

    The classes' weights are mixed as the network believes in them: the breeds it sees, minus what
    it sees instead. That is the slope of the log odds of "cat or dog" at each place.
    """
    animals = _animals()
    total = chances[:, animals].sum(dim=1, keepdim=True)
    share = torch.where(animals, chances / total.clamp(min=1e-6), -chances / (1 - total + 1e-6))
    return torch.einsum("bchw,bc->bhw", features, share @ weights).clamp(min=0)


def middle(strength: Tensor) -> tuple[float, float] | None:
    """Return the middle of the strong part of a map, (x, y) in 0..1; None for an empty map."""
    strong = torch.where(strength >= STRONG * strength.max(), strength, 0.0)
    total = float(strong.sum())
    if total <= 0:
        return None
    height, width = strong.shape
    across, down = (torch.arange(length) + 0.5 for length in (width, height))
    x = float((strong.sum(dim=0) * across).sum()) / (total * width)
    y = float((strong.sum(dim=1) * down).sum()) / (total * height)
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def _animals() -> Tensor:
    """Return which of ImageNet's classes are cats or dogs."""
    animals = torch.zeros(1000, dtype=torch.bool)
    animals[CATS] = animals[DOGS] = True
    return animals
