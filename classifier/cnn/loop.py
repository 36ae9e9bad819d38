"""Training for one epoch, and looking at photos without training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from classifier.cnn import device as devices
from classifier.cnn.batches import Batch
from classifier.cnn.config import Preprocessing, TrainingConfig
from classifier.cnn.net import Classifier
from classifier.cnn.predict import normalise
from classifier.exceptions import BadData

# The share of all steps in which the learning rate climbs, and how much of it is left at the end.
WARM: Final = 0.05
END: Final = 0.01

# Called after each batch: photos, and the mean loss and accuracy so far.
Told = Callable[[int, float, float], None]
_Weights = tuple[Tensor, ...] | list[Tensor]


@dataclass(slots=True)
class Figures:
    """Loss and accuracy over the photos so far."""

    photos: int = 0
    losses: float = 0.0
    right: int = 0

    @property
    def loss(self) -> float:
        """The mean loss."""
        return self.losses / max(self.photos, 1)

    @property
    def accuracy(self) -> float:
        """The share named right, 0..1."""
        return self.right / max(self.photos, 1)

    def add(self, logits: Tensor, truth: Tensor, loss: float) -> None:
        """Count a batch in."""
        self.photos += len(truth)
        self.losses += loss * len(truth)
        self.right += int((logits.argmax(dim=1) == truth).sum())


@dataclass(slots=True)
class Trainer:
    """A network being trained: the weights, their running mean, and the optimizer's memory."""

    config: TrainingConfig
    preprocessing: Preprocessing
    network: nn.Module
    steps: int
    device: torch.device = field(default_factory=devices.best)
    optimizer: Optimizer = field(init=False)
    mean: AveragedModel | None = field(init=False, default=None)
    step: int = 0

    def __post_init__(self) -> None:
        """Bring the network to the device, freeze what is to be, and make the optimizer."""
        self.network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        freeze(self.network, self.config.freeze)
        self.optimizer = _optimizer(self.network, self.config)
        if self.config.average:
            rule = running_mean(self.config.average)
            self.mean = AveragedModel(self.network, multi_avg_fn=rule, use_buffers=True)

    @property
    def result(self) -> nn.Module:
        """The network to be measured and kept: the running mean, if there is one."""
        found: nn.Module = self.mean.module if self.mean else self.network
        return found

    def epoch(self, batches: Iterable[Batch], told: Told) -> Figures:
        """Train on every batch once."""
        figures = Figures()
        learn(self.network, statistics=not self.config.pretrained)
        for pixels, labels in batches:
            self._batch(pixels, labels, figures)
            told(len(labels), figures.loss, figures.accuracy)
        return figures

    def _batch(self, pixels: Tensor, labels: Tensor, figures: Figures) -> None:
        pictures, labels = self._on_device(pixels), labels.to(self.device)
        self._pace()
        with devices.mixed(self.device, half=self.config.half):
            logits = self.network(pictures)
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=self.config.smooth)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if self.mean:
            self.mean.update_parameters(self.network)
        self.step += 1
        figures.add(logits.detach(), labels, float(loss.detach()))

    def look(
        self, network: nn.Module, batches: Iterable[Batch], told: Told
    ) -> tuple[Tensor, Tensor]:
        """Return the logits (photos x classes) and the labels of every photo."""
        return self._each(network, batches, told)

    def features(
        self, batches: Iterable[Batch], told: Told, *, flips: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Return what the last layer looks at (photos x features), and the labels."""
        return self._each(Classifier(self.network, flips=flips).features, batches, told)

    def _each(
        self, ask: Callable[[Tensor], Tensor], batches: Iterable[Batch], told: Told
    ) -> tuple[Tensor, Tensor]:
        self.network.eval()
        found, labels = [], []
        with torch.inference_mode(), devices.mixed(self.device, half=self.config.half):
            for pixels, truth in batches:
                found.append(ask(self._on_device(pixels)).float().cpu())
                labels.append(truth)
                told(len(truth), 0.0, 0.0)
        return torch.cat(found), torch.cat(labels)

    def _on_device(self, pixels: Tensor) -> Tensor:
        pixels = pixels.to(self.device, non_blocking=True)
        return normalise(pixels, self.preprocessing).contiguous(memory_format=torch.channels_last)

    def _pace(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.lr * pace(self.step / max(self.steps, 1))

    def state(self) -> dict[str, Any]:
        """Return everything that the next epoch depends on."""
        return {
            "step": self.step,
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict() if self.mean else None,
            "optimizer": self.optimizer.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where `state` was taken."""
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.mean:
            self.mean.load_state_dict(state["mean"])


def running_mean(decay: float) -> Callable[[_Weights, _Weights, Tensor | int], None]:
    """Return the rule of an exponential mean of weights that soon forgets how it began.

    After `n` steps what was counts for (1 + n) / (10 + n) at most, and for `decay` in the end:
    without that a short training would keep its random start (the rule of TensorFlow's
    ExponentialMovingAverage).
    """

    @torch.no_grad()
    def update(mean: _Weights, now: _Weights, steps: Tensor | int) -> None:
        kept = min(decay, (1 + int(steps)) / (10 + int(steps)))
        for old, new in zip(mean, now, strict=True):
            if old.is_floating_point():
                old.lerp_(new, 1 - kept)
            else:
                old.copy_(new)

    return update


def pace(done: float) -> float:
    """Return the share of the learning rate, 0..1, when `done` (0..1) of all steps are done.

    It climbs in the first steps and then falls like half a cosine (Loshchilov and Hutter 2017).
    """
    if done < WARM:
        return (done + 1e-9) / WARM
    return END + (1 - END) * (1 + math.cos(math.pi * (done - WARM) / (1 - WARM))) / 2


def learn(network: nn.Module, *, statistics: bool) -> None:
    """Let the network train; without `statistics` the means of batch normalisation stay.

    A pretrained network's means come from a million photos, a batch of ours is 32.
    """
    network.train()
    for layer in network.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm) and not statistics:
            layer.eval()


def freeze(network: Any, stages: int) -> None:
    """Keep the weights of the stem and of the first `stages` stages as they are.

    Raises BadData when the network has fewer stages.
    """
    if not stages:
        return
    parts = getattr(network, "blocks", None) or getattr(network, "stages", None)
    if parts is None or stages > len(parts):
        raise BadData(
            f"This network has {len(parts or ())} stages that can be frozen, not {stages}: "
            "choose a smaller --freeze."
        )
    trained = {id(weight) for part in list(parts)[stages:] for weight in part.parameters()}
    trained |= {id(weight) for weight in network.get_classifier().parameters()}
    trained |= {id(weight) for weight in _after(network, parts)}
    for weight in network.parameters():
        weight.requires_grad_(id(weight) in trained)


def _after(network: nn.Module, parts: nn.Module) -> list[nn.Parameter]:
    """Return the weights of the layers that come after the stages."""
    children = list(network.children())
    place = next(n for n, child in enumerate(children) if child is parts)
    return [weight for child in children[place + 1 :] for weight in child.parameters()]


def _optimizer(network: nn.Module, config: TrainingConfig) -> Optimizer:
    """AdamW (Loshchilov and Hutter 2019); biases and normalisation do not decay."""
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.lr)
