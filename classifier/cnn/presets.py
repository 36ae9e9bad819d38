"""What happens to a training photo before the network sees it: transforms of torchvision, v2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from torch import Tensor

from classifier.cnn.torchvision_ops import import_torchvision
from classifier.exceptions import BadData

Transform = Callable[[Tensor], Tensor]
NAMES: Final = ("flip", "rotate", "zoom", "colour", "erase")
# Degrees to either side; the least share of the picture's area that a zoom leaves; how far
# brightness, contrast and saturation go.
DEGREES: Final = 12.0
AREA: Final = 0.55
COLOUR: Final = 0.25


def names(said: str) -> tuple[str, ...]:
    """Return the augmentations of a list with commas; "none" and "" are none.

    Raises BadData with the names that there are.
    """
    wanted = tuple(name.strip() for name in said.split(",") if name.strip() not in ("", "none"))
    for name in wanted:
        if name not in NAMES:
            raise BadData(f"There is no augmentation {name!r}: choose among {', '.join(NAMES)}.")
    return wanted


def augmentation(wanted: Sequence[str], size: int) -> Transform:
    """Return what changes one picture (3 x size x size, bytes) at random, keeping its shape."""
    import_torchvision()
    from torchvision.transforms import InterpolationMode, v2

    bilinear = InterpolationMode.BILINEAR
    steps: dict[str, Any] = {
        "flip": v2.RandomHorizontalFlip(),
        "rotate": v2.RandomApply([v2.RandomRotation(DEGREES, bilinear, fill=[127])], p=0.5),
        "zoom": v2.RandomResizedCrop(size, scale=(AREA, 1.0), ratio=(0.8, 1.25), antialias=True),
        "colour": v2.RandomApply([v2.ColorJitter(COLOUR, COLOUR, COLOUR)], p=0.5),
        "erase": v2.RandomErasing(p=0.5, scale=(0.02, 0.2), value=127),
    }
    chain = [steps[name] for name in NAMES if name in wanted]
    if not chain:
        return torch.clone
    transform: Transform = v2.Compose(chain)
    return transform
