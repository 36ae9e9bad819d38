"""Tars read as streams that may not swell, hoard memory or take for ever. Pure."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn, cast

if TYPE_CHECKING:
    from typing_extensions import Buffer

# Photos are packed already. What swells to more than so many times its size is a bomb, but below
# so many bytes nothing is suspicious.
SWELLING: Final = 4
HARMLESS: Final = 200_000_000
# What a tar says about one entry, in bytes. Python 3.11 reads such headers in quadratic time
# (CVE-2024-6232), and keeps a long name in memory.
HEADER: Final = 64_000
# What an .xz may need to be unpacked, in bytes.
MEMORY: Final = 256_000_000
_CHUNK: Final = 1 << 16
_ABOUT: Final = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
_SPARSE: Final = "holds sparse files, as no photo is"


class Suspicious(Exception):
    """An archive that is not read any further. The text ends the sentence "the rest of ..."."""


def most_bytes(size: int) -> int:
    """Return how many bytes may come out of an archive of this size in bytes."""
    return max(HARMLESS, SWELLING * size)


def unpacked(file: IO[bytes], tick: Callable[[], None]) -> IO[bytes]:
    """Return the tar inside, which stops at what an archive of photos may swell to.

    `tick` is called again and again while it is read, and may raise.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    packed = next((opener for magic, opener in _PACKED.items() if start.startswith(magic)), None)
    stream = file if packed is None else packed(file)
    bounded = _Bounded(stream, most_bytes(size), tick)
    return cast("IO[bytes]", io.BufferedReader(bounded, _CHUNK))


class Header(tarfile.TarInfo):
    """A header of a tar, which is refused when it could cost more than its file is worth."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Header:
        """Return the header in a block. Raises Suspicious."""
        made = super().frombuf(buf, encoding, errors)
        if made.type in _ABOUT and not 0 <= made.size <= HEADER:
            raise Suspicious(f"has headers of more than {HEADER // 1000} KB")
        if made.type == tarfile.GNUTYPE_SPARSE:
            raise Suspicious(_SPARSE)
        return made

    def _refuse_sparse(self, *args: Any) -> NoReturn:
        raise Suspicious(_SPARSE)

    # The three ways in which a pax header says it: found before anything is read by them.
    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _refuse_sparse


class _Bounded(io.RawIOBase):
    """A stream of which at most `left` bytes are read. Raises Suspicious after that."""

    def __init__(self, stream: IO[bytes], left: int, tick: Callable[[], None]) -> None:
        self._stream, self._left, self._tick = stream, left, tick

    def readable(self) -> bool:
        """Return yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer and return how many bytes that are."""
        self._tick()
        view = memoryview(buffer)
        data = self._stream.read(len(view))
        self._left -= len(data)
        if self._left < 0:
            raise Suspicious("swells to far more than photos would")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below, too."""
        self._stream.close()
        super().close()


class _Xz(io.RawIOBase):
    """What is packed in an .xz, within MEMORY: lzma.open would take whatever the file asks for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._packed = file, b""
        self._begin()

    def _begin(self) -> None:
        self._xz = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)

    def readable(self) -> bool:
        """Return yes."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer, as far as there is something."""
        view = memoryview(buffer)
        data = b""
        while not data and self._more():
            try:
                data = self._xz.decompress(self._packed, len(view))
            except lzma.LZMAError as error:
                if "limit" in str(error):
                    raise Suspicious(
                        f"takes more than {MEMORY // 10**6} MB of memory to read"
                    ) from error
                raise
            self._packed = b""
        view[: len(data)] = data
        return len(data)

    def _more(self) -> bool:
        """Have bytes ready to unpack; return whether there are any. Raises EOFError."""
        if self._xz.eof:
            # Several streams may follow each other, with zeros in between.
            self._packed = self._xz.unused_data.lstrip(b"\0")
            while not self._packed and (part := self._file.read(_CHUNK)):
                self._packed = part.lstrip(b"\0")
            self._begin()
            return bool(self._packed)
        if self._xz.needs_input:
            self._packed = self._file.read(_CHUNK)
            if not self._packed:
                raise EOFError("The archive ends in the middle.")
        return True


_PACKED: Final[dict[bytes, Callable[[Any], Any]]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": _Xz,
}
