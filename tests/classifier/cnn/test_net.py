"""The networks and their weights, without any download."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import nn

from classifier.cnn import net
from classifier.cnn.pawnet import PawNet
from classifier.cnn.torchvision_ops import import_torchvision
from classifier.exceptions import NoSuchNetwork

ROOT = Path(__file__).parents[3]
LITES = ["tf_efficientnet_lite0", "tf_efficientnet_lite1", "tf_efficientnet_lite2"]
STAGES = [1, 2, 2, 3, 3, 4, 1]


@pytest.mark.parametrize(
    ("name", "timm_name"),
    [
        ("_conv_stem.weight", "conv_stem.weight"),
        ("_bn0.running_var", "bn1.running_var"),
        ("_blocks.0._depthwise_conv.weight", "blocks.0.0.conv_dw.weight"),
        ("_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight"),
        ("_blocks.0._bn2.bias", "blocks.0.0.bn2.bias"),
        ("_blocks.1._expand_conv.weight", "blocks.1.0.conv_pw.weight"),
        ("_blocks.4._bn2.weight", "blocks.2.1.bn3.weight"),
        ("_blocks.15._project_conv.weight", "blocks.6.0.conv_pwl.weight"),
        ("_bn1.weight", "bn2.weight"),
        ("_fc.bias", "classifier.bias"),
    ],
)
def test_weights_are_mapped_by_name(name: str, timm_name: str) -> None:
    assert net.timm_name(name, STAGES) == timm_name


@pytest.mark.parametrize("name", ["_blocks.16._bn2.bias", "_nothing.weight"])
def test_an_unknown_weight_is_no_guess(name: str) -> None:
    with pytest.raises(KeyError):
        net.timm_name(name, STAGES)


@pytest.mark.parametrize("arch", LITES)
@torch.inference_mode()
def test_it_answers_as_the_network_that_the_weights_come_from(arch: str) -> None:
    from efficientnet_lite_pytorch import EfficientNet

    import_torchvision()
    import timm

    ours = timm.create_model(arch, pretrained=False).eval()
    net.load_imagenet(ours, arch)
    source = EfficientNet.from_name(arch.removeprefix("tf_").replace("_", "-")).eval()
    source.load_state_dict(torch.load(net.imagenet_path(arch), weights_only=True))
    size = {"0": 224, "1": 240, "2": 260}[arch[-1]]
    pictures = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert torch.allclose(ours(pictures), source(pictures), atol=1e-4)


def test_the_classifier_says_a_logit_for_each_class_and_one_for_neither() -> None:
    for backbone in (net.create("tf_efficientnet_lite0", 3, pretrained=False), PawNet(3)):
        network = net.Classifier(backbone).eval()
        with torch.inference_mode():
            said = network(torch.zeros(2, 3, 64, 64))
        assert said.shape == (2, 4)
        assert torch.allclose(said[:, :3], backbone(torch.zeros(2, 3, 64, 64)), atol=1e-5)


@pytest.mark.parametrize("arch", ["resnet10t", "mobilenetv3_small_050", "convnext_atto"])
def test_any_network_of_timms_will_do(arch: str) -> None:
    network = net.Classifier(net.create(arch, 3, pretrained=False)).eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, 3, 64, 64)).shape == (1, 4)
        assert network.places(torch.zeros(1, 3, 64, 64)).ndim == 4


def test_a_network_that_is_not_there_names_others() -> None:
    with pytest.raises(NoSuchNetwork, match=r"timm has no network 'resnet51'\. Try pawnet"):
        net.create("resnet51", 2, pretrained=False)


def test_our_own_network_has_no_pretrained_weights() -> None:
    with pytest.raises(NoSuchNetwork, match="train it with --scratch"):
        net.create("pawnet", 2, pretrained=True)


def test_our_own_network_takes_any_size() -> None:
    network: nn.Module = PawNet(2).eval()
    for size in (32, 96, 130):
        assert network(torch.zeros(1, 3, size, size)).shape == (1, 2)


def python(code: str) -> str:
    """Run code in a fresh process and return what it prints."""
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


def test_torchvision_can_be_imported_beside_any_torch() -> None:
    code = (
        "from classifier.cnn.torchvision_ops import import_torchvision as load\n"
        "load(); load()\n"
        "from torchvision.transforms import v2\n"
        "from torchvision import models, datasets\n"
        "print(v2.Resize(4).size)"
    )
    assert python(code) == "[4]"


def test_a_web_process_never_imports_torch() -> None:
    code = (
        "import captcha_site.wsgi, sys\n"
        "from django.urls import get_resolver\n"
        "get_resolver().reverse_dict\n"
        "from django.contrib import admin\n"
        "admin.autodiscover()\n"
        "import challenges.tasks, classifier.tasks\n"
        "print(sorted(n for n in sys.modules if n in {'torch', 'torchvision', 'timm'}))"
    )
    assert python(code) == "[]"


def test_with_flips_a_picture_and_its_mirror_image_are_the_same() -> None:
    torch.manual_seed(1)
    network = net.Classifier(PawNet(2), flips=True).eval()
    pictures = torch.rand(2, 3, 48, 48)
    with torch.inference_mode():
        assert torch.allclose(network(pictures), network(pictures.flip(3)), atol=1e-5)
        one_way = net.Classifier(network.backbone).eval()
        assert not torch.equal(one_way(pictures), one_way(pictures.flip(3)))
