"""Two small networks to be trained from nothing: a ResNet and a vision transformer.

They are no good judges. They are of other families than EfficientNet, so that a perturbation that
misleads all of them is more likely to mislead a network that nobody has seen.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS: Final = (32, 64, 128, 256)
# The transformer: numbers for each patch, heads, blocks, and patches along a side.
WIDTH: Final = 192
HEADS: Final = 6
DEPTH: Final = 6
SIDE: Final = 7


class _Head(nn.Module):
    """The last layers that both share, by timm's method names."""

    num_features: int

    def __init__(self, classes: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.num_features, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return a logit for each class."""
        return self.forward_head(self.forward_features(pictures))

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return the last map: B x features x height x width."""
        raise NotImplementedError

    def forward_head(self, places: Tensor, *, pre_logits: bool = False) -> Tensor:
        """Return the logits, or what the last layer looks at."""
        features: Tensor = self.dropout(places.mean(dim=(2, 3)))
        if pre_logits:
            return features
        logits: Tensor = self.classifier(features)
        return logits

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.classifier


class SmallResNet(_Head):
    """Four stages of two residual blocks (He et al. 2015), half as wide as ResNet-18."""

    num_features = CHANNELS[-1]

    def __init__(self, classes: int, *, dropout: float = 0.0) -> None:
        super().__init__(classes, dropout)
        self.stem = nn.Sequential(_convolution(3, CHANNELS[0], 2), nn.ReLU())
        stages = [nn.Sequential(_Residual(CHANNELS[0], CHANNELS[0], 2), _same(CHANNELS[0]))]
        stages += [
            nn.Sequential(_Residual(before, after, 2), _same(after))
            for before, after in pairwise(CHANNELS)
        ]
        self.stages = nn.Sequential(*stages)

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return the last map."""
        places: Tensor = self.stages(self.stem(pictures))
        return places


class _Residual(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            _convolution(before, after, stride), nn.ReLU(), _convolution(after, after, 1)
        )
        changes = stride > 1 or before != after
        self.around = _convolution(before, after, stride, 1) if changes else nn.Identity()

    def forward(self, places: Tensor) -> Tensor:
        """Return the next map."""
        return functional.relu(self.inner(places) + self.around(places))


def _same(channels: int) -> nn.Module:
    return _Residual(channels, channels, 1)


def _convolution(before: int, after: int, stride: int, side: int = 3) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, side, stride=stride, padding=side // 2, bias=False),
        nn.BatchNorm2d(after),
    )


class SmallViT(_Head):
    """A vision transformer (Dosovitskiy et al. 2020) of 112 x 112 pixels with a convolutional stem.

    The stem (Xiao et al. 2021, "Early convolutions help transformers see better") lets it learn
    from thousands of photos instead of millions.
    """

    num_features = WIDTH

    def __init__(self, classes: int, *, dropout: float = 0.0) -> None:
        super().__init__(classes, dropout)
        widths = (3, WIDTH // 6, WIDTH // 4, WIDTH // 2, WIDTH)
        layers = [
            nn.Sequential(_convolution(before, after, 2), nn.ReLU())
            for before, after in pairwise(widths)
        ]
        self.stem = nn.Sequential(*layers, nn.Conv2d(widths[-1], WIDTH, 1))
        self.places = nn.Parameter(torch.randn(1, SIDE * SIDE, WIDTH) * 0.02)
        self.blocks = nn.Sequential(*(_Attention() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(WIDTH)

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return the last map: each patch with all the others in mind."""
        stem: Tensor = self.stem(pictures)
        patches = stem.flatten(2).transpose(1, 2) + self._places(stem.shape[2], stem.shape[3])
        seen: Tensor = self.norm(self.blocks(patches))
        return torch.unflatten(seen.transpose(1, 2), 2, stem.shape[2:])

    def _places(self, high: int, wide: int) -> Tensor:
        """Return what tells the patches' places apart, spread over so many of them."""
        if (high, wide) == (SIDE, SIDE):
            return self.places
        grid = torch.unflatten(self.places.transpose(1, 2), 2, (SIDE, SIDE))
        spread = functional.interpolate(grid, (high, wide), mode="bilinear", align_corners=False)
        return spread.flatten(2).transpose(1, 2)


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.before = nn.LayerNorm(WIDTH)
        self.query_key_value = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.dense = nn.Sequential(
            nn.LayerNorm(WIDTH),
            nn.Linear(WIDTH, 3 * WIDTH),
            nn.GELU(),
            nn.Linear(3 * WIDTH, WIDTH),
        )

    def forward(self, patches: Tensor) -> Tensor:
        """Return the patches, each changed by what the others show."""
        split = self.query_key_value(self.before(patches)).unflatten(2, (3, HEADS, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # Written out: torch's own kernel is many times slower with short floats on a processor.
        weights = (query @ key.transpose(2, 3) * query.shape[3] ** -0.5).softmax(dim=3)
        seen = weights.to(value.dtype) @ value
        patches = patches + self.out(seen.transpose(1, 2).flatten(2))
        found: Tensor = patches + self.dense(patches)
        return found
