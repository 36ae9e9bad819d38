"""Classifying files that are no part of the pool: nothing of them is kept."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from challenges import imaging
from challenges.archives import ARCHIVES, Found, Walk
from classifier import engine
from classifier.flows import versions
from classifier.pipeline import ahead

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

# Photos that are decoded ahead. A whole one may have 2048 x 2048 pixels, which is 12 MB.
DECODED: Final = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """One file: what the network says of it, or why it could not look."""

    path: str
    prediction: Prediction | None = None
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        said = self.prediction
        if said is None:
            return {"path": self.path, "error": self.error}
        return {
            "path": self.path,
            "label": said.label,
            "p_cat": round(said.p_cat, 6),
            "confidence": round(said.confidence, 6),
            "verdict": said.verdict,
        }


def network(version: str = "") -> engine.Engine:
    """Return the version of this name, or the shipped model.

    Raises WeightsError when its file cannot be used, BadVersion when there is none.
    """
    if not version:
        return engine.shipped()
    sha256 = versions.named(version).sha256
    return engine.load(versions.local_copy(sha256), sha256)


def classify(look: engine.Engine, paths: Iterable[str]) -> Generator[Seen, None, None]:
    """Yield what the network says of each photo in files, folders and archives, in their order."""
    with (
        closing(ahead(_decode, _files(paths), depth=DECODED)) as decoded,
        closing(look.stream(_blank_for_broken(decoded))) as said,
    ):
        for seen, prediction in said:
            yield seen if seen.error else Seen(seen.path, prediction)


def _files(paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
    """Yield each file's path and its bytes, or a sentence about why there are none."""
    for path in paths:
        if not Path(path).exists():
            yield path, "There is no such file or folder: look at how it is written."
            continue
        walk = Walk([Path(path)])
        for found in walk:
            yield _shown(path, found), found.data
        for reason, count in sorted(walk.skipped.items()):
            yield path, _why_skipped(path, reason, count)


def _shown(path: str, found: Found) -> str:
    """Return the file's path as a person would write it who wrote `path`."""
    given = Path(path)
    if given.is_dir():
        return str(given / found.name.removeprefix(f"{given.resolve().name}/"))
    return f"{path}/{found.name}" if path.lower().endswith(ARCHIVES) else path


def _why_skipped(path: str, reason: str, count: int) -> str:
    if Path(path).is_dir() or path.lower().endswith(ARCHIVES):
        return f"{count:,} left out in here: {reason}."
    return f"This file is left out, as all {reason} are: send a JPEG, PNG or WebP."


def _decode(file: tuple[str, bytes | str]) -> tuple[Seen, Image.Image | None]:
    path, data = file
    if isinstance(data, str):
        return Seen(path, error=data), None
    try:
        return Seen(path), imaging.decode(data)
    except imaging.BadPhoto as error:
        return Seen(path, error=str(error)), None


def _blank_for_broken(
    decoded: Iterable[tuple[Seen, Image.Image | None]],
) -> Iterator[tuple[Seen, Image.Image]]:
    """Yield a grey picture where there is none: so errors keep their place in the order."""
    blank = Image.new("RGB", (1, 1), "grey")
    for seen, image in decoded:
        yield seen, image or blank
