"""The model that is shipped: whole, small enough, and as good as its card says."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image

from challenges.archives import Walk
from classifier import engine
from classifier.cnn import calibration
from tests.drawn import noise

PHOTOS = Path(__file__).parents[3] / "shared" / "photos"
FOLDER = Path(engine.WEIGHTS)


def split() -> dict[str, list[dict[str, Any]]]:
    """Return which photos it was trained, validated and tested with."""
    with gzip.open(FOLDER / "shipped-split.json.gz", "rt") as file:
        sides: dict[str, list[dict[str, Any]]] = json.load(file)
    return sides


def test_it_is_the_file_that_was_chosen_and_fits_a_repository() -> None:
    data = (FOLDER / "shipped.safetensors").read_bytes()
    assert hashlib.sha256(data).hexdigest() == json.loads(
        (FOLDER / "shipped.json").read_text()
    )["sha256"]  # fmt: skip
    assert len(data) <= 15_000_000


def test_no_photo_of_its_test_took_part_in_training() -> None:
    sides = split()
    digests = {side: {photo["sha256"] for photo in photos} for side, photos in sides.items()}
    assert not digests["test"] & (digests["train"] | digests["val"])
    assert len(digests["test"]) == 2422


@pytest.mark.parametrize(
    "picture",
    [
        noise(),
        noise(200, 500),
        Image.new("RGB", (300, 300), "white"),
        Image.new("RGB", (300, 200), "black"),
        Image.new("RGB", (250, 250), (120, 130, 110)),
        Image.linear_gradient("L").convert("RGB"),
    ],
    ids=["noise", "tall noise", "white", "black", "grey", "gradient"],
)
def test_noise_and_blanks_are_neither(picture: Image.Image) -> None:
    (said,) = engine.shipped().predict([picture])
    assert said.verdict == "neither"


def set_aside() -> Iterator[tuple[str, Image.Image]]:
    """Yield the photos that took no part in training, with their given labels."""
    kept = {photo["sha256"] for photo in split()["test"]}
    for animal in ("cat", "dog"):
        for file in Walk([PHOTOS / f"{animal}s-180px.tar"]):
            digest = hashlib.sha256(file.data).hexdigest()[:16]
            if digest in kept:
                kept.remove(digest)  # The set holds a few files twice.
                yield animal, Image.open(io.BytesIO(file.data)).convert("RGB")


@pytest.mark.photos
def test_it_is_as_good_as_its_card_says(capsys: pytest.CaptureFixture[str]) -> None:
    said = list(engine.shipped().stream(set_aside()))
    right = torch.tensor([one.label == label for label, one in said])
    error = calibration.ece(torch.tensor([one.confidence for _, one in said]), right)
    refused = sum(one.verdict == "neither" for _, one in said) / len(said)
    with capsys.disabled():
        print(
            f"\n{engine.shipped().name} ({engine.shipped().kind}): {int(right.sum())} of "
            f"{len(said)} right, ECE {error:.4f}, {refused:.2%} called neither"
        )
    assert len(said) == 2422
    assert float(right.float().mean()) >= 0.99
    assert error <= 0.005
    assert refused <= 0.01
