"""Styles and views: tiles in, tiles out; nothing at amount 0; gradients flow."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch

from classifier.hardening import codec, making, styles
from classifier.hardening.views import VIEWS
from tests.drawn import picture


def tiles() -> torch.Tensor:
    """Return two tiles."""
    return torch.stack([making.to_tile(picture(seed, 250, 250)) for seed in (1, 2)])


def chance(seed: int = 1) -> torch.Generator:
    """Return a source of chance that is always the same."""
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", styles.STYLES)
def test_a_style_changes_tiles_and_leaves_them_tiles(name: str) -> None:
    before = tiles()
    after, _ = styles.apply(before, ((name, 1.0),), chance())
    assert after.shape == before.shape
    assert 0 <= float(after.min()) <= float(after.max()) <= 1
    assert float((after - before).abs().mean()) > 0.005


@pytest.mark.parametrize("name", styles.STYLES)
def test_a_style_of_no_amount_changes_nothing(name: str) -> None:
    after, _ = styles.apply(tiles(), ((name, 0.0),), chance())
    assert float((after - tiles()).abs().max()) < 1e-3


def test_no_two_tiles_get_the_same_style() -> None:
    one = styles.apply(tiles(), (("colour", 1.0),), chance(1))[0]
    other = styles.apply(tiles(), (("colour", 1.0),), chance(2))[0]
    assert float((one - other).abs().mean()) > 0.01


def test_a_bent_tile_is_compared_with_the_bent_photo() -> None:
    after, bent = styles.apply(tiles(), (("warp", 1.0),), chance())
    assert after.equal(bent.clamp(0, 1))
    _, straight = styles.apply(tiles(), (("contrast", 1.0),), chance())
    assert straight.equal(tiles())


def test_false_colours_keep_the_brightness() -> None:
    grey = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    before = 0.4 + 0.2 * tiles()
    after = styles.colour(before, 1.0, chance())
    assert float(((after - before) * grey).sum(1).abs().max()) < 1e-4


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_keeps_the_size_and_lets_gradients_through(name: str) -> None:
    seen = tiles().requires_grad_()
    after = VIEWS[name](seen, chance())
    assert after.shape == seen.shape
    (gradient,) = torch.autograd.grad(after.square().sum(), seen)
    assert float(gradient.abs().sum()) > 0


def test_the_encoder_changes_the_tile_and_not_the_gradient() -> None:
    before = tiles().requires_grad_()
    after = codec.through(before)
    assert 0 < float((after - before).detach().abs().mean()) < 0.05
    (gradient,) = torch.autograd.grad(after.sum(), before)
    assert gradient.equal(torch.ones_like(before))
