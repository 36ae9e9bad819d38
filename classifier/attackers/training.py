"""Training a network on tiles: augmentation, adversarial training, and one loop for all rungs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn import device as devices
from classifier.cnn.loop import learn, pace

# How far augmentation goes: shares of the side, of the size, of brightness and contrast.
SHIFT: Final = 0.08
ZOOM: Final = 0.2
LIGHT: Final = 0.2
# Half of the smoothed part of a label: a tile may be mislabelled or pushed.
SMOOTH: Final = 0.02


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. `adversarial` is how far tiles are pushed against the network, 0 for not.

    In shares of the whole range of a pixel: 8/255 is what the hardener may use. `statistics`
    trains the means of batch normalisation, too: wanted for networks that begin at random.
    """

    epochs: int = 6
    lr: float = 3e-4
    batch: int = 32
    weight_decay: float = 0.05
    augment: bool = True
    adversarial: float = 0.0
    statistics: bool = False

    def __str__(self) -> str:
        """Return it in one line, for the tuning log."""
        said = f"{self.epochs} epochs at {self.lr:g}"
        if not self.augment:
            said += ", no augmentation"
        if self.adversarial:
            said += f", adversarial {round(255 * self.adversarial)}/255"
        return said

    def longer(self, times: int = 2) -> Recipe:
        """Return the same for more epochs."""
        return Recipe(**asdict(self) | {"epochs": self.epochs * times})


def augmented(tiles: Tensor, dice: torch.Generator) -> Tensor:
    """Return tiles (B x 3 x H x W, 0..1) mirrored, shifted, zoomed and lit at random, each apart.

    `dice` belong to the processor, wherever the tiles are: the same seed, the same tiles.
    """
    many = len(tiles)

    def spread(width: float) -> Tensor:
        drawn = (torch.rand(many, generator=dice) * 2 - 1) * width
        return drawn.to(tiles.device)

    flip = torch.where(spread(1) < 0, -1.0, 1.0)
    scale = 1 - spread(ZOOM).abs()
    theta = torch.zeros(many, 2, 3, device=tiles.device)
    theta[:, 0, 0], theta[:, 1, 1] = flip * scale, scale
    theta[:, 0, 2], theta[:, 1, 2] = spread(2 * SHIFT), spread(2 * SHIFT)
    grid = functional.affine_grid(theta, list(tiles.shape), align_corners=False)
    moved = functional.grid_sample(tiles, grid, padding_mode="reflection", align_corners=False)
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    contrast, light = (1 + spread(LIGHT)).view(-1, 1, 1, 1), (1 + spread(LIGHT)).view(-1, 1, 1, 1)
    return (((moved - mean) * contrast + mean) * light).clamp(0, 1)


def train(
    network: nn.Module, pixels: Tensor, cats: Tensor, recipe: Recipe, seed: int = 0
) -> nn.Module:
    """Train a network (tiles 0..1 -> B logits of cat) on all of its layers, and return it.

    `pixels` are N x 3 x H x W bytes, `cats` N numbers, 0 or 1.
    """
    dice = torch.Generator().manual_seed(seed)
    device = devices.best()
    # Colours side by side and short floats, where they are quick: half of the time, or less.
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for weight in network.parameters():
        weight.requires_grad = True
    optimizer = _optimizer(network, recipe)
    batches = -(-len(pixels) // recipe.batch)
    total = recipe.epochs * batches
    for step in range(total):
        if step % batches == 0:
            order = torch.randperm(len(pixels), generator=dice)
            learn(network, statistics=recipe.statistics)
        chosen = order[step % batches :: batches]
        if len(chosen) < 2:
            continue
        for group in optimizer.param_groups:
            group["lr"] = recipe.lr * pace(step / total)
        tiles, truth = pixels[chosen].to(device).float() / 255, cats[chosen].to(device).float()
        if recipe.augment:
            tiles = augmented(tiles, dice)
        if recipe.adversarial:
            tiles = _pushed(network, tiles, truth, recipe.adversarial, dice)
        optimizer.zero_grad(set_to_none=True)
        _loss(_told(network, tiles), truth).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return network.eval().cpu()


def logits(network: nn.Module, pixels: Tensor, batch: int = 16) -> Tensor:
    """Return the logit of cat of each tile (N x 3 x H x W bytes)."""
    device = devices.best()
    network.eval().to(device)
    with torch.inference_mode():
        told = [
            network(pixels[start : start + batch].to(device).float() / 255).float().cpu()
            for start in range(0, len(pixels), batch)
        ]
    network.cpu()
    return torch.cat(told) if told else torch.empty(0)


def _told(network: nn.Module, tiles: Tensor) -> Tensor:
    with devices.mixed(tiles.device, half=True):
        told: Tensor = network(tiles.contiguous(memory_format=torch.channels_last))
    return told.float()


def _loss(told: Tensor, truth: Tensor) -> Tensor:
    soft = truth * (1 - 2 * SMOOTH) + SMOOTH
    return functional.binary_cross_entropy_with_logits(told, soft)


def _pushed(
    network: nn.Module, tiles: Tensor, truth: Tensor, reach: float, dice: torch.Generator
) -> Tensor:
    """Return tiles pushed one step against the network, half of them: the others stay.

    Fast adversarial training (Wong, Rice and Kolter 2020): from a random start, one step of 1.25
    times the reach along the gradient's signs.
    """
    start = (torch.rand(tiles.shape, generator=dice).to(tiles.device) * 2 - 1) * reach
    push = start.detach()
    push.requires_grad = True
    loss = _loss(_told(network, (tiles + push).clamp(0, 1)), truth)
    (slope,) = torch.autograd.grad(loss, push)
    push = (push + 1.25 * reach * slope.sign()).clamp(-reach, reach).detach()
    half = (torch.rand(len(tiles), generator=dice) < 0.5).to(tiles.device).view(-1, 1, 1, 1)
    return (tiles + push * half).clamp(0, 1)


def _optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019); biases and normalisation do not decay."""
    weights = list(network.parameters())
    groups = [
        {"params": [one for one in weights if one.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [one for one in weights if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.lr)
