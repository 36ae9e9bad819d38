"""Weights files: safetensors, whose metadata says which network they are of."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from classifier.cnn import net, strange
from classifier.cnn.config import FORMAT, ModelSpec
from classifier.exceptions import NoSuchNetwork, WeightsError

KEY: Final = "pawcha"
SENSE: Final = "strangeness."


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network, ready to look at pictures, and what its file says of it."""

    spec: ModelSpec
    network: net.Classifier


def write(path: Path, network: net.Classifier, spec: ModelSpec, *, half: bool = True) -> None:
    """Write a network beside its description; floats in half precision unless told otherwise.

    The file appears whole or not at all.
    """
    tensors = {}
    for name, value in network.state_dict().items():
        # Limits and distances may be larger than half precision holds.
        precise = name.startswith(SENSE) and not name.endswith(".weight")
        small = half and value.is_floating_point() and not precise
        tensors[name] = (value.half() if small else value).detach().cpu().contiguous()
    part = path.with_name(path.name + ".part")
    save_file(tensors, part, metadata={KEY: json.dumps(spec.to_dict())})
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.chmod(0o644)
    part.replace(path)


def read_spec(path: Path) -> ModelSpec:
    """Return what a weights file says of itself. Raises WeightsError."""
    return _open(path)[0]


def read(path: Path, sha256: str | None = None) -> Loaded:
    """Return the network of a weights file; with `sha256`, only if its bytes have that digest.

    Raises WeightsError.
    """
    spec, tensors = _open(path, sha256)
    try:
        backbone = net.create(spec.arch, len(spec.classes), pretrained=False)
        network = net.Classifier(backbone, strange.empty(tensors, SENSE), flips=spec.flips)
        network.load_state_dict({name: _whole(value) for name, value in tensors.items()})
    except (NoSuchNetwork, RuntimeError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"{path.name} does not fit its network {spec.arch}: {reason}") from error
    return Loaded(spec, network.eval())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def metadata(data: bytes) -> dict[str, str]:
    """Return the words beside the tensors: https://github.com/huggingface/safetensors#format."""
    length = int.from_bytes(data[:8], "little")
    said: dict[str, str] = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
    return said


def _whole(value: torch.Tensor) -> torch.Tensor:
    return value.float() if value.is_floating_point() else value


def _open(path: Path, sha256: str | None = None) -> tuple[ModelSpec, dict[str, torch.Tensor]]:
    if not path.is_file():
        raise WeightsError(f"There is no weights file {path}: train one with train_classifier.")
    try:
        # Read once: what is checked is what is used, whatever happens to the file meanwhile.
        data = path.read_bytes()
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise WeightsError(
                f"{path.name} is not the file that was chosen: it was changed, or copied by half. "
                "Copy it again from where it was made."
            )
        tensors = load(data)
        said: dict[str, Any] = json.loads(metadata(data)[KEY])
    except KeyError as error:
        raise WeightsError(
            f"{path.name} was not written by Pawcha: train a network with train_classifier."
        ) from error
    except WeightsError:
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(
            f"{path.name} is half-written or damaged: copy it again from where it was made."
        ) from error
    if said.get("format") != FORMAT:
        raise WeightsError(
            f"{path.name} has format {said.get('format')}, and this Pawcha reads format {FORMAT}: "
            "update Pawcha, or train the network again."
        )
    try:
        return ModelSpec.from_dict(said), tensors
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path.name} does not describe its network: train it again.") from error
