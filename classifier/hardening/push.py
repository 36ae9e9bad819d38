"""Looking for the pattern that moves networks to one side, by their own gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn import device as devices
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
class Aim:
    """Tiles (B x 3 x side x side, 0..1) of one recipe, and which of them are to become cats."""

    tiles: Tensor
    to_cat: Tensor
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Pushed:
    """Tiles with their patterns, and what share (0..1) of the budget each pattern takes."""

    images: Tensor
    used: list[float]


def push(
    aims: Sequence[Aim],
    readers: Sequence[nn.Module],
    generator: torch.Generator | None = None,
) -> list[Pushed]:
    """Return for each aim its tiles, moved so that networks see a cat (`to_cat`), or a dog.

    Each step asks one of the readers, in turn, about all tiles at once, each through one of the
    views of its recipe. The gradient is blurred as if the picture had been moved a little
    (translation invariance: Dong et al. 2019, "Evading defenses to transferable adversarial
    examples by translation-invariant attacks").
    """
    searches = [_Search(aim) for aim in aims]
    moving = [one for one, aim in zip(searches, aims, strict=True) if readers and _strong(aim)]
    for step in range(max((one.steps for one in moving), default=0)):
        now = [one for one in moving if step < one.steps]
        seen = [one.seen(generator, encoded=step % ENCODED == ENCODED - 1) for one in now]
        logits = _look(readers[step % len(readers)], torch.cat(seen), generator)
        signs = torch.cat([one.signs for one in now])
        gradients = torch.autograd.grad((logits * signs).sum(), [one.pattern for one in now])
        for one, gradient in zip(now, gradients, strict=True):
            one.move(gradient)
    return [one.done() for one in searches]


def _strong(aim: Aim) -> bool:
    return max(aim.recipe.budget, aim.recipe.tint) > 0


class _Search:
    """The patterns of some tiles while they are looked for."""

    def __init__(self, aim: Aim) -> None:
        self.tiles, self.recipe, self.steps = aim.tiles, aim.recipe, aim.recipe.steps
        side = max(1, round(aim.tiles.shape[-1] / aim.recipe.grain))
        self.pattern = torch.zeros(len(aim.tiles), 3, side, side)
        self.signs = torch.where(aim.to_cat, 1.0, -1.0)
        self._speed = torch.zeros_like(self.pattern)
        self._room = _room(aim.tiles)

    def seen(self, generator: torch.Generator | None, *, encoded: bool) -> Tensor:
        """Return the tiles with their patterns, through one of the recipe's views."""
        self.pattern.requires_grad_()
        shown = self._shown()
        if encoded:
            shown = codec.through(shown)
        view = VIEWS[self.recipe.views[_whole(len(self.recipe.views), generator)]]
        return view(shown, generator)

    def move(self, gradient: Tensor) -> None:
        """Go a step further along the gradient."""
        gradient = functional.avg_pool2d(gradient, 3, stride=1, padding=1)
        size = gradient.abs().mean(dim=(1, 2, 3), keepdim=True)
        self._speed = MOMENTUM * self._speed + gradient / (size + 1e-12)
        with torch.no_grad():
            stride = STRIDE / self.steps
            self.pattern = (self.pattern + stride * self._speed.sign()).clamp(-1, 1)

    def done(self) -> Pushed:
        """Return what was found, in whole steps of 1/255."""
        with torch.no_grad():
            used = self.pattern.abs().mean(dim=(1, 2, 3))
            return Pushed((self._shown() * 255).round() / 255, used.tolist())

    def _shown(self) -> Tensor:
        return _shown(self.tiles, self.pattern, self._room, self.recipe)


def _look(reader: nn.Module, tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the reader's logits; one that takes any size looks at one that is drawn.

    It computes where its weights lie, in short floats where those are quick.
    """
    place = next((one.device for one in reader.parameters()), tiles.device)
    # Colours side by side: convolutions of a processor are a quarter quicker so.
    tiles = tiles.to(place).contiguous(memory_format=torch.channels_last)
    with devices.mixed(place, half=True):
        return _read(reader, tiles, generator).float().to("cpu")


def _read(reader: nn.Module, tiles: Tensor, generator: torch.Generator | None) -> Tensor:
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
    spread = _around((grey - _around(grey, 9)).abs(), 15)
    return SMOOTH + (1 - SMOOTH) * (spread / 0.05).clamp(max=1)


def _around(tiles: Tensor, side: int) -> Tensor:
    """Return the mean around each pixel, a square of so many a side: rows first, then columns."""
    rows = functional.avg_pool2d(tiles, (1, side), 1, (0, side // 2))
    return functional.avg_pool2d(rows, (side, 1), 1, (side // 2, 0))


def _shown(tiles: Tensor, pattern: Tensor, room: Tensor, recipe: Recipe) -> Tensor:
    if pattern.shape[-1] != tiles.shape[-1]:
        pattern = functional.interpolate(
            pattern, tiles.shape[-2:], mode="bicubic", align_corners=False
        )
    axes = torch.tensor(_AXES) * torch.tensor([recipe.budget, recipe.tint, recipe.tint])[:, None]
    colours = functional.conv2d(pattern, axes.T[:, :, None, None])
    return (tiles + room * colours).clamp(0, 1)


def _whole(below: int, generator: torch.Generator | None) -> int:
    return int(torch.randint(below, (), generator=generator))
