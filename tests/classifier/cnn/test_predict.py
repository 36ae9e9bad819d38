"""From pictures to labels and chances."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image

from classifier.cnn import net, predict
from classifier.cnn.config import Fit, ModelSpec, Preprocessing
from classifier.cnn.pawnet import PawNet
from tests.drawn import picture

SPEC = ModelSpec("test-1", "pawnet", ("cat", "dog"), Preprocessing(size=48), temperature=2.0)


def test_the_same_picture_gives_the_same_answer_in_any_batch() -> None:
    torch.manual_seed(1)
    network = net.Classifier(PawNet(2)).eval()
    images = [picture(seed, 300, 200 + 30 * seed) for seed in range(4)]
    together = predict.predict(network, SPEC, images)
    for image, prediction in zip(images, together, strict=True):
        (alone,) = predict.predict(network, SPEC, [image])
        assert alone.label == prediction.label
        assert alone.p_cat == pytest.approx(prediction.p_cat, abs=1e-4)


@pytest.mark.parametrize("size", [(150, 1200), (1200, 150), (150, 150), (2048, 1536)])
@pytest.mark.parametrize("fit", ["squash", "crop"])
def test_every_shape_becomes_one_shape(size: tuple[int, int], fit: Fit) -> None:
    batch = predict.to_batch([picture(1, *size)], Preprocessing(fit=fit))
    assert batch.shape == (1, 3, 224, 224)
    assert -1.0 <= float(batch.min()) <= float(batch.max()) <= 1.0


def test_squashing_keeps_the_edges_and_cropping_the_middle() -> None:
    wide = Image.new("RGB", (300, 100), "black")
    wide.paste("white", (0, 0, 60, 100))
    squashed = predict.to_pixels(wide, Preprocessing(size=30))
    cropped = predict.to_pixels(wide, Preprocessing(size=30, fit="crop"))
    assert squashed[:, :4].min() == 255
    assert cropped.max() == 0


def test_temperature_softens_the_chances() -> None:
    """The oracle of attack-math 5.5: z = 2 and T = 2 give 0.731059."""
    (said,) = predict.read(torch.tensor([[2.0, 0.0, -1.0]]), SPEC)
    assert said.label == "cat"
    assert said.p_cat == said.confidence == pytest.approx(0.731059, abs=1e-6)
    assert said.chances["dog"] == pytest.approx(1 - 0.731059, abs=1e-6)


def test_what_is_strange_is_neither_whatever_its_logits() -> None:
    known, strange = predict.read(torch.tensor([[9.0, 0.0, -0.1], [9.0, 0.0, 0.1]]), SPEC)
    assert (known.verdict, strange.verdict) == ("cat", "neither")
    assert strange.label == "cat"
    assert strange.familiar < 0.5 < known.familiar


def test_a_network_without_cats_gives_no_cat_a_chance() -> None:
    spec = ModelSpec("test-2", "pawnet", ("dog", "rabbit"), Preprocessing())
    (said,) = predict.read(torch.tensor([[0.0, 1.0, -1.0]]), spec)
    assert (said.label, said.p_cat) == ("rabbit", 0.0)
