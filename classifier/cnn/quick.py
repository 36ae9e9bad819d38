"""A reader that only looks, as fast as this machine can: with OpenVINO where there is one."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn

from classifier.cnn.device import has_bf16
from classifier.cnn.reader import Reader

# How far a quick feature may lie from torch's, of the features' own spread.
TOLERANCE: Final = 0.1
logger = logging.getLogger(__name__)


class Look(Protocol):
    """Pictures of the network's size, normalised, in; features out."""

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return B x features."""


class Quick:
    """The features and logits of a reader, without slopes.

    They are a little off (short floats: chances by about 0.005), never by much: a network that
    OpenVINO cannot run alike is run by torch.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._look = look_through(_Shim(reader), reader.size)

    def features(self, tiles: Tensor) -> Tensor:
        """Return what the last layer looks at, for tiles B x 3 x H x W, 0..1."""
        with torch.no_grad():
            return self._look(self.reader.pictures(tiles))

    def __call__(self, tiles: Tensor) -> Tensor:
        """Return the logit of cat for each tile."""
        with torch.no_grad():
            return self.reader.judge(self.features(tiles))


class _Shim(nn.Module):
    """What the converter wants: a module whose `features` takes pictures."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def features(self, pictures: Tensor) -> Tensor:
        """Return what the reader's last layer looks at."""
        return self.reader.seen(pictures)


def look_through(network: Any, size: int) -> Look:
    """Return the quickest way to `network.features` for pictures of so many pixels a side."""
    plain: Look = network.features
    if find_spec("openvino") is None or next(network.parameters()).is_cuda:
        return plain
    from classifier.cnn.openvino_queue import Queue, convert

    probe = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    precision = "bf16" if has_bf16(torch.device("cpu")) else "f32"
    try:
        made = Queue(convert(network, size), precision)
        with torch.no_grad():
            expected = plain(probe)
        off = float((made(probe) - expected).abs().mean() / expected.std())
    except Exception as error:  # Converters and compilers raise nearly anything.
        logger.info("OpenVINO does not run a network of the panel: %s", error)
        return plain
    # The other way round a "not a number" would pass.
    return made if off <= TOLERANCE else plain
