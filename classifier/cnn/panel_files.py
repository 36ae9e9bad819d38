"""Weights files of the panel: a whole network, or only a head on a package's frozen weights."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from classifier.cnn import net, weights
from classifier.cnn.config import Preprocessing
from classifier.cnn.reader import Reader, from_classifier
from classifier.exceptions import WeightsError

HEAD: Final = "pawcha-head"


def write_head(
    path: Path, arch: str, head: tuple[Tensor, Tensor], config: Preprocessing, temperature: float
) -> None:
    """Write a head for cat against dog, whose network's weights an installed package has."""
    said = {"arch": arch, "preprocessing": dataclasses.asdict(config), "temperature": temperature}
    tensors = {"weight": head[0].detach().contiguous(), "bias": head[1].detach().contiguous()}
    part = path.with_name(path.name + ".part")
    save_file(tensors, part, metadata={HEAD: json.dumps(said)})
    part.chmod(0o644)
    part.replace(path)


def read(path: Path, sha256: str | None = None) -> Reader:
    """Return the reader of a file, of either kind; with `sha256` only of these very bytes.

    Raises WeightsError, and NoSuchNetwork when the package with its weights is missing.
    """
    try:
        data = path.read_bytes()
        said: dict[str, str] = weights.metadata(data)
        if HEAD not in said:
            loaded = weights.read(path, sha256)
            return from_classifier(loaded.network, loaded.spec)
        tensors = load(data)
        described: dict[str, Any] = json.loads(said[HEAD])
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"{path.name} is half-written or damaged: copy it again from where it was made."
        ) from error
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise WeightsError(f"{path.name} is not the file that the table of the panel names.")
    return _with_head(described, tensors)


def _with_head(said: dict[str, Any], tensors: dict[str, Tensor]) -> Reader:
    backbone = net.create(said["arch"], 2, pretrained=True)
    pre = dict(said["preprocessing"])
    pre |= {name: tuple(map(float, pre[name])) for name in ("mean", "deviation")}
    return Reader(
        backbone,
        tensors["weight"].float(),
        tensors["bias"].float(),
        Preprocessing(**pre),
        temperature=float(said["temperature"]),
    ).eval()
