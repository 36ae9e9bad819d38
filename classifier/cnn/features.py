"""A network's numbers for a whole set of photos, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from classifier.cnn import predict
from classifier.cnn.config import Preprocessing
from classifier.progress import Progress

BATCH: Final = 64


def outputs(
    network: nn.Module,
    config: Preprocessing,
    pixels: NDArray[np.uint8],
    indexes: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
    half: bool = False,
) -> Tensor:
    """Return what the network says of each photo, in the order of `indexes`: N x (classes + 1).

    `pixels` are photos x size x size x 3, bytes; without `indexes` all of them. `half` reckons
    with bfloat16, which is faster where the processor has it.
    """
    return _each_batch(network, network, config, pixels, indexes, progress, half=half)


def features(
    network: Any,
    config: Preprocessing,
    pixels: NDArray[np.uint8],
    indexes: Sequence[int] | None = None,
    progress: Progress | None = None,
    *,
    half: bool = False,
) -> Tensor:
    """Return what the network's last layer looks at, for each photo: N x features.

    The network is a Classifier, or one of timm's.
    """

    def look(pictures: Tensor) -> Tensor:
        if hasattr(network, "features"):
            found: Tensor = network.features(pictures)
        else:
            found = network.forward_head(network.forward_features(pictures), pre_logits=True)
        return found

    return _each_batch(network, look, config, pixels, indexes, progress, half=half)


def _each_batch(
    network: nn.Module,
    run: Callable[[Tensor], Tensor],
    config: Preprocessing,
    pixels: NDArray[np.uint8],
    indexes: Sequence[int] | None,
    progress: Progress | None,
    *,
    half: bool,
) -> Tensor:
    chosen = range(len(pixels)) if indexes is None else indexes
    device = next(network.parameters()).device
    network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    made = []
    with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=half):
        for start in range(0, len(chosen), BATCH):
            some = list(chosen[start : start + BATCH])
            bytes_ = torch.from_numpy(pixels[some]).to(device).permute(0, 3, 1, 2)
            made.append(run(predict.normalise(bytes_, config)).float().cpu())
            if progress is not None:
                progress.advance(len(some))
    return torch.cat(made) if made else torch.empty(0, 1)
