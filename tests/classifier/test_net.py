"""The network and its weights, without any download."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import nn

from classifier.cnn import net, predict
from tests.drawn import noise, picture

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """Return the network, loaded once."""
    return net.load()


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
    assert net.timm_name(name) == timm_name


@pytest.mark.parametrize("name", ["_blocks.16._bn2.bias", "_nothing.weight"])
def test_an_unknown_weight_is_no_guess(name: str) -> None:
    with pytest.raises(KeyError):
        net.timm_name(name)


def test_every_weight_finds_its_place(network: nn.Module) -> None:
    weights = torch.load(net.weights_path(), weights_only=True)
    state = network.state_dict()
    assert {net.timm_name(name) for name in weights} == set(state)
    for name, weight in weights.items():
        assert torch.equal(state[net.timm_name(name)], weight)
    assert not network.training


def test_the_same_picture_gives_the_same_answer_in_any_batch(network: nn.Module) -> None:
    images = [picture(seed, 300, 200 + 30 * seed) for seed in range(4)]
    together = predict.predict(network, images)
    for image, prediction in zip(images, together, strict=True):
        (alone,) = predict.predict(network, [image])
        assert alone.label == prediction.label
        assert alone.p_cat == pytest.approx(prediction.p_cat, abs=1e-4)


def test_noise_is_neither(network: nn.Module) -> None:
    blank = [picture(1).resize((1, 1)).resize((300, 300)), noise(), noise(200, 500)]
    assert [made.label for made in predict.predict(network, blank)] == ["neither"] * 3


@pytest.mark.parametrize("size", [(150, 1200), (1200, 150), (150, 150), (2048, 1536)])
def test_every_shape_becomes_one_shape(size: tuple[int, int]) -> None:
    tensor = predict.to_tensor(picture(1, *size))
    assert tensor.shape == (3, 224, 224)
    assert -1.0 <= float(tensor.min()) <= float(tensor.max()) <= 1.0


def chances(cats: float, dogs: float) -> torch.Tensor:
    """Return ImageNet's probabilities with these sums for cats and dogs."""
    row = torch.full((1000,), (1 - cats - dogs) / (1000 - 5 - 118))
    row[predict.CATS], row[predict.DOGS] = cats / 5, dogs / 118
    return row


def test_cats_and_dogs_are_equally_likely_beforehand() -> None:
    undecided = predict.read(chances(cats=5 / 123, dogs=118 / 123))
    assert undecided.p_cat == pytest.approx(0.5, abs=1e-4)
    assert predict.read(chances(cats=0.3, dogs=0.3)).label == "cat"
    assert predict.read(chances(cats=0.01, dogs=0.8)).label == "dog"


def test_what_is_faint_is_neither() -> None:
    nothing = predict.read(chances(cats=0.05, dogs=0.05))
    assert nothing.label == "neither"
    assert nothing.confidence == pytest.approx(0.9, abs=1e-4)
    assert predict.read(torch.zeros(1000)).label == "neither"


def test_confidence_is_about_the_label() -> None:
    dog = predict.read(chances(cats=0.001, dogs=0.9))
    assert dog.confidence == pytest.approx(1 - dog.p_cat)
    assert dog.confidence > 0.9


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
