"""Looking for the pattern that moves networks to one side, by their own gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn.reader import Reader
from classifier.hardening import codec
from classifier.hardening.recipes import Recipe
from classifier.hardening.views import VIEWS

# Dong et al. 2018, "Boosting adversarial attacks with momentum".
MOMENTUM: Final = 1.0
# How far all steps together may go, as a share of the budget: more than 1, so that values that
# were wrong at first come back.
STRIDE: Final = 2.5
# The sides in pixels at which networks that take any size look: smaller than theirs is quicker,
# and a pattern that works at many sizes works in more networks.
SIZES: Final = (128, 208)
# Every so manieth look is at the picture as the encoder leaves it.
ENCODED: Final = 3
# Full strength where the picture is busy, this share of it where it is smooth: there it shows.
SMOOTH: Final = 0.5
# A pattern has three layers: brightness, and two of colour that leave brightness as it is.
_AXES: Final = ((1.0, 1.0, 1.0), (1.0, -0.509, 0.0), (0.0, -0.194, 1.0))


@dataclass(frozen=True, slots=True)
class Pushed:
    """Tiles with their patterns, and what share (0..1) of the budget each pattern takes."""

    images: Tensor
    used: list[float]


def push(
    tiles: Tensor,
    to_cat: Tensor,
    recipe: Recipe,
    readers: Sequence[nn.Module],
    generator: torch.Generator | None = None,
) -> Pushed:
    """Return the tiles, moved so that networks see a cat (`to_cat`), or a dog.

    Each step asks one of the readers, in turn, through one of the recipe's views. The gradient is
    blurred as if the picture had been moved a little (translation invariance: Dong et al. 2019,
    "Evading defenses to transferable adversarial examples by translation-invariant attacks").
    """
    if not readers or max(recipe.budget, recipe.tint) <= 0:
        return Pushed(tiles, [0.0] * len(tiles))
    side = max(1, round(tiles.shape[-1] / recipe.grain))
    pattern = torch.zeros(len(tiles), 3, side, side)
    speed = torch.zeros_like(pattern)
    signs = torch.where(to_cat, 1.0, -1.0)
    room = _room(tiles)
    stride = STRIDE / recipe.steps
    for step in range(recipe.steps):
        pattern.requires_grad_()
        shown = _shown(tiles, pattern, room, recipe)
        if step % ENCODED == ENCODED - 1:
            shown = codec.through(shown)
        view = VIEWS[recipe.views[_whole(len(recipe.views), generator)]]
        logits = _look(readers[step % len(readers)], view(shown, generator), generator)
        (gradient,) = torch.autograd.grad((logits * signs).sum(), pattern)
        gradient = functional.avg_pool2d(gradient, 3, stride=1, padding=1)
        size = gradient.abs().mean(dim=(1, 2, 3), keepdim=True)
        speed = MOMENTUM * speed + gradient / (size + 1e-12)
        with torch.no_grad():
            pattern = (pattern + stride * speed.sign()).clamp(-1, 1)
    with torch.no_grad():
        used = pattern.abs().mean(dim=(1, 2, 3))
        shown = _shown(tiles, pattern, room, recipe)
    return Pushed((shown * 255).round() / 255, used.tolist())


def _look(reader: nn.Module, tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the reader's logits; one that takes any size looks at one that is drawn."""
    # Colours side by side: convolutions of a processor are a quarter quicker so.
    tiles = tiles.contiguous(memory_format=torch.channels_last)
    if not isinstance(reader, Reader) or hasattr(reader.backbone, "patch_embed"):
        logits: Tensor = reader(tiles)
        return logits
    low, high = (min(size, reader.size) for size in SIZES)
    side = low + 16 * _whole((high - low) // 16 + 1, generator)
    pressed = functional.interpolate(tiles, (side, side), mode="bilinear", align_corners=False)
    mean, deviation = reader.get_buffer("mean"), reader.get_buffer("deviation")
    return reader.judge(reader.seen((pressed - mean) / deviation))


def _room(tiles: Tensor) -> Tensor:
    """Return how much of the budget each pixel may take, SMOOTH..1: B x 1 x side x side."""
    grey = tiles.mean(1, keepdim=True)
    spread = functional.avg_pool2d((grey - functional.avg_pool2d(grey, 9, 1, 4)).abs(), 15, 1, 7)
    return SMOOTH + (1 - SMOOTH) * (spread / 0.05).clamp(max=1)


def _shown(tiles: Tensor, pattern: Tensor, room: Tensor, recipe: Recipe) -> Tensor:
    if pattern.shape[-1] != tiles.shape[-1]:
        pattern = functional.interpolate(
            pattern, tiles.shape[-2:], mode="bicubic", align_corners=False
        )
    axes = torch.tensor(_AXES) * torch.tensor([recipe.budget, recipe.tint, recipe.tint])[:, None]
    pattern = torch.einsum("bahw,ac->bchw", pattern, axes)
    return (tiles + room * pattern).clamp(0, 1)


def _whole(below: int, generator: torch.Generator | None) -> int:
    return int(torch.randint(below, (), generator=generator))
