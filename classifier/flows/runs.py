"""A training run's folder: what it holds, and reading it again."""

from __future__ import annotations

import csv
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.exceptions import BadRun

if TYPE_CHECKING:
    from classifier.cnn.config import TrainingConfig
    from classifier.cnn.training import Row

CONFIG: Final = "config.json"
SPLIT: Final = "split.json"
METRICS: Final = "metrics.csv"
WEIGHTS: Final = "weights.safetensors"
RESULT: Final = "result.json"
REPORT: Final = "report.html"
BOARD: Final = "tensorboard"
START: Final = "start.pt"
LAST: Final = "last.pt"
_PACKAGES: Final = ("torch", "torchvision", "timm", "numpy", "pillow")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: what it was told, and what came of it."""

    folder: Path
    config: TrainingConfig
    result: dict[str, Any]


def write_config(folder: Path, config: TrainingConfig) -> None:
    """Write what the run was told, and with what it was made."""
    environment = {name: version(name) for name in _PACKAGES}
    environment["python"] = platform.python_version()
    said = asdict(config) | {"environment": environment}
    (folder / CONFIG).write_text(json.dumps(said, indent=2))


def read_config(folder: Path) -> TrainingConfig:
    """Return what a run was told. Raises BadRun when the folder holds no run."""
    from classifier.cnn.config import TrainingConfig

    try:
        return TrainingConfig.from_dict(json.loads((folder / CONFIG).read_text()))
    except FileNotFoundError as error:
        raise BadRun(f"There is no run in {folder}: train one with train_classifier.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadRun(f"{CONFIG} in {folder} is damaged: train the run again.") from error


def write_metrics(folder: Path, rows: Sequence[Row]) -> None:
    """Write the figures of every epoch, whole each time."""
    names = ("epoch", "lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds")
    with (folder / METRICS).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(row, name) for name in names] for row in rows)


def read(folder: Path) -> Run:
    """Return a finished run. Raises BadRun when it is none, or not finished."""
    config = read_config(folder)
    try:
        result = json.loads((folder / RESULT).read_text())
    except FileNotFoundError as error:
        raise BadRun(
            f"The run in {folder} is not finished: go on with train_classifier --out {folder} "
            "--resume."
        ) from error
    except ValueError as error:
        raise BadRun(f"{RESULT} in {folder} is damaged: train the run again.") from error
    return Run(folder, config, result)


def find(folders: Sequence[Path]) -> list[Path]:
    """Return the run folders among these and directly inside them, oldest first."""
    found = []
    for folder in folders:
        inside = sorted(folder.glob(f"*/{CONFIG}")) if folder.is_dir() else []
        if (folder / CONFIG).is_file():
            found.append(folder)
        found += [path.parent for path in inside]
    return found
