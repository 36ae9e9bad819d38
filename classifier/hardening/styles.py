"""Cheap changes that people see through: contrast, colour, contour, phase, waves, warp.

Each takes B x 3 x side x side, 0..1, and an amount 0..1 (more is stranger), and draws for every
tile anew. They are a disguise, no attack: the pattern is looked for on top of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

Style = Callable[[Tensor, float, torch.Generator | None], Tensor]
_GREY: Final = (0.299, 0.587, 0.114)
# At most: what a warp moves a point by (share of the side), and waves change a pixel by (0..1).
_WARP: Final = 0.08
_WAVES: Final = 0.3
WARP: Final = "warp"


def apply(
    tiles: Tensor, style: tuple[tuple[str, float], ...], generator: torch.Generator | None
) -> tuple[Tensor, Tensor]:
    """Return the tiles with each part of the style applied, and the tiles only warped.

    The latter is what the former is compared with: a proxy that compares pixel by pixel would
    take a bent picture for an unlike one.
    """
    bent = tiles
    for part, amount in style:
        if part == WARP:
            tiles = bent = warp(tiles, amount, generator)
        else:
            tiles = STYLES[part](tiles, amount, generator)
    return tiles.clamp(0, 1), bent


def contrast(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles flatter, and darker or brighter in the middle tones."""
    flat = 1 - 0.45 * amount * _each(tiles, generator)
    bend = torch.exp(0.7 * amount * (2 * _each(tiles, generator) - 1))
    middle = 0.35 + 0.3 * _each(tiles, generator)
    return middle + (tiles.clamp(0, 1) ** bend - middle) * flat


def colour(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles in false colours, their brightness as it was: turned, stronger or paler."""
    grey = _grey(tiles)
    turn = math.pi * amount * (2 * _each(tiles, generator) - 1)
    rich = 1 + amount * (1.4 * _each(tiles, generator) - 0.9)
    # The colours as two numbers a pixel, red and blue against grey, turned like a wheel.
    red, blue = tiles[:, :1] - grey, tiles[:, 2:] - grey
    red, blue = (
        rich * (turn.cos() * red - turn.sin() * blue),
        rich * (turn.sin() * red + turn.cos() * blue),
    )
    green = -(_GREY[0] * red + _GREY[2] * blue) / _GREY[1]
    return grey + torch.cat([red, green, blue], dim=1)


def contour(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles with their surfaces smoothed away and their lines drawn over."""
    smooth = _blurred(tiles, 9)
    lines = _grey(_blurred(tiles, 3) - _blurred(tiles, 7)) * 4
    share = amount * (0.5 + 0.5 * _each(tiles, generator))
    return tiles + share * (0.75 * (smooth - tiles) + lines)


def phase(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles with the phases of their finer waves disturbed, the same in each colour."""
    waves = torch.fft.rfft2(tiles)
    rows = torch.fft.fftfreq(tiles.shape[-2]).abs()[:, None]
    columns = torch.fft.rfftfreq(tiles.shape[-1])[None]
    fine = ((rows**2 + columns**2).sqrt() * 4).clamp(max=1)
    shape = (len(tiles), 1, *waves.shape[-2:])
    noise = torch.randn(shape, generator=generator) * fine * (1.6 * amount)
    # The grey of the whole stays: its wave has the frequency 0.
    turned: Tensor = torch.fft.irfft2(waves * torch.exp(1j * noise), s=tiles.shape[-2:])
    return turned


def waves(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles behind a few soft stripes of random direction, width and colour."""
    side = tiles.shape[-1]
    down, across = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    pattern = torch.zeros_like(tiles)
    for _ in range(3):
        angle = math.pi * _each(tiles, generator)
        length = 6 + 34 * _each(tiles, generator)
        start = 2 * math.pi * torch.rand(len(tiles), 3, 1, 1, generator=generator)
        along = across * angle.cos() + down * angle.sin()
        pattern = pattern + torch.sin(2 * math.pi * along / length + start)
    return tiles + _WAVES / 3 * amount * pattern


def warp(tiles: Tensor, amount: float, generator: torch.Generator | None) -> Tensor:
    """Return the tiles bent by a smooth random field."""
    field = torch.rand(len(tiles), 2, 5, 5, generator=generator) * 2 - 1
    # A grid of grid_sample spans -1..1, two of its units are a side.
    field = field * (2 * _WARP * amount)
    moved = functional.interpolate(field, tiles.shape[-2:], mode="bicubic", align_corners=True)
    same = torch.eye(2, 3).expand(len(tiles), 2, 3)
    places = functional.affine_grid(same, list(tiles.shape), align_corners=False)
    return functional.grid_sample(
        tiles,
        places + moved.permute(0, 2, 3, 1),
        align_corners=False,
        padding_mode="reflection",
    )


def _each(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.rand(len(tiles), 1, 1, 1, generator=generator)


def _grey(tiles: Tensor) -> Tensor:
    return (tiles * torch.tensor(_GREY).view(1, 3, 1, 1)).sum(1, keepdim=True)


def _blurred(tiles: Tensor, window: int) -> Tensor:
    edge = window // 2
    return functional.avg_pool2d(functional.pad(tiles, (edge,) * 4, mode="reflect"), window, 1)


STYLES: Final[Mapping[str, Style]] = {
    "contrast": contrast,
    "colour": colour,
    "contour": contour,
    "phase": phase,
    "waves": waves,
    WARP: warp,
}
