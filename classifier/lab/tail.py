"""Fine-tuning of a network's last stages on maps that are computed once: quick on a processor.

The stages before them are frozen, so each photo goes through those only once: as it is, or, for
every other one, in the mirror.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn import calibration, net, probe
from classifier.cnn.config import Preprocessing
from classifier.cnn.data import PhotoSet
from classifier.cnn.loop import pace
from classifier.cnn.quick import look_through
from classifier.cnn.reader import pressed
from classifier.cnn.split import Split
from classifier.progress import Progress

BATCH: Final = 32
Labelled = tuple[Tensor, Tensor]


class Front(nn.Module):
    """The frozen part of a network that has `stem` and `stages`, as timm's method names have it."""

    def __init__(self, network: Any, stages: int) -> None:
        super().__init__()
        self.network, self.count = network, stages

    def features(self, pictures: Tensor) -> Tensor:
        """Return the map after the frozen stages, flat: B x numbers."""
        found: Tensor = self.network.front(pictures, self.count).flatten(1)
        return found


def train(
    network: Any,
    frozen: int,
    photos: PhotoSet,
    split: Split,
    config: Preprocessing,
    *,
    epochs: int,
    lr: float,
    progress: Progress,
) -> float:
    """Train all stages after the first `frozen`, and the head; return the temperature.

    The weights that read the validation photos with the least loss are kept, the start included:
    the frozen features with a fitted head (Kumar et al. 2022).
    """
    front = Front(network, frozen).eval()
    learnt = _maps(front, photos, split.train, config, progress, mirror=True)
    held = _maps(front, photos, split.val, config, progress, mirror=False)
    head = probe.fit(*_features(network, frozen, learnt), _features(network, frozen, held), 2)
    network.get_classifier().weight.data.copy_(head.weight)
    network.get_classifier().bias.data.copy_(head.bias)
    best, least = _copy(network), _loss(network, frozen, held)
    trained = [*network.stages[frozen:].parameters(), *network.get_classifier().parameters()]
    optimizer = torch.optim.AdamW(trained, lr=lr, weight_decay=0.05)
    steps = epochs * -(-len(learnt[1]) // BATCH)
    for epoch in range(epochs):
        progress.start(f"Epoch {epoch + 1} of {epochs}", len(learnt[1]))
        order = torch.randperm(len(learnt[1]), generator=torch.Generator().manual_seed(epoch))
        for number, some in enumerate(torch.split(order, BATCH)):
            share = pace((epoch * len(order) / BATCH + number) / steps)
            optimizer.param_groups[0]["lr"] = lr * share
            logits = _back(network, frozen, learnt[0][some])
            loss = functional.cross_entropy(logits, learnt[1][some], label_smoothing=0.05)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            progress.advance(len(some), f"loss {float(loss.detach()):.3f}")
        if (now := _loss(network, frozen, held)) < least:
            best, least = _copy(network), now
        progress.advance(0, f"validation loss {now:.4f}")
    network.load_state_dict(best)
    logits, truth = _logits(network, frozen, held), held[1]
    return calibration.fit_temperature(logits, truth)


def _maps(
    front: Front,
    photos: PhotoSet,
    indexes: Sequence[int],
    config: Preprocessing,
    progress: Progress,
    *,
    mirror: bool,
) -> Labelled:
    progress.start("Looking at photos with the frozen stages", len(indexes))
    look = look_through(front, config.size)
    made = []
    with torch.no_grad():
        for start in range(0, len(indexes), BATCH):
            pixels = np.array(photos.pixels[list(indexes[start : start + BATCH])])
            tiles = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
            if mirror and start // BATCH % 2:
                tiles = tiles.flip(3)
            made.append(look(pressed(tiles, config)).half())
            progress.advance(len(pixels))
    width = front.network.channels(front.count)
    maps = torch.unflatten(torch.cat(made), 1, (width, -1))
    side = round(maps.shape[2] ** 0.5)
    return torch.unflatten(maps, 2, (side, side)), torch.from_numpy(photos.labels[list(indexes)])


def _features(network: Any, frozen: int, maps: Labelled) -> Labelled:
    with torch.no_grad():
        seen = [
            network.forward_head(network.stages[frozen:](some.float()), pre_logits=True)
            for some in torch.split(maps[0], BATCH)
        ]
    return torch.cat(seen), maps[1]


def _back(network: Any, frozen: int, maps: Tensor) -> Tensor:
    logits: Tensor = network.forward_head(network.stages[frozen:](maps.float()))
    return logits


def _logits(network: Any, frozen: int, maps: Labelled) -> Tensor:
    features, _ = _features(network, frozen, maps)
    with torch.no_grad():
        logits: Tensor = network.get_classifier()(features)
    return logits


def _loss(network: Any, frozen: int, maps: Labelled) -> float:
    return float(functional.cross_entropy(_logits(network, frozen, maps), maps[1]))


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def start(arch: str) -> nn.Module:
    """Return the network to begin with, with its package's weights."""
    return net.create(arch, 2, pretrained=True).eval()
