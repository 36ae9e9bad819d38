"""Sheets of clean and hardened pairs: whether people can still tell them, only eyes say."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from typing import Final

from PIL import Image

from challenges.models import Photo
from challenges.models.photos import Rights
from classifier import engine
from classifier.flows import hardened, rotation
from classifier.flows.hardened import CannotHarden, Fitted, Job
from classifier.hardening import coins, recipes
from classifier.pipeline import batches
from classifier.progress import Progress

# Pairs in a row, the side of each picture in pixels, and the gap between pairs.
COLUMNS: Final = 12
SIDE: Final = 160
GAP: Final = 6
AT_ONCE: Final = 8

_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn sheet, each pair's distance (a proxy), and the most that is allowed."""

    image: Image.Image
    distances: list[float]
    most: float


def draw(pairs: int, progress: Progress) -> Sheet:
    """Return a sheet of so many pooled photos, each plain and, below, hardened as in service.

    Nothing of it is kept or shown to visitors. Raises CannotHarden.
    """
    if missing := engine.missing():
        raise CannotHarden(f"{missing[0]} is not installed here: run make install.")
    photos = Photo.objects.pooled().exclude(rights=Rights.STARTER).order_by("?")[:pairs]
    drawn, readers = rotation.current(), hardened.surrogates()
    progress.start("Hardening", len(photos))
    made: list[Fitted] = []
    for some in batches(photos, AT_ONCE):
        jobs = [
            Job(photo, image, coins.toss(), recipes.draw(_random, drawn))
            for photo in some
            if (image := hardened.open_photo(photo)) is not None
        ]
        for one in hardened.fitting(jobs, readers):
            made.append(one)
            progress.advance()
    if not made:
        raise CannotHarden("The pool has no photos of your own: import some first.")
    return Sheet(_paste(made), [one.distance for one in made], recipes.MOST_DISTANCE)


def _paste(pairs: list[Fitted]) -> Image.Image:
    columns = min(COLUMNS, len(pairs))
    rows = -(-len(pairs) // columns)
    across, down = SIDE + GAP, 2 * SIDE + GAP
    sheet = Image.new("RGB", (columns * across - GAP, rows * down - GAP), "white")
    for at, pair in enumerate(pairs):
        row, column = divmod(at, columns)
        for part, image in enumerate((pair.clean, Image.open(io.BytesIO(pair.data)))):
            place = column * across, row * down + part * SIDE
            sheet.paste(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS), place)
    return sheet
