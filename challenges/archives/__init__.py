"""Photos out of folders and archives, one at a time; nothing is ever unpacked to the disk. Pure."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from challenges.archives.streams import Header, Suspicious, most_bytes, unpacked
from challenges.imaging import LIMITS

# Archives by the end of their name.
ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
# Pictures; those that intake refuses are read too, so that the person is told why.
_TAKEN: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
_REFUSED: Final = (".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
PICTURES: Final = frozenset((*_TAKEN, *_REFUSED))
# An archive that lists more than this is not read to its end.
ENTRIES: Final = 100_000
# The directory of a zip is read in one go: more than this many bytes of it are refused.
_DIRECTORY: Final = 8_000_000
# Photos are packed already. What swells to more than so many times its size is a bomb, but below
# so many bytes nothing is suspicious.
_SWELLING: Final = 20
_HARMLESS: Final = 1_000_000
# More kinds of files that are no pictures are told as one.
_KINDS: Final = 30
# What a tar says of all of its entries at once.
_GLOBALS: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DAMAGED: Final = (
    gzip.BadGzipFile,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    # Numbers in a header that no file can have.
    OverflowError,
    struct.error,
)


# How kinds of files that were left out are called when it is only one of them.
_ONE: Final = (
    ("links and devices", "link or device"),
    ("archives inside archives", "archive inside an archive"),
    ("paths that climb out of their archive", "path that climbs out of its archive"),
    ("damaged entries of archives", "damaged entry of an archive"),
    ("files packed so tightly that they cannot", "file packed so tightly that it cannot"),
    ("be photos", "be a photo"),
    ("files that are no pictures", "file that is no picture"),
    ("photos after", "photo after"),
    ("folders", "folder"),
    ("files", "file"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its name with the folders above it, and its bytes."""

    name: str
    data: bytes


