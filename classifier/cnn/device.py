"""What this machine computes with: a GPU where there is one, short floats where they are quick."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch


def best() -> torch.device:
    """Return the GPU if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_bf16(device: torch.device) -> bool:
    """Return whether the device computes with 16-bit brain floats faster than with 32 bits."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def mixed(device: torch.device, *, half: bool) -> AbstractContextManager[object]:
    """Compute with short floats inside the block, where wanted and where they are quick."""
    enabled = half and has_bf16(device)
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)
