"""WebP files of one exact length, so that a picture's length says nothing about it. Pure."""

from __future__ import annotations

import io
import os
import struct
from typing import Final

from PIL import Image, ImageFilter

# The best quality that is tried, 0..100. The eye sees no difference above it in a small tile.
BEST: Final = 82
# The VP8X chunk (18 bytes) and the head of the padding chunk (8 bytes).
_LEAST_PAD: Final = 26


def padded(tile: Image.Image, size: int) -> bytes:
    """Return the tile as a WebP of exactly `size` bytes, in the best quality that fits."""
    return pad(_fitting(tile, size - _LEAST_PAD), size)


def _encode(tile: Image.Image, quality: int) -> bytes:
    with io.BytesIO() as out:
        tile.save(out, "WEBP", quality=quality, method=4)
        return out.getvalue()


def _fitting(tile: Image.Image, room: int) -> bytes:
    best = _encode(tile, BEST)
    if len(best) <= room:
        return best
    while len(best := _encode(tile, 1)) > room:
        # Pure noise does not fit in any quality; no photo is like that.
        tile = tile.filter(ImageFilter.GaussianBlur(1))
    low, high = 1, BEST
    while high - low > 2:
        quality = (low + high) // 2
        trial = _encode(tile, quality)
        if len(trial) <= room:
            low, best = quality, trial
        else:
            high = quality
    return best


def pad(plain: bytes, size: int) -> bytes:
    """Return a plain lossy WebP as a valid one of exactly `size` bytes.

    The file takes the extended form, in which readers skip chunks that they do not know; the
    filling is random, so that no compression on the way gives the true length away.
    Raises ValueError when there is no room, or the WebP is of another kind.
    """
    filling = size - len(plain) - _LEAST_PAD
    if plain[:4] != b"RIFF" or plain[8:16] != b"WEBPVP8 ":
        raise ValueError("only a plain lossy WebP can be padded")
    if filling < 0 or filling % 2 or len(plain) % 2:
        raise ValueError(f"a WebP of {len(plain)} bytes cannot be padded to {size}")
    sides = (side & 0x3FFF for side in struct.unpack("<HH", plain[26:30]))
    extended = struct.pack("<4sI4x", b"VP8X", 10)
    extended += b"".join((side - 1).to_bytes(3, "little") for side in sides)
    tail = struct.pack("<4sI", b"PADD", filling) + os.urandom(filling)
    return struct.pack("<4sI4s", b"RIFF", size - 8, b"WEBP") + extended + plain[12:] + tail