@dataclass(slots=True)
class Walk:
    """A walk through folders, archives and single files. `skipped` counts what was left out.

    After `most` photos (None: no limit) the rest is only counted. `tick` is called again and again
    while an archive is read, and may raise.
    """

    paths: list[Path]
    skipped: Counter[str] = field(default_factory=Counter)
    most: int | None = None
    given: int = 0
    tick: Callable[[], None] = lambda: None
    # Bytes that may still come out of the archive that is read; None outside of archives.
    _left: int | None = None

    def __iter__(self) -> Iterator[Found]:
        """Yield every file that may be a photo. Links and devices are never followed."""
        for path in self.paths:
            whole = path.resolve()
            if whole.is_dir():
                yield from self._folder(whole)
            else:
                yield from self._file(whole, f"{whole.parent.name}/{whole.name}")

    def _folder(self, top: Path) -> Iterator[Found]:
        for folder, folders, files in os.walk(top, onerror=self._closed):
            folders.sort()
            if links := sum(Path(folder, name).is_symlink() for name in folders):
                self.skipped["links and devices"] += links
            for name in sorted(files):
                path = Path(folder, name)
                yield from self._file(path, f"{top.name}/{path.relative_to(top).as_posix()}")

    def _closed(self, error: OSError) -> None:
        self.skipped["folders that may not be read"] += 1

    def _file(self, path: Path, name: str) -> Iterator[Found]:
        try:
            kind = path.lstat()
            if not stat.S_ISREG(kind.st_mode):
                self.skipped["links and devices"] += 1
            elif is_archive(path.name):
                with path.open("rb") as file:
                    yield from self.archive(file, path.name)
            elif self._wanted(name, kind.st_size):
                with path.open("rb") as file:
                    yield from self._read(name, file.read)
        except OSError:
            self.skipped["files that cannot be read"] += 1

    def archive(self, file: IO[bytes], name: str) -> Iterator[Found]:
        """Yield every file in an open archive that may be a photo. Its name says its kind."""
        reader = self._zip if name.lower().endswith(".zip") else self._tar
        try:
            self._left = most_bytes(file.seek(0, os.SEEK_END))
            file.seek(0)
            yield from reader(file)
        except Suspicious as error:
            self.skipped[f"the rest of {name}, which {error}"] += 1
        except (*_DAMAGED, OSError):
            self.skipped[f"the rest of {name}, which is damaged or no archive"] += 1
        finally:
            self._left = None

    def _zip(self, file: IO[bytes]) -> Iterator[Found]:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            for number, entry in enumerate(archive.infolist()):
                _check_number(number)
                self.tick()
                if entry.is_dir():
                    continue
                if stat.S_ISLNK(entry.external_attr >> 16):
                    self.skipped["links and devices"] += 1
                elif entry.flag_bits & 1:
                    self.skipped["encrypted files"] += 1
                elif not self._wanted_inside(entry.filename, entry.file_size):
                    continue
                elif entry.file_size > max(_HARMLESS, _SWELLING * entry.compress_size):
                    self.skipped["files packed so tightly that they cannot be photos"] += 1
                else:
                    yield from self._zip_entry(archive, entry)

    def _zip_entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Found]:
        try:
            with archive.open(entry) as file:
                yield from self._read(entry.filename, file.read)
        except _DAMAGED:
            self._spend(min(entry.file_size, LIMITS.weight))
            self.skipped["damaged entries of archives"] += 1

    def _tar(self, file: IO[bytes]) -> Iterator[Found]:
        # A stream: entries are read in passing, so that a huge archive costs no memory.
        with (
            unpacked(file, self.tick) as stream,
            tarfile.open(fileobj=stream, mode="r|", errorlevel=1, tarinfo=Header) as archive,
        ):
            for number, entry in enumerate(archive):
                _check_number(number)
                self.tick()
                archive.members.clear()  # type: ignore[attr-defined]
                if len(archive.pax_headers) > _GLOBALS:
                    raise Suspicious(f"has more than {_GLOBALS} headers for all of its files")
                if entry.isdir():
                    continue
                if not entry.isreg():
                    self.skipped["links and devices"] += 1
                elif self._wanted_inside(entry.name, entry.size):
                    inside: IO[bytes] | None = archive.extractfile(entry)
                    if inside is not None:
                        yield from self._read(entry.name, inside.read)

    def _wanted_inside(self, name: str, size: int) -> bool:
        # Names in a tar may be no text at all, and are counted by their ends.
        name = clean(name, None)
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
            self.skipped["paths that climb out of their archive"] += 1
            return False
        if is_archive(name):
            self.skipped["archives inside archives"] += 1
            return False
        return self._wanted(name, size)

    def _wanted(self, name: str, size: int) -> bool:
        """Return whether to read a file with this name and size in bytes; count why not."""
        path = PurePosixPath(name)
        if path.name.startswith(".") or "__MACOSX" in path.parts:
            self.skipped["hidden files"] += 1
        elif path.suffix.lower() not in PICTURES and path.suffix:
            kind = f"files that are no pictures ({clean(path.suffix.lower()[:12])})"
            few = kind in self.skipped or len(self.skipped) < _KINDS
            self.skipped[kind if few else "files that are no pictures"] += 1
        elif size == 0:
            self.skipped["empty files"] += 1
        elif size > LIMITS.weight:
            self.skipped[f"files over {LIMITS.weight // 1_000_000} MB"] += 1
        elif self.most is not None and self.given >= self.most:
            self.skipped[f"photos after the first {self.most:,}"] += 1
        else:
            return True
        return False

    def _read(self, name: str, read: Callable[[int], bytes]) -> Iterator[Found]:
        """Yield the file, but never more bytes than are allowed: sizes in archives may lie."""
        data = read(LIMITS.weight + 1)
        self._spend(len(data))
        if len(data) > LIMITS.weight:
            self.skipped[f"files over {LIMITS.weight // 1_000_000} MB"] += 1
        else:
            self.given += 1
            yield Found(clean(name), data)

    def _spend(self, size: int) -> None:
        """Count bytes that came out of an archive. Raises Suspicious when they are too many."""
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                raise Suspicious("swells to far more than photos would")


def _check_number(number: int) -> None:
    if number >= ENTRIES:
        raise Suspicious(f"lists more than {ENTRIES:,} files")


def _check_directory(file: IO[bytes]) -> None:
    """Raise Suspicious when the zip's list of files is too long to be read at once."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if end is None:
        return
    entries, size = end[zipfile._ECD_ENTRIES_TOTAL], end[zipfile._ECD_SIZE]  # type: ignore[attr-defined]
    if entries > ENTRIES or size > _DIRECTORY:
        raise Suspicious(f"lists more than {ENTRIES:,} files")


def clean(name: str, most: int | None = 500) -> str:
    """Return the name as text that a database takes; of a very long one, the end."""
    text = _CONTROL.sub("", name.replace("\\", "/")).encode("utf-8", "replace").decode()
    return text.removeprefix("./")[-most if most else None :]


def counted(kind: str, number: int) -> str:
    """Return what was left out, as it is said: how many of which kind."""
    if kind.startswith("the rest"):
        return kind
    if number == 1:
        for many, one in _ONE:
            kind = kind.replace(many, one)
    return f"{number:,} {kind}"


def is_archive(name: str) -> bool:
    """Return whether a file of this name is taken for an archive."""
    return name.lower().endswith(ARCHIVES)


def is_picture(name: str) -> bool:
    """Return whether a file of this name is taken for a picture, if only to say why not."""
    ending = PurePosixPath(name).suffix.lower()
    return not ending or ending in PICTURES
