"""Making some hardened renditions, until each is near enough to its photo."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.models import Photo
from challenges.models.photos import Animal
from classifier import panel
from classifier.exceptions import ClassifierError
from classifier.hardening import recipes
from classifier.hardening.recipes import Recipe

if TYPE_CHECKING:
    from classifier.cnn.reader import Reader

logger = logging.getLogger(__name__)

_random = secrets.SystemRandom()


class CannotHarden(ClassifierError):
    """Nothing can be hardened now. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """One rendition to make: its photo as pixels, its coin, and the recipe drawn for it."""

    photo: Photo
    image: Image.Image
    pushed: bool
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Fitted:
    """A hardened rendition that is near enough to its clean crop, and how it came about.

    `strength` is what share (0..1) of the recipe's budget it takes, `distance` a proxy for how
    much it differs from the crop.
    """

    job: Job
    clean: Image.Image
    data: bytes
    strength: float
    distance: float
    tries: int = 1

    @property
    def softened(self) -> bool:
        """Return whether it had to be made milder than its recipe wants."""
        return recipes.LADDER[self.tries - 1] > 0


def surrogates() -> list[Reader]:
    """Return the networks that renditions are hardened against: never one that judges.

    Raises CannotHarden when the panel has none, WeightsError when a file of theirs is broken.
    """
    keys = panel.keys(panel.Role.HARDENS)
    if not keys:
        raise CannotHarden("The panel has no network to harden against: run manage.py train_panel.")
    from classifier.hardening.surrogates import prepared

    return [prepared(panel.load(key)) for key in keys]


def open_photo(photo: Photo) -> Image.Image | None:
    """Return a stored photo as pixels, None when it cannot be read now."""
    try:
        with default_storage.open(photo.storage_name) as file:
            return imaging.open_stored(file.read())
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for some broken files.
        # Perhaps the store is only away for a moment: the next round tries again.
        logger.warning("%s cannot be read to harden it: %s", photo, error)
        return None


def fitting(jobs: Sequence[Job], readers: Sequence[Reader]) -> Iterator[Fitted]:
    """Yield for each job a rendition that is near enough to its photo, as soon as there is one.

    One that is too far is made again with the same coin by the same recipe, so that neither the
    coins nor the recipes that are served depend on what is hard to make.
    """
    left = list(jobs)
    for tries, milder in enumerate(recipes.LADDER, 1):
        again = []
        for one in _make(left, milder, tries, readers) if left else []:
            if one.distance <= recipes.MOST_DISTANCE or tries == len(recipes.LADDER):
                yield one
            else:
                again.append(one.job)
        left = again


def _make(
    jobs: Sequence[Job], milder: float, tries: int, readers: Sequence[Reader]
) -> list[Fitted]:
    import torch

    from classifier.hardening import making

    crops = [imaging.crop(job.image, _random, job.photo.focus) for job in jobs]
    left = [(1 - job.photo.mildness) * (1 - milder) for job in jobs]
    generator = torch.Generator().manual_seed(secrets.randbits(63))
    made = making.harden(
        torch.stack([making.to_tile(crop) for crop in crops]),
        [job.photo.label == Animal.CAT for job in jobs],
        [job.recipe.milder(1 - share) for job, share in zip(jobs, left, strict=True)],
        [job.pushed for job in jobs],
        readers,
        generator,
    )
    return [
        Fitted(
            job,
            crops[at],
            making.render(making.to_image(made.images[at])),
            made.strength[at] * left[at],
            made.distance[at],
            tries,
        )
        for at, job in enumerate(jobs)
    ]
