"""Makes torchvision importable beside a CPU build of torch.

torchvision from the package index is built for the CUDA build of torch. Beside a CPU build its
compiled operators do not load, and its import fails with "operator torchvision::nms does not
exist", because it describes two operators that then are nowhere declared. Their bare declaration
is all it needs: its transforms, datasets and models never call them (they belong to detectors).
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

import torch

_MISSING: Final = ("nms", "qnms")
_FORM: Final = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
# A library's declarations last as long as the object.
_declared: list[torch.library.Library] = []


def import_torchvision() -> None:
    """Import torchvision, with the missing operators declared when they are missing."""
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in _MISSING:
            library.define(name + _FORM)  # type: ignore[no-untyped-call]
        _declared.append(library)
        importlib.import_module("torchvision")
