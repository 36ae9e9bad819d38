"""A network's numbers for a whole set of photos."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import numpy as np
import torch
from PIL import Image

from classifier.cnn import features, net, predict
from classifier.cnn.config import Preprocessing
from classifier.cnn.net import Classifier
from classifier.progress import Quiet
from tests.classifier.sets import picture

CONFIG = Preprocessing(size=32)


class Counting(Quiet):
    """Counts how far it is."""

    done = 0

    def advance(self, count: int = 1, said: str = "") -> None:
        """Go on."""
        self.done += count


def network() -> Classifier:
    """Return our small network with random weights."""
    torch.manual_seed(1)
    return Classifier(net.create("pawnet", 2, pretrained=False)).eval()


def images(count: int) -> list[Image.Image]:
    """Return some pictures."""
    return [picture("cat", seed) for seed in range(count)]


def pixels(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return them as a set keeps them."""
    return np.stack([predict.to_pixels(one, CONFIG) for one in images(count)])


def test_it_says_the_same_as_photo_by_photo() -> None:
    looking = network()
    with torch.inference_mode():
        expected = looking(predict.to_batch(images(70), CONFIG))
    found = features.outputs(looking, CONFIG, pixels(70))
    assert found.shape == (70, 3)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_it_keeps_to_the_order_of_the_indexes_and_counts_them() -> None:
    looking, counting = network(), Counting()
    every = features.outputs(looking, CONFIG, pixels(9))
    some = features.outputs(looking, CONFIG, pixels(9), [7, 0, 3], counting)
    torch.testing.assert_close(some, every[[7, 0, 3]], rtol=1e-4, atol=1e-5)
    assert counting.done == 3


def test_it_returns_what_the_last_layer_looks_at() -> None:
    assert features.features(network(), CONFIG, pixels(5)).shape == (5, 256)
    plain = net.create("tf_efficientnet_lite0", 2, pretrained=False)
    assert features.features(plain, CONFIG, pixels(2)).shape == (2, 1280)


def test_no_photos_have_no_numbers() -> None:
    assert len(features.outputs(network(), CONFIG, pixels(3), [])) == 0
