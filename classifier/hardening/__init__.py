"""Renditions that people read and networks misread: recipes, surrogates, and the coin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from classifier.hardening.recipes import FAMILY, Recipe

if TYPE_CHECKING:
    import torch
    from PIL import Image
    from torch import Tensor, nn

    from classifier.hardening.making import Hardened

__all__ = ["FAMILY", "Recipe", "harden", "render"]

# Torch is loaded by the first call: the web process knows recipes, and has no torch.


def harden(
    tiles: Tensor,
    cats: Sequence[bool],
    recipes: Sequence[Recipe],
    coins: Sequence[bool],
    readers: Sequence[nn.Module],
    generator: torch.Generator | None = None,
) -> Hardened:
    """Return these tiles (B x 3 x 250 x 250, 0..1) hardened: see making.harden."""
    from classifier.hardening import making

    return making.harden(tiles, cats, recipes, coins, readers, generator)


def render(image: Image.Image) -> bytes:
    """Return a hardened tile as the bytes that visitors get: see making.render."""
    from classifier.hardening import making

    return making.render(image)
