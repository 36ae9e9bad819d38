"""Mixing two sets of weights of one network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from torch import Tensor

# Shares of the fine-tuned weights that are tried; the rest is the start. 1 is fine-tuning alone.
SHARES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def mix(
    start: Mapping[str, Tensor], tuned: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """Return weights on the line between the two, `share` (0..1) of the way to the tuned ones."""
    mixed = {}
    for name, before in start.items():
        after = tuned[name]
        mixed[name] = before.lerp(after, share) if before.is_floating_point() else after
    return mixed
