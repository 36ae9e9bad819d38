"""A set of labelled photos: read once, pressed to squares, and kept beside the run as pixels."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from challenges import imaging
from challenges.archives import Found
from classifier.cnn.config import Preprocessing
from classifier.cnn.predict import to_pixels
from classifier.progress import Progress

# Smaller photos than intake takes still teach; everything else is as strict.
LIMITS: Final = imaging.Limits(side=16)
PIXELS: Final = "photos.u8"
# Threads that decode (Pillow lets go of the interpreter meanwhile), and files in their hands.
THREADS: Final = 2
AHEAD: Final = 16


@dataclass(frozen=True, slots=True)
class Sample:
    """One photo. `label` counts into the classes, `digest` is the SHA-256 of the file.

    `phash` is its perceptual hash of 64 bits; `width` and `height` are those of the original.
    """

    name: str
    label: int
    digest: str
    phash: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no photo, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A file that was left out: it has the very bytes and the label of the photo `of`."""

    name: str
    of: str


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """Labelled photos. `pixels` is photos x size x size x 3, bytes, in the order of `samples`."""

    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    broken: tuple[Broken, ...]
    pixels: NDArray[np.uint8]
    repeats: tuple[Repeat, ...] = ()

    @property
    def labels(self) -> NDArray[np.int64]:
        """The label of each photo."""
        return np.array([sample.label for sample in self.samples], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A file and the name of the class that it shows."""

    file: Found
    label: str


def read(
    files: Iterable[Labelled], config: Preprocessing, folder: Path, progress: Progress
) -> PhotoSet:
    """Read photos, press them to squares and keep those in `folder`.

    The classes are sorted by name. A second file with the very same bytes and label is left out.
    """
    words: list[str] = []
    samples: list[Sample] = []
    broken: list[Broken] = []
    repeats: list[Repeat] = []
    seen: dict[tuple[str, str], str] = {}
    with (folder / PIXELS).open("wb") as kept:
        for one in _decoded(files, config):
            progress.advance()
            if isinstance(one, Broken):
                broken.append(one)
                continue
            sample, word, pixels = one
            if first := seen.get((sample.digest, word)):
                repeats.append(Repeat(sample.name, first))
                continue
            seen[sample.digest, word] = sample.name
            samples.append(sample)
            words.append(word)
            kept.write(pixels.tobytes())
    classes = tuple(sorted(set(words)))
    number = {word: place for place, word in enumerate(classes)}
    return PhotoSet(
        classes,
        tuple(replace(s, label=number[word]) for s, word in zip(samples, words, strict=True)),
        tuple(broken),
        _mapped(folder / PIXELS, len(samples), config.size),
        tuple(repeats),
    )


_Decoded = tuple[Sample, str, NDArray[np.uint8]] | Broken


def _decoded(files: Iterable[Labelled], config: Preprocessing) -> Iterator[_Decoded]:
    """Decode in threads, a few files ahead, in order."""
    waiting: deque[Future[_Decoded]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for one in files:
            waiting.append(threads.submit(_decode, one, config))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _decode(one: Labelled, config: Preprocessing) -> _Decoded:
    try:
        image = imaging.decode(one.file.data, LIMITS)
    except imaging.BadPhoto as error:
        return Broken(one.file.name, str(error))
    digest = hashlib.sha256(one.file.data).hexdigest()
    sample = Sample(
        one.file.name, -1, digest, imaging.perceptual_hash(image), image.width, image.height
    )
    return sample, one.label, to_pixels(image, config)


def _mapped(path: Path, count: int, size: int) -> NDArray[np.uint8]:
    shape = (count, size, size, 3)
    if not count:
        return np.empty(shape, dtype=np.uint8)
    return np.memmap(path, dtype=np.uint8, mode="r", shape=shape)
