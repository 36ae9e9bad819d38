"""The panel: every network there is, what it was trained on, and what it may be used for."""

from __future__ import annotations

import enum
import functools
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.exceptions import NoSuchNetwork, WeightsError

if TYPE_CHECKING:
    from classifier.cnn.quick import Quick
    from classifier.cnn.reader import Reader

# A judge that reads plain photos worse than this (0..1) is weak: what it fails at proves nothing.
STRONG: Final = 0.98
FOLDER: Final = Path(__file__).parent / "weights"
_TABLE: Final = FOLDER / "panel" / "table.json"
# How many tiles are looked at together: more gains nothing on a processor.
_TOGETHER: Final = 16
# From so many tiles on it pays to prepare the quick way, which takes a second or two.
_MANY: Final = 64
# Frozen readers and the quick way to look with each, for as long as the process lives.
_quick: dict[Reader, Quick] = {}


class Role(enum.StrEnum):
    """What a network is used for. A judge takes no part in hardening or in choosing photos."""

    LABELS = "labels"
    HARDENS = "hardens"
    CHOOSES = "chooses"
    JUDGES = "judges"


@dataclass(frozen=True, slots=True)
class Network:
    """One row of the table.

    `accuracy` is its share of plain photos read rightly, on photos that it never saw, `tested` how
    many these were; `file` lies in classifier/weights/, `sha256` is its digest.
    """

    key: str
    family: str
    package: str
    version: str
    trained_on: str
    role: Role
    accuracy: float
    tested: int
    file: str
    sha256: str

    @property
    def weak(self) -> bool:
        """Return whether it reads plain photos too badly to prove anything."""
        return self.accuracy < STRONG

    @property
    def path(self) -> Path:
        """Return where its weights lie."""
        return FOLDER / self.file


def read_table(path: Path) -> tuple[Network, ...]:
    """Return the rows of a table as `manage.py train_panel` writes it."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return tuple(Network(**row | {"role": Role(row["role"])}) for row in rows)


# Measured, not typed: the table is written by the command that trains and measures the networks.
TABLE: Final = read_table(_TABLE)


def network(key: str) -> Network:
    """Return a row of the table. Raises NoSuchNetwork."""
    for row in TABLE:
        if row.key == key:
            return row
    raise NoSuchNetwork(f"The panel has no network {key!r}; it has {', '.join(keys())}.")


def keys(*roles: Role) -> tuple[str, ...]:
    """Return the names of the networks with one of these roles, all of them without roles."""
    return tuple(row.key for row in TABLE if not roles or row.role in roles)


def fingerprint() -> str:
    """Return 12 hexadecimal digits that change when any network of the panel does."""
    said = json.dumps([[row.key, row.sha256, row.role] for row in TABLE])
    return hashlib.sha256(said.encode()).hexdigest()[:12]


@functools.cache
def load(key: str) -> Reader:
    """Return a network of the panel, ready to read; loaded once for each process.

    It is shared: whoever trains it further copies it first. Raises NoSuchNetwork or WeightsError.
    """
    from classifier.cnn import panel_files

    row = network(key)
    if not row.path.is_file():
        raise WeightsError(f"There is no weights file {row.path}: run manage.py train_panel.")
    reader = panel_files.read(row.path, row.sha256)
    for weight in reader.parameters():
        weight.requires_grad = False
    return reader


def tell(reader: Reader, encoded: Sequence[bytes]) -> list[float]:
    """Return P(cat), 0..1, of each picture, read from its bytes just as a bot would.

    Many pictures go the quickest way that there is, which is off by 0.005 at times.
    """
    import torch

    look = quick(reader) if len(encoded) >= _MANY and not reader.training else reader
    told: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(encoded), _TOGETHER):
            logits = look(_tiles(encoded[start : start + _TOGETHER]))
            told.extend(logits.sigmoid().tolist())
    return told


def quick(reader: Reader) -> Quick:
    """Return the quickest way to look with a reader; of the panel's it is made but once.

    It has the weights that the reader has now: one that trains further needs a new one.
    """
    from classifier.cnn.quick import Quick

    if not any(weight.requires_grad for weight in reader.parameters()):
        if reader not in _quick:
            _quick[reader] = Quick(reader)
        return _quick[reader]
    return Quick(reader)


def _tiles(encoded: Sequence[bytes]) -> Any:
    """Return pictures of one size as a batch, of several sizes pressed to the first one's."""
    import numpy as np
    import torch
    from PIL import Image

    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in encoded]
    same = [
        image if image.size == images[0].size else image.resize(images[0].size) for image in images
    ]
    pixels = np.stack([np.asarray(image) for image in same])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
