"""What a WebP file shows without being decoded: its chunks, its padding, its quantizer.

https://developers.google.com/speed/webp/docs/riff_container and RFC 6386, sections 9.1 to 9.6.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its name and its bytes."""

    name: str
    data: bytes


def chunks(file: bytes) -> list[Chunk]:
    """Return the chunks of a WebP; none when it is no WebP."""
    if file[:4] != b"RIFF" or file[8:12] != b"WEBP":
        return []
    found, at = [], 12
    while at + 8 <= len(file):
        name, size = struct.unpack_from("<4sI", file, at)
        found.append(Chunk(name.decode("latin-1"), file[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def layout(found: list[Chunk]) -> str:
    """Return the names of the chunks and what their heads say, sizes left out."""
    heads = [chunk.data.hex() if chunk.name == "VP8X" else "" for chunk in found]
    return " ".join(f"{chunk.name.strip()}{head}" for chunk, head in zip(found, heads, strict=True))


def padding(found: list[Chunk]) -> bytes:
    """Return all bytes that belong to no picture."""
    return b"".join(chunk.data for chunk in found if chunk.name not in {"VP8X", "VP8 "})


def coded(found: list[Chunk]) -> bytes:
    """Return the picture's own code; empty when there is none."""
    return next((chunk.data for chunk in found if chunk.name == "VP8 "), b"")


def first_partition(code: bytes) -> int:
    """Return the length of the part that says how blocks are predicted, in bytes."""
    return int.from_bytes(code[:3], "little") >> 5 if len(code) >= 3 else 0


def packed(data: bytes) -> float:
    """Return to which share of its length data can be packed: about 1 for random bytes."""
    return len(zlib.compress(data, 9)) / len(data) if data else 0.0


def quantizer(code: bytes) -> int:
    """Return the base quantizer (0..127: the finest is 0) of a VP8 key frame; -1 if unreadable.

    It stands in the head of the first partition, behind flags that are written by the boolean
    coder: color space and clamping, segments, and the loop filter.
    """
    if len(code) < 20 or code[3:6] != b"\x9d\x01\x2a":
        return -1
    read = _Booleans(code[10:])
    read.bits(2)
    if read.bits(1):
        _pass_segments(read)
    read.bits(1 + 6 + 3)
    if read.bits(1) and read.bits(1):
        for _ in range(8):
            if read.bits(1):
                read.bits(7)
    read.bits(2)
    return read.bits(7)


def _pass_segments(read: _Booleans) -> None:
    """Read over what is said of segments (RFC 6386, 9.3)."""
    map_too, data_too = read.bits(1), read.bits(1)
    if data_too:
        read.bits(1)
        for size in (7, 7, 7, 7, 6, 6, 6, 6):
            if read.bits(1):
                read.bits(size + 1)
    if map_too:
        for _ in range(3):
            if read.bits(1):
                read.bits(8)


class _Booleans:
    """The boolean decoder of RFC 6386, section 7.3, at even odds."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.value = int.from_bytes(data[:2], "big")
        self.at, self.range, self.shifted = 2, 255, 0

    def bits(self, count: int) -> int:
        """Return the next `count` bits as a number, the first one highest."""
        found = 0
        for _ in range(count):
            found = found << 1 | self._bit()
        return found

    def _bit(self) -> int:
        split = 1 + ((self.range - 1) * 128 >> 8)
        one = self.value >= split << 8
        if one:
            self.range -= split
            self.value -= split << 8
        else:
            self.range = split
        while self.range < 128:
            self.value <<= 1
            self.range <<= 1
            self.shifted += 1
            if self.shifted == 8:
                self.shifted = 0
                self.value |= self.data[self.at] if self.at < len(self.data) else 0
                self.at += 1
        return int(one)
