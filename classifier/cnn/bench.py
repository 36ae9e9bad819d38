"""How quick each way to run a network is beside plain torch, and whether it says the same."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from classifier.cnn import predict, runtime
from classifier.cnn.config import ModelSpec
from classifier.cnn.device import has_bf16
from classifier.cnn.net import Classifier
from classifier.cnn.runtime import Runtime

# How many times plain torch's photos per second are wanted, with bf16 and without.
TARGET_BF16: Final = 6.0
TARGET: Final = 3.0


@dataclass(slots=True)
class Way:
    """One way to run the network: its photos per second in each round, and where it differs.

    `other_labels` and `other_verdicts` count photos; `off` is the greatest difference of a chance.
    """

    kind: str
    rates: list[float] = field(default_factory=list)
    photos: int = 0
    other_labels: int = 0
    other_verdicts: int = 0
    off: float = 0.0
    failed: str = ""

    @property
    def rate(self) -> float:
        """Photos per second, the median of all rounds."""
        return statistics.median(self.rates) if self.rates else 0.0

    @property
    def agrees(self) -> bool:
        """Whether it gives the labels of plain torch, and its chances within the tolerance."""
        return not self.failed and not self.other_labels and self.off <= runtime.TOLERANCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """All ways, plain torch first; and whether this processor has bf16."""

    ways: list[Way]
    bf16: bool
    threads: int

    @property
    def target(self) -> float:
        """The ratio that is wanted on this processor."""
        return TARGET_BF16 if self.bf16 else TARGET

    def ratio(self, way: Way) -> float:
        """Return how many times plain torch's photos per second this way has."""
        return way.rate / self.ways[0].rate if self.ways[0].rate else 0.0

    def quickest(self) -> Way:
        """Return the quickest of those that agree with plain torch."""
        return max((way for way in self.ways if way.agrees), key=lambda way: way.rate)


def compare(
    network: Classifier,
    spec: ModelSpec,
    rounds: Iterable[NDArray[np.uint8]],
    *,
    threads: int,
    told: Callable[[int], None] = lambda _: None,
) -> Comparison:
    """Run every way on the same photos, turn by turn, so that a busy machine slows all alike.

    Each round is photos x size x size x 3 bytes; `told` hears how many photos were done.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        runs = _ways(network, spec, threads)
        for pixels in rounds:
            _round(runs, spec, pixels)
            told(len(pixels))
    finally:
        torch.set_num_threads(before)
    return Comparison([way for way, _ in runs], has_bf16(torch.device("cpu")), threads)


def _ways(network: Classifier, spec: ModelSpec, threads: int) -> list[tuple[Way, Runtime | None]]:
    """Return each way, warmed up; those that cannot be here say why."""
    runs: list[tuple[Way, Runtime | None]] = [
        (Way("torch eager"), runtime.eager(network, spec)),
    ]
    warm = runtime.probe(spec)
    for kind, make, why_not in reversed(list(runtime.ways(threads))):
        way, run = Way(kind, failed=why_not), None
        if not why_not:
            try:
                run = make(network, spec)
                run(warm)
            except Exception as error:  # Converters and compilers raise nearly anything.
                way.failed, run = str(error).strip().partition("\n")[0], None
        runs.append((way, run))
    return runs


def _round(
    runs: list[tuple[Way, Runtime | None]], spec: ModelSpec, pixels: NDArray[np.uint8]
) -> None:
    pictures = predict.normalise(torch.from_numpy(pixels).permute(0, 3, 1, 2), spec.preprocessing)
    expected: Tensor | None = None
    for way, run in runs:
        if run is None:
            continue
        began = time.perf_counter()
        outputs = run(pictures)
        way.rates.append(len(pixels) / (time.perf_counter() - began))
        expected = outputs if expected is None else expected
        _note(way, spec, outputs, expected)


def _note(way: Way, spec: ModelSpec, outputs: Tensor, expected: Tensor) -> None:
    said, right = (runtime.chances(one, spec) for one in (outputs, expected))
    way.photos += len(said)
    way.other_labels += int((said.argmax(dim=1) != right.argmax(dim=1)).sum())
    way.other_verdicts += int(((outputs[:, -1] > 0) != (expected[:, -1] > 0)).sum())
    way.off = max(way.off, float((said - right).abs().max()))
