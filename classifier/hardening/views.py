"""Ways to look at a picture while it is hardened, so that more networks are moved by it.

Each takes B x 3 x side x side, 0..1, and returns the same kind; gradients flow through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

View = Callable[[Tensor, torch.Generator | None], Tensor]


def resize(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the tiles a little smaller, at a random place on grey.

    Input diversity: Xie et al. 2019, "Improving transferability of adversarial examples with
    input diversity".
    """
    side = tiles.shape[-1]
    small = side - _whole(side // 6, generator)
    if small == side:
        return tiles
    shrunk = functional.interpolate(tiles, (small, small), mode="bilinear", align_corners=False)
    left, upper = _whole(side - small + 1, generator), _whole(side - small + 1, generator)
    edges = (left, side - small - left, upper, side - small - upper)
    return functional.pad(shrunk, edges, value=0.5)


def shift(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the tiles moved by some pixels, and maybe mirrored."""
    reach = tiles.shape[-1] // 12
    by = (_whole(2 * reach + 1, generator) - reach, _whole(2 * reach + 1, generator) - reach)
    moved = torch.roll(tiles, by, dims=(2, 3))
    return moved.flip(3) if _whole(2, generator) else moved


def scale(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the tiles darker by a random power of two.

    Scale invariance: Lin et al. 2020, "Nesterov accelerated gradient and scale invariance for
    adversarial attacks".
    """
    return tiles / 2.0 ** _whole(4, generator)


def spectrum(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the tiles with noise, and with each frequency stronger or weaker by a random share.

    Spectrum simulation: Long et al. 2022, "Frequency domain model augmentation for adversarial
    attack"; by the Fourier instead of the cosine transform.
    """
    noise = torch.randn(tiles.shape, generator=generator) * (16 / 255)
    waves = torch.fft.rfft2(tiles + noise)
    mask = 0.5 + torch.rand(waves.shape, generator=generator)
    mixed: Tensor = torch.fft.irfft2(waves * mask, s=tiles.shape[-2:])
    return mixed


def blocks(tiles: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return the tiles cut into blocks of random sizes, which are mixed and turned a little.

    Block shuffle and rotation: Wang et al. 2024, "Boosting adversarial transferability by block
    shuffle and rotation".
    """
    columns = [_turn(strip, generator) for strip in _cut(tiles, 3, generator)]
    mixed = torch.cat(columns, dim=3)
    rows = _cut(mixed.transpose(2, 3), 3, generator)
    return torch.cat(rows, dim=3).transpose(2, 3)


def _cut(tiles: Tensor, strips: int, generator: torch.Generator | None) -> list[Tensor]:
    side = tiles.shape[-1]
    sizes = torch.softmax(torch.rand(strips, generator=generator) * 1.5, 0)
    edges = [round(float(share) * side) for share in sizes.cumsum(0)[:-1]]
    cuts = [0, *edges, side]
    found = [tiles[..., cuts[at] : cuts[at + 1]] for at in range(strips)]
    return [found[int(at)] for at in torch.randperm(strips, generator=generator)]


def _turn(strip: Tensor, generator: torch.Generator | None) -> Tensor:
    angle = math.radians(12) * float(torch.randn((), generator=generator))
    sine, cosine = math.sin(angle), math.cos(angle)
    ratio = strip.shape[-1] / strip.shape[-2]
    matrix = torch.tensor([[cosine, -sine / ratio, 0.0], [sine * ratio, cosine, 0.0]])
    places = functional.affine_grid(
        matrix.expand(len(strip), 2, 3), list(strip.shape), align_corners=False
    )
    return functional.grid_sample(strip, places, align_corners=False, padding_mode="reflection")


def _whole(below: int, generator: torch.Generator | None) -> int:
    return int(torch.randint(below, (), generator=generator)) if below > 1 else 0


VIEWS: Final[Mapping[str, View]] = {
    "resize": resize,
    "shift": shift,
    "scale": scale,
    "spectrum": spectrum,
    "blocks": blocks,
}
