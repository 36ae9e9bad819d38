"""Our own small network, trained from nothing: convolution, pooling, dense."""

from __future__ import annotations

import itertools
from typing import Final

from torch import Tensor, nn

CHANNELS: Final = (32, 64, 128, 256, 256)


class PawNet(nn.Module):
    """Blocks of two 3 x 3 convolutions and a pooling, then two dense layers.

    The shape of VGG (Simonyan and Zisserman 2014) with batch normalisation (Ioffe and Szegedy
    2015), as the classic cats-and-dogs projects have it, with a mean over all places before the
    dense layers, so that any picture size goes in. It answers to timm's method names.
    """

    num_features = 256

    def __init__(self, classes: int, *, dropout: float = 0.3) -> None:
        super().__init__()
        # The first layers cost most: they halve the picture twice.
        blocks = [nn.Sequential(_convolution(3, CHANNELS[0], stride=2), _halve())]
        blocks += [
            nn.Sequential(_convolution(before, after), _convolution(after, after), _halve())
            for before, after in itertools.pairwise(CHANNELS)
        ]
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(CHANNELS[-1], self.num_features),
            nn.ReLU(inplace=True),
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.num_features, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return a logit for each class."""
        return self.forward_head(self.forward_features(pictures))

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return the last map: B x features x height x width."""
        places: Tensor = self.blocks(pictures)
        return places

    def forward_head(self, places: Tensor, *, pre_logits: bool = False) -> Tensor:
        """Return the logits, or what the last layer looks at."""
        features: Tensor = self.dropout(self.dense(places))
        if pre_logits:
            return features
        logits: Tensor = self.classifier(features)
        return logits

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.classifier


def _convolution(before: int, after: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def _halve() -> nn.Module:
    # Rounded up, so that small pictures do not vanish.
    return nn.MaxPool2d(2, ceil_mode=True)
