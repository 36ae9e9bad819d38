"""Checkpoints: where a run stood after an epoch. Whole or not at all; no pickled code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from classifier.exceptions import BadRun


def save(path: Path, state: dict[str, Any]) -> None:
    """Write tensors, numbers, words and lists of these."""
    part = path.with_name(path.name + ".part")
    torch.save(state, part)
    part.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Return what was saved. Raises BadRun when it cannot be read."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds on damaged and on foreign files.
        raise BadRun(
            f"{path.name} is damaged: begin the run again in another folder, without --resume."
        ) from error
    return state
