"""Finding labels that are likely wrong."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier.cnn.doubts import doubts, out_of_fold
from classifier.progress import Quiet

CLASSES = 3
WRONG = (4, 50, 133)


def made(photos: int = 240) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features in three clouds, and labels, of which those of WRONG are wrong."""
    truth = torch.arange(photos) % CLASSES
    noise = torch.randn(photos, 8, generator=torch.Generator().manual_seed(1))
    features = noise + 6 * torch.nn.functional.one_hot(truth, 8)
    labels = truth.clone()
    labels[list(WRONG)] = (labels[list(WRONG)] + 1) % CLASSES
    return features, labels


def test_it_finds_the_wrong_labels_and_what_they_should_be() -> None:
    features, labels = made()
    found = doubts(features, labels, range(len(labels)), CLASSES, Quiet())
    assert {one.index for one in found} == set(WRONG)
    for one in found:
        assert one.given == labels[one.index]
        assert one.likely == one.index % CLASSES
        assert one.p_given < 0.1 < 0.8 < one.p_likely
    assert [one.p_given for one in found] == sorted(one.p_given for one in found)


def test_a_wrong_label_cannot_be_vouched_for_by_its_own_duplicate() -> None:
    features, labels = made()
    groups = list(range(len(labels)))
    # The same photo again, with the same wrong label.
    features, labels = torch.cat([features, features[:5]]), torch.cat([labels, labels[:5]])
    groups += [0, 1, 2, 3, 4]
    found = doubts(features, labels, groups, CLASSES, Quiet())
    assert {one.index for one in found} == {*WRONG, 244}


def test_every_photo_is_judged() -> None:
    features, labels = made()
    chances = out_of_fold(features, labels, range(len(labels)), CLASSES, Quiet())
    torch.testing.assert_close(chances.sum(dim=1), torch.ones(len(labels)))


def test_a_handful_of_photos_is_not_doubted() -> None:
    assert doubts(torch.randn(3, 4), torch.tensor([0, 1, 2]), [0, 1, 2], 3, Quiet()) == []
