"""Making hardened tiles: pixels in, pixels and bytes out. Pure torch and Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from challenges import imaging, webp
from classifier.hardening import distance, push, styles
from classifier.hardening.recipes import LADDER, MOST_DISTANCE, Recipe


@dataclass(frozen=True, slots=True)
class Hardened:
    """Hardened tiles: B x 3 x 250 x 250 (0..1, whole steps of 1/255), before they are encoded.

    `strength` is for each what share (0..1) of the recipe's budget its pattern takes on average.
    `distance` is a proxy for how much the encoded tile differs from the clean one, 0 is not at all.
    """

    images: Tensor
    strength: list[float]
    distance: list[float]


def harden(
    tiles: Tensor,
    cats: Sequence[bool],
    recipes: Sequence[Recipe],
    coins: Sequence[bool],
    readers: Sequence[nn.Module],
    generator: torch.Generator | None = None,
) -> Hardened:
    """Return the tiles (B x 3 x side x side, 0..1) hardened, each by its own recipe.

    `cats` says what each shows, `coins` which way it is pushed: True towards the wrong animal,
    False just as hard towards the right one. `readers` are the surrogates: each takes such tiles
    and returns B logits of "cat". All randomness comes from the generator.
    """
    images, bent = torch.empty_like(tiles), torch.empty_like(tiles)
    strength = [0.0] * len(tiles)
    rows = [
        [at for at, other in enumerate(recipes) if other == recipe]
        for recipe in dict.fromkeys(recipes)
    ]
    aims = []
    for places in rows:
        recipe = recipes[places[0]]
        styled, bent[places] = styles.apply(tiles[places], recipe.style, generator)
        to_cat = torch.tensor([cats[at] != coins[at] for at in places])
        aims.append(push.Aim(styled, to_cat, recipe))
    for places, pushed in zip(rows, push.push(aims, readers, generator), strict=True):
        images[places] = pushed.images
        for at, used in zip(places, pushed.used, strict=True):
            strength[at] = used
    return Hardened(images, strength, distance.distances(bent, images))


def within(
    tiles: Tensor,
    cats: Sequence[bool],
    recipes: Sequence[Recipe],
    coins: Sequence[bool],
    readers: Sequence[nn.Module],
    generator: torch.Generator | None = None,
) -> Hardened:
    """Harden as service does: what is too far from the clean tile is made again, ever milder.

    Its coin and its recipe stay. Service draws another crop each time, too; here the tile stays.
    """
    done = harden(tiles, cats, recipes, coins, readers, generator)
    for milder in LADDER[1:]:
        far = [at for at, one in enumerate(done.distance) if one > MOST_DISTANCE]
        if not far:
            break
        again = harden(
            tiles[far],
            [cats[at] for at in far],
            [recipes[at].milder(milder) for at in far],
            [coins[at] for at in far],
            readers,
            generator,
        )
        done.images[far] = again.images
        for at, strength, distance_ in zip(far, again.strength, again.distance, strict=True):
            done.strength[at], done.distance[at] = strength * (1 - milder), distance_
    return done


def render(image: Image.Image) -> bytes:
    """Return a hardened tile as visitors get it: a WebP of exactly imaging.PICTURE_BYTES."""
    return webp.padded(image, imaging.PICTURE_BYTES)


def to_image(tile: Tensor) -> Image.Image:
    """Return a tile (3 x side x side, 0..1) as a picture."""
    pixels = (tile.detach().clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).contiguous().numpy())


def to_tile(image: Image.Image) -> Tensor:
    """Return a picture as a tile: 3 x side x side, 0..1."""
    pixels = np.array(image.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(pixels).permute(2, 0, 1) / 255
