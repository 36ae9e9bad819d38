"""Running a network with OpenVINO, an optional package: only the quick ways import this."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from classifier.cnn.net import Classifier

DEVICE: Final = "CPU"


@cache
def _package() -> Any:
    # Importing OpenVINO reports to its makers, unless this package cannot be imported.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import openvino
    return openvino


@cache
def _core() -> Any:
    return _package().Core()


def read_model(path: Path) -> Any:
    """Return OpenVINO's model of a file, such as an ONNX one. It may raise nearly anything."""
    return _core().read_model(path)


def compiled(path: Path) -> Callable[[Any], Any]:
    """Return the network of a file in whole precision: an array in, its first output out."""
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    network = _core().compile_model(read_model(path), DEVICE, options)
    return lambda given: network(given)[0]


class _Features(nn.Module):
    """The part of a network that OpenVINO runs: all but the head."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        """Return what the last layer looks at."""
        return self.network.features(pictures)


@contextmanager
def _same_logging() -> Iterator[None]:
    """Keep the root logger as it is: OpenVINO turns it down to errors while it converts."""
    root = logging.getLogger()
    level, filters = root.level, list(root.filters)
    try:
        yield
    finally:
        root.setLevel(level)
        root.filters[:] = filters


def convert(network: Classifier, size: int) -> Any:
    """Return OpenVINO's model of the network, for one picture at a time."""
    one = torch.zeros(1, 3, size, size)
    # It follows the network with torch.jit, which torch calls old. Slopes would cost 90 MB.
    with warnings.catch_warnings(), torch.no_grad(), _same_logging():
        warnings.simplefilter("ignore")
        return _package().convert_model(
            _Features(network).eval(), example_input=one, input=one.shape
        )


class Queue:
    """A compiled network. Pictures go in one by one, as many at once as there are threads.

    That is as quick as handing over several together (10 % at most), it keeps every core busy, and
    any number of pictures fits.
    """

    def __init__(self, model: Any, precision: str, threads: int = 0) -> None:
        threads = threads or torch.get_num_threads()
        options = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": threads,
            # Several workers would pin themselves to the same cores.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = _core().compile_model(model, DEVICE, options)
        self._width = int(compiled.output(0).partial_shape[1].get_length())
        # Two at least: the next picture is copied while the network looks at one.
        self._queue = _package().AsyncInferQueue(compiled, max(2, threads))
        self._lock = threading.Lock()

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return what the network's last layer looks at: B x features."""
        found = np.empty((len(pictures), self._width), dtype=np.float32)

        def keep(request: Any, number: int) -> None:
            found[number] = request.get_output_tensor(0).data[0]

        with self._lock:
            self._queue.set_callback(keep)
            try:
                for number, one in enumerate(pictures.numpy()):
                    self._queue.start_async({0: one[None]}, number)
            finally:
                self._queue.wait_all()
        return torch.from_numpy(found)
