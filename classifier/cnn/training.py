"""A whole training, from pixels to weights that may be kept: pure torch, no folders, no prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.cnn import blend, calibration, net, probe, strange
from classifier.cnn.batches import Photos, in_order, shuffled
from classifier.cnn.config import Preprocessing, TrainingConfig
from classifier.cnn.data import PhotoSet
from classifier.cnn.loop import Trainer
from classifier.cnn.presets import augmentation, names
from classifier.cnn.split import Split, first_of_each
from classifier.progress import Progress

# Photos from which strangeness learns what is usual.
USUAL = 6000


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one epoch: losses in nats, accuracies 0..1."""

    epoch: int
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


@dataclass(slots=True)
class Session:
    """A training under way: the photos, the trainer, and the best weights so far.

    `start` are the weights before the first epoch, with the head already fitted.
    """

    config: TrainingConfig
    preprocessing: Preprocessing
    photos: PhotoSet
    split: Split
    progress: Progress
    trainer: Trainer = field(init=False)
    train: Sequence[int] = field(init=False)
    start: dict[str, Tensor] = field(default_factory=dict)
    best: dict[str, Tensor] = field(default_factory=dict)
    best_loss: float = float("inf")
    best_epoch: int = 0
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Build the network and the trainer."""
        torch.manual_seed(self.config.seed)
        network = net.create(
            self.config.arch,
            len(self.photos.classes),
            pretrained=self.config.pretrained,
            dropout=self.config.dropout,
        )
        self.train = first_of_each(self.photos.samples, self.split.train, self.config.limit)
        steps = self.config.epochs * -(-len(self.train) // self.config.batch)
        self.trainer = Trainer(self.config, self.preprocessing, network, steps)

    @property
    def over(self) -> bool:
        """Whether all epochs are done, or the loss has not fallen for too long."""
        done = len(self.rows)
        return done >= self.config.epochs or done - self.best_epoch >= self.config.patience

    def begin(self) -> None:
        """Fit the head on the frozen features, and keep these weights as the start."""
        if self.config.pretrained and self.config.probe:
            self._probe()
        self.start = _copy(self.trainer.result.state_dict())
        if self.config.pretrained:
            # The start is the first candidate: an epoch that only harms is not kept.
            self.best_loss, _ = self._measure(self.trainer.result, "Measuring the start")
            self.best = self.start

    def epoch(self, seconds: Callable[[], float]) -> Row:
        """Train for one epoch, validate, and keep the weights if they are the best yet."""
        number = len(self.rows) + 1
        torch.manual_seed(self.config.seed * 1_000_003 + number)
        began = seconds()
        transform = augmentation(names(self.config.augment), self.preprocessing.size)
        photos = self._photos(self.train, transform, number)
        batches = shuffled(photos, self.config.batch, self.config.workers)
        self.progress.start(f"Epoch {number} of {self.config.epochs}", len(photos))
        figures = self.trainer.epoch(batches, self._tell)
        loss, accuracy = self._measure(self.trainer.result, "Validating")
        lr = max(group["lr"] for group in self.trainer.optimizer.param_groups)
        row = Row(number, lr, figures.loss, figures.accuracy, loss, accuracy, seconds() - began)
        self.rows.append(row)
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, number
            self.best = _copy(self.trainer.result.state_dict())
        return row

    def finish(self) -> Finished:
        """Mix, calibrate, and learn what is usual. The test photos are not looked at."""
        network = self.trainer.result
        share = self._blend(network) if self.config.pretrained and self.config.blend else 1.0
        network.load_state_dict(blend.mix(self.start or self.best, self.best, share))
        made = net.Classifier(network, flips=self.config.flips)
        outputs, truth = self._look(made, self.split.val, "Calibrating")
        logits = outputs[:, :-1]
        made.strangeness = self._usual(network)
        temperature = calibration.fit_temperature(logits, truth)
        return Finished(made.eval(), share, temperature, (logits, truth))

    def state(self) -> dict[str, Any]:
        """Return everything that going on later depends on."""
        return {
            "trainer": self.trainer.state(),
            "best": self.best,
            "best_loss": self.best_loss,
            "best_epoch": self.best_epoch,
            "rows": [[getattr(row, name) for name in Row.__slots__] for row in self.rows],
        }

    def restore(self, start: dict[str, Tensor], state: dict[str, Any]) -> None:
        """Go back to where `state` was taken."""
        self.start = start
        self.trainer.restore(state["trainer"])
        self.best, self.best_loss = state["best"], state["best_loss"]
        self.best_epoch = state["best_epoch"]
        self.rows = [Row(*row) for row in state["rows"]]

    def _probe(self) -> None:
        train = self._features(self.train, "Looking at the training photos")
        val = self._features(self.split.val, "Looking at the validation photos")
        head = probe.fit(*train, val, len(self.photos.classes))
        for network in {self.trainer.network, self.trainer.result}:
            layer = network.get_classifier()  # type: ignore[operator]
            layer.weight.data.copy_(head.weight)
            layer.bias.data.copy_(head.bias)

    def _blend(self, network: nn.Module) -> float:
        """Return the share of the fine-tuned weights with the least loss on validation photos."""
        losses = {}
        for share in blend.SHARES:
            network.load_state_dict(blend.mix(self.start, self.best, share))
            losses[share], _ = self._measure(network, f"Mixing {share:.0%}")
        return min(losses, key=lambda share: losses[share])

    def _usual(self, network: nn.Module) -> strange.Strangeness | strange.KnownClasses:
        self.trainer.network.load_state_dict(network.state_dict())
        step = max(1, len(self.train) // USUAL)
        both = self.config.flips
        usual, _ = self._features(self.train[::step], "Learning what is usual", flips=both)
        held_out, _ = self._features(self.split.val, "Learning what is strange", flips=both)
        known: list[nn.Linear] = getattr(self.trainer.network, "imagenet_head", [])
        if known:
            made: strange.Strangeness | strange.KnownClasses = strange.fit_known(
                known[0].cpu(), usual, held_out
            )
        else:
            made = strange.fit(usual, held_out)
        return made.to(self.trainer.device)

    def _features(
        self, indexes: Sequence[int], stage: str, *, flips: bool = False
    ) -> tuple[Tensor, Tensor]:
        self.progress.start(stage, len(indexes))
        return self.trainer.features(self._plain(indexes), self._count, flips=flips)

    def _look(
        self, network: nn.Module, indexes: Sequence[int], stage: str
    ) -> tuple[Tensor, Tensor]:
        self.progress.start(stage, len(indexes))
        return self.trainer.look(network.eval(), self._plain(indexes), self._count)

    def _measure(self, network: nn.Module, stage: str) -> tuple[float, float]:
        logits, truth = self._look(network, self.split.val, stage)
        right = (logits.argmax(dim=1) == truth).float().mean()
        return float(functional.cross_entropy(logits, truth)), float(right)

    def _plain(self, indexes: Sequence[int]) -> Any:
        return in_order(self._photos(indexes, None, 0), self.config.batch)

    def _photos(self, indexes: Sequence[int], transform: Any, epoch: int) -> Photos:
        seed = (self.config.seed, epoch)
        return Photos(self.photos.pixels, self.photos.labels, indexes, transform, seed)

    def _tell(self, count: int, loss: float, accuracy: float) -> None:
        self.progress.advance(count, f"loss {loss:.4f}, {accuracy:.2%} right")

    def _count(self, count: int, loss: float, accuracy: float) -> None:
        self.progress.advance(count)


@dataclass(frozen=True, slots=True)
class Finished:
    """What a training made. `val` are the validation photos' logits and labels."""

    network: net.Classifier
    share: float
    temperature: float
    val: tuple[Tensor, Tensor]


def _copy(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in state.items()}
