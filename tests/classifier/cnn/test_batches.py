"""Batches and augmentation: what is random follows from the seed, the epoch and the photo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import Tensor

from classifier.cnn.batches import Photos, in_order, shuffled
from classifier.cnn.presets import NAMES, augmentation, names
from classifier.exceptions import BadData
from tests.drawn import picture

ROOT = Path(__file__).parents[3]
SIZE = 24
PIXELS = np.stack([np.asarray(picture(seed, SIZE, SIZE)) for seed in range(17)])
LABELS = np.arange(17) % 2


def photos(epoch: int, augment: str = ",".join(NAMES)) -> Photos:
    """Return all photos as this epoch changes them."""
    return Photos(PIXELS, LABELS, range(17), augmentation(names(augment), SIZE), (1, epoch))


def seen(epoch: int, workers: int = 0) -> list[Tensor]:
    """Return the batches of pictures of an epoch."""
    return [pictures for pictures, _ in shuffled(photos(epoch), 4, workers)]


def same(one: list[Tensor], other: list[Tensor]) -> bool:
    """Return whether two epochs showed the very same pictures in the same order."""
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_an_epoch_can_be_seen_again_whatever_else_was_random() -> None:
    first = seen(3)
    torch.rand(5)
    assert same(first, seen(3))


def test_processes_that_prepare_photos_change_nothing() -> None:
    """In a process of its own: here are threads of other tests, beside which nobody may fork."""
    code = (
        "from tests.classifier.cnn.test_batches import same, seen\n"
        "print(same(seen(3), seen(3, workers=1)))"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "True", done.stderr


def test_another_epoch_shows_other_pictures() -> None:
    assert not same(seen(3), seen(4))


def test_preparing_photos_leaves_the_dice_of_training_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    photos(1)[0]
    assert torch.equal(torch.rand(3), expected)


def test_without_augmentation_the_photo_is_as_it_was() -> None:
    (pictures, labels), *_ = in_order(photos(1, "none"), 17)
    assert torch.equal(pictures.permute(0, 2, 3, 1), torch.from_numpy(PIXELS))
    assert labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_each_augmentation_changes_some_photos_and_keeps_their_shape(name: str) -> None:
    changed = [photos(1, name)[place][0] for place in range(17)]
    assert {picture.shape for picture in changed} == {(3, SIZE, SIZE)}
    plain = [torch.from_numpy(pixels).permute(2, 0, 1) for pixels in PIXELS]
    assert any(not torch.equal(a, b) for a, b in zip(changed, plain, strict=True))


def test_a_last_batch_of_one_is_left_out() -> None:
    assert [len(labels) for _, labels in shuffled(photos(1), 4)] == [4, 4, 4, 4]


def test_an_unknown_augmentation_names_those_there_are() -> None:
    with pytest.raises(BadData, match="no augmentation 'swirl': choose among flip, rotate"):
        names("flip,swirl")
