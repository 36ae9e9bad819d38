"""Networks made ready to be asked often: they see the same with less work."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import nn

from classifier import panel
from classifier.hardening.surrogates import prepared
from tests.classifier.hardening.surrogates import reader

HARDENS = panel.keys(panel.Role.HARDENS)


@pytest.fixture
def tiles() -> torch.Tensor:
    """Return a few tiles of noise."""
    return torch.rand(3, 3, 250, 250, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("key", HARDENS)
def test_a_prepared_network_says_what_it_said_before(key: str, tiles: torch.Tensor) -> None:
    network = panel.load(key)
    pictures = network.pictures(tiles)
    quick = prepared(network)
    with torch.no_grad():
        # Without the look in the mirror, which only some have.
        expected = network.judge(network._features(pictures))
        assert torch.allclose(quick.judge(quick.seen(pictures)), expected, atol=1e-3)


@pytest.mark.parametrize("key", HARDENS)
def test_no_norm_is_left_that_comes_after_a_convolution(key: str) -> None:
    network = panel.load(key)
    assert any(isinstance(one, nn.BatchNorm2d) for one in network.modules())
    assert not any(isinstance(one, nn.BatchNorm2d) for one in prepared(network).modules())


def test_the_network_itself_stays_as_it_was(tiles: torch.Tensor) -> None:
    network = reader(7)
    before = network(tiles)
    prepared(network)
    assert torch.equal(network(tiles), before)


def test_a_norm_that_folds_into_nothing_stays(tiles: torch.Tensor) -> None:
    network = reader(8)
    first = nn.BatchNorm2d(3).eval()
    first.running_mean = torch.full((3,), 0.3)
    network.backbone.blocks = nn.Sequential(first, network.backbone.blocks)
    for weight in network.parameters():
        weight.requires_grad = False
    with torch.no_grad():
        assert torch.allclose(prepared(network)(tiles), network(tiles), atol=1e-4)
    assert sum(isinstance(one, nn.BatchNorm2d) for one in prepared(network).modules()) == 1


def test_it_is_prepared_but_once() -> None:
    network = reader(9)
    assert prepared(network) is prepared(network)
