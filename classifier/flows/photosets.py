"""Where labelled photos come from: folders, archives, or the reviewed pool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.core.files.storage import default_storage

from challenges.archives import ARCHIVES, Found, Walk
from challenges.naming import read_name
from classifier.exceptions import BadData
from classifier.flows import frozen
from classifier.progress import Progress

if TYPE_CHECKING:
    from classifier.cnn.config import Preprocessing
    from classifier.cnn.data import Labelled, PhotoSet

POOL: Final = "pool"


def open_data(
    data: Sequence[str], config: Preprocessing, folder: Path, progress: Progress
) -> PhotoSet:
    """Read the photos of folders and archives, or of the pool, into `folder`.

    Raises BadData when there are none, or when they all show the same.
    """
    from classifier.cnn import data as photos

    folder.mkdir(parents=True, exist_ok=True)
    progress.start("Reading photos")
    made = photos.read(files(data), config, folder, progress)
    said = ", ".join(data)
    if not made.samples:
        why = f" The first file: {made.broken[0].why}" if made.broken else ""
        raise BadData(
            f"There are no labelled photos in {said}: give a folder with a folder for each class, "
            f"or an archive that import_photos reads.{why}"
        )
    if len(made.classes) < 2:
        raise BadData(f"All photos in {said} are of one class, {made.classes[0]}: two are needed.")
    return made


def files(data: Sequence[str]) -> Iterator[Labelled]:
    """Yield the labelled photos of folders and archives, or of the pool. Raises BadData."""
    for one in data:
        yield from _pool() if one == POOL else _from_disk(Path(one))


def _from_disk(path: Path) -> Iterator[Labelled]:
    from classifier.cnn.data import Labelled

    if not path.exists():
        raise BadData(f"There is nothing at {path}: give a folder, an archive, or the word pool.")
    if path.is_file() and not path.name.lower().endswith(ARCHIVES):
        raise BadData(f"{path.name} is neither a folder nor an archive ({', '.join(ARCHIVES)}).")
    folders = has_class_folders(path)
    for file in Walk([path]):
        label = _folder_class(file.name) if folders else class_of(file.name)
        if label:
            yield Labelled(file, label)


def has_class_folders(path: Path) -> bool:
    """Return whether this is a folder with a folder of pictures for each of two classes or more."""
    if not path.is_dir():
        return False
    inside = [child for child in path.iterdir() if child.is_dir()]
    return sum(any(file.is_file() for file in folder.iterdir()) for folder in inside) >= 2


def _folder_class(name: str) -> str:
    """Return the class that the folder below the top one names; empty for files beside them."""
    parts = name.split("/")
    if len(parts) < 3:
        return ""
    return read_name(f"{parts[1]}/file").label or parts[1].strip().lower()


def class_of(name: str) -> str:
    """Return what a path inside an archive says: cat or dog as imports read it, else its folder."""
    folder = name.split("/")[-2].strip().lower() if "/" in name else ""
    return read_name(name).label or folder


def _pool() -> Iterator[Labelled]:
    """Yield the reviewed photos, without those that are kept for testing versions."""
    from classifier.cnn.data import Labelled

    frozen.assign()
    for photo in frozen.trainable().iterator():
        try:
            with default_storage.open(photo.storage_name) as file:
                yield Labelled(Found(photo.sha256, file.read()), photo.label)
        except OSError:
            # It is reported with the broken ones: an empty file is no photo.
            yield Labelled(Found(photo.sha256, b""), photo.label)
