"""Photos out of folders and archives, one at a time; nothing is ever unpacked to the disk. Pure."""

from __future__ import annotations

import gzip
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from challenges.imaging import LIMITS

# Archives by the end of their name.
ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
# Pictures; those that intake refuses are read too, so that the person is told why.
_TAKEN: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
_REFUSED: Final = (".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
_PICTURES: Final = frozenset((*_TAKEN, *_REFUSED))
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
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file: its name with the folders above it, and its bytes."""

    name: str
    data: bytes


@dataclass(slots=True)
class Walk:
    """A walk through folders, archives and single files. `skipped` counts what was left out."""

    paths: list[Path]
    skipped: Counter[str] = field(default_factory=Counter)

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
            elif path.name.lower().endswith(ARCHIVES):
                yield from self._archive(path)
            elif self._wanted(name, kind.st_size):
                with path.open("rb") as file:
                    yield from self._read(name, file.read)
        except OSError:
            self.skipped["files that cannot be read"] += 1

    def _archive(self, path: Path) -> Iterator[Found]:
        reader = self._zip if path.name.lower().endswith(".zip") else self._tar
        try:
            yield from reader(path)
        except _DAMAGED:
            self.skipped[f"the rest of {path.name}, which is damaged or no archive"] += 1

    def _zip(self, path: Path) -> Iterator[Found]:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                if stat.S_ISLNK(entry.external_attr >> 16):
                    self.skipped["links and devices"] += 1
                elif entry.flag_bits & 1:
                    self.skipped["encrypted files"] += 1
                elif self._wanted_inside(entry.filename, entry.file_size):
                    yield from self._zip_entry(archive, entry)

    def _zip_entry(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[Found]:
        try:
            with archive.open(entry) as file:
                yield from self._read(entry.filename, file.read)
        except _DAMAGED:
            self.skipped["damaged entries of archives"] += 1

    def _tar(self, path: Path) -> Iterator[Found]:
        # A stream: entries are read in passing, so that a huge archive costs no memory.
        with tarfile.open(path, "r|*", errorlevel=1) as archive:
            for entry in archive:
                archive.members.clear()  # type: ignore[attr-defined]
                if entry.isdir():
                    continue
                if not entry.isreg():
                    self.skipped["links and devices"] += 1
                elif self._wanted_inside(entry.name, entry.size):
                    file: IO[bytes] | None = archive.extractfile(entry)
                    if file is not None:
                        yield from self._read(entry.name, file.read)

    def _wanted_inside(self, name: str, size: int) -> bool:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
            self.skipped["paths that climb out of their archive"] += 1
            return False
        if name.lower().endswith(ARCHIVES):
            self.skipped["archives inside archives"] += 1
            return False
        return self._wanted(name, size)

    def _wanted(self, name: str, size: int) -> bool:
        """Return whether to read a file with this name and size in bytes; count why not."""
        path = PurePosixPath(name)
        if path.name.startswith(".") or "__MACOSX" in path.parts:
            self.skipped["hidden files"] += 1
        elif path.suffix.lower() not in _PICTURES and path.suffix:
            self.skipped[f"files that are no pictures ({path.suffix.lower()[:12]})"] += 1
        elif size == 0:
            self.skipped["empty files"] += 1
        elif size > LIMITS.weight:
            self.skipped[f"files over {LIMITS.weight // 1_000_000} MB"] += 1
        else:
            return True
        return False

    def _read(self, name: str, read: Callable[[int], bytes]) -> Iterator[Found]:
        """Yield the file, but never more bytes than are allowed: sizes in archives may lie."""
        data = read(LIMITS.weight + 1)
        if len(data) > LIMITS.weight:
            self.skipped[f"files over {LIMITS.weight // 1_000_000} MB"] += 1
        else:
            yield Found(_clean(name), data)


def _clean(name: str) -> str:
    """Return the name as text that a database takes; of a very long one, the end."""
    text = name.replace("\\", "/").encode("utf-8", "replace").decode().replace("\0", "")
    return text.removeprefix("./")[-500:]
