"""Where a network looked."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import numpy as np
import torch

from classifier.cnn import net
from classifier.cnn.gradcam import gradcam
from classifier.cnn.net import Classifier
from classifier.exceptions import NoSuchNetwork


def made(arch: str) -> Classifier:
    """Return a network with random weights."""
    torch.manual_seed(3)
    return Classifier(net.create(arch, 2, pretrained=False)).eval()


@pytest.mark.parametrize("arch", ["pawnet", "tf_efficientnet_lite0", "resnet18", "convnext_atto"])
def test_it_draws_a_map_for_each_picture(arch: str) -> None:
    network = made(arch)
    pictures = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    maps = gradcam(network, pictures, [0, 1, 1])
    assert maps.shape == (3, *network.places(pictures).shape[2:])
    assert maps.dtype == np.float32
    assert maps.min() >= 0
    assert maps.max() <= 1


def test_it_looks_where_the_difference_is() -> None:
    """A network that sums the red of one place says where the red is."""
    network = made("pawnet")
    with torch.no_grad():
        for block in network.backbone.blocks.modules():
            if isinstance(block, torch.nn.Conv2d):
                block.weight.zero_()
                block.weight[:, 0, 1, 1] = 1
        for layer in (network.backbone.dense[2], network.backbone.classifier):
            layer.weight.fill_(0.01)
            layer.bias.zero_()
    pictures = torch.zeros(1, 3, 128, 128)
    pictures[:, :, :40, 90:] = 1
    (where,) = gradcam(network, pictures, [0])
    row, column = np.unravel_index(where.argmax(), where.shape)
    assert row < where.shape[0] / 2 <= column
    assert where[-1, 0] == 0


def test_another_class_has_another_map() -> None:
    network, pictures = made("pawnet"), torch.randn(1, 3, 96, 96)
    assert not np.array_equal(gradcam(network, pictures, [0]), gradcam(network, pictures, [1]))


def test_it_leaves_no_gradients_behind() -> None:
    network = made("pawnet")
    with torch.inference_mode():
        # As the engine calls it: weights may be of inference mode, threads share the network.
        pictures = torch.randn(2, 3, 64, 64)
    gradcam(network, pictures.clone(), [0, 1])
    assert all(weight.grad is None for weight in network.parameters())


def test_it_does_not_disturb_predictions_in_other_threads() -> None:
    network, pictures = made("pawnet"), torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = network(pictures)
        gradcam(network, pictures, [0, 1])
        assert torch.is_inference_mode_enabled()
        assert torch.equal(network(pictures), before)


def test_a_network_without_places_is_told_so() -> None:
    network = made("vit_tiny_patch16_224")
    with pytest.raises(NoSuchNetwork, match="keeps no map of places"):
        gradcam(network, torch.randn(1, 3, 224, 224), [0])
