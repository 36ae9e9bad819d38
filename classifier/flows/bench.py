"""Measuring how quickly this machine classifies."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from challenges import imaging
from challenges.archives import Walk
from classifier import engine
from classifier.exceptions import BadData
from classifier.pipeline import ahead, batches
from classifier.progress import Progress

if TYPE_CHECKING:
    from classifier.cnn.bench import Comparison

# Photos a round: every way takes its turn with each of them.
ROUND: Final = 64
DECODED: Final = 8


def network(path: Path | None, threads: int) -> engine.Engine:
    """Return the network of a weights file, or the shipped one, on so many threads.

    Raises WeightsError.
    """
    from classifier.cnn import weights

    engine.use_threads(threads)
    return engine.shipped() if path is None else engine.load(path, weights.digest(path))


def photos(source: Path | None, count: int) -> list[bytes]:
    """Return so many photos as files: as many of each folder or archive in `source`, or drawn ones.

    Raises BadData when there are none.
    """
    if source is None:
        return [_draw(seed) for seed in range(count)]
    parts = sorted(source.iterdir()) if source.is_dir() else [source]
    parts = [part for part in parts if part.suffix != ".md"]
    walks = [iter(Walk([part])) for part in parts]
    found: list[bytes] = []
    while walks and len(found) < count:
        each = max(1, (count - len(found)) // len(walks))
        more = [[file.data for file in islice(walk, each)] for walk in walks]
        found += [data for some in more for data in some if _readable(data)]
        walks = [walk for walk, some in zip(walks, more, strict=True) if len(some) == each]
    if not found:
        raise BadData(f"There are no photos in {source}: name a folder or an archive of photos.")
    return found[:count]


def _readable(data: bytes) -> bool:
    try:
        imaging.decode(data)
    except imaging.BadPhoto:
        return False
    return True


def _draw(seed: int) -> bytes:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    with io.BytesIO() as out:
        soft = Image.fromarray(coarse).resize((400, 300), Image.Resampling.BICUBIC)
        soft.save(out, "JPEG", quality=90)
        return out.getvalue()


def compare(
    look: engine.Engine, files: Sequence[bytes], threads: int, progress: Progress
) -> Comparison:
    """Return how quick each way to run the network is on these photos."""
    from classifier.cnn import bench, predict

    def rounds() -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        for batch in batches(files, ROUND):
            pixels = [
                predict.to_pixels(imaging.decode(data), look.spec.preprocessing) for data in batch
            ]
            yield np.stack(pixels)

    progress.start("Comparing", len(files))
    network = look.runtime.network
    return bench.compare(
        network, look.spec, rounds(), threads=threads, told=lambda count: progress.advance(count)
    )


def end_to_end(look: engine.Engine, files: Sequence[bytes], progress: Progress) -> float:
    """Return photos per second from files to verdicts: decoded, resized and looked at."""
    progress.start("From file to verdict", len(files))
    began = time.perf_counter()
    with (
        closing(ahead(imaging.decode, files, depth=DECODED)) as images,
        closing(look.stream(enumerate(images))) as said,
    ):
        for _ in said:
            progress.advance()
    return len(files) / (time.perf_counter() - began)
