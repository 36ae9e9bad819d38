"""From the network's last layer to a place in the picture."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from classifier.cnn import locate, net
from tests.drawn import noise, picture

TABBY = locate.CATS.start


class Bright(nn.Module):
    """A network to which whatever is bright is a tabby, and whatever is dark is a goldfish."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 1000)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            self.head.weight[TABBY, 0] = 300.0
            self.head.weight[1, 1] = 10.0

    def forward_features(self, pictures: Tensor) -> Tensor:
        """Return how bright and how dark it is, at 10 x 10 places."""
        light = nn.functional.avg_pool2d(pictures.mean(dim=1, keepdim=True), locate.SIDE // 10)
        return torch.cat([(light + 0.9).clamp(min=0), (-light - 0.9).clamp(min=0)], dim=1)

    def forward_head(self, features: Tensor) -> Tensor:
        """Return what each class gets."""
        logits: Tensor = self.head(features.mean(dim=(2, 3)))
        return logits

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.head


def spot(x: float, y: float, size: tuple[int, int] = (800, 300)) -> Image.Image:
    """Return a black picture with a white square around this place."""
    made = Image.new("RGB", size)
    half = min(size) // 10
    left, upper = round(x * size[0]) - half, round(y * size[1]) - half
    made.paste("white", (left, upper, left + 2 * half, upper + 2 * half))
    return made


@pytest.mark.parametrize("place", [(0.2, 0.5), (0.85, 0.3), (0.5, 0.8)])
@pytest.mark.parametrize("size", [(800, 300), (300, 800), (400, 400)])
def test_it_finds_the_place_in_any_shape(place: tuple[float, float], size: tuple[int, int]) -> None:
    made = spot(*place, size)
    found, mirrored = locate.locate(Bright(), [made, ImageOps.mirror(made)])
    assert found == pytest.approx(place, abs=0.06)
    assert mirrored == pytest.approx((1 - place[0], place[1]), abs=0.06)


def test_it_says_nothing_of_what_it_does_not_see() -> None:
    assert locate.locate(Bright(), [Image.new("RGB", (300, 200))]) == [None]


def test_the_real_network_finds_nothing_in_noise() -> None:
    network = net.load()
    assert locate.locate(network, [noise(), noise(200, 500), picture(1)]) == [None] * 3


def test_the_middle_is_that_of_the_strong_part() -> None:
    strength = torch.full((10, 10), 0.4)
    strength[2, 7] = strength[3, 7] = 1.0
    assert locate.middle(strength) == pytest.approx((0.75, 0.3))
    assert locate.middle(torch.zeros(10, 10)) is None


def test_other_classes_speak_against_a_place() -> None:
    features = torch.zeros(1, 2, 1, 3)
    features[0, 0, 0, 0] = features[0, 1, 0, 2] = 1.0
    chances, weights = torch.zeros(1, 1000), torch.zeros(1000, 2)
    chances[0, TABBY], chances[0, 1] = 0.5, 0.5
    weights[TABBY], weights[1] = torch.tensor([2.0, 1.0]), torch.tensor([0.0, 3.0])
    (strength,) = locate.activation(features, chances, weights)
    assert strength.tolist()[0] == pytest.approx([2.0, 0.0, 0.0], abs=1e-4)
