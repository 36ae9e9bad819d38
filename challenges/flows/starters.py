"""Starter pictures in the pool: drawn in small portions, so that the first ones come soon."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from PIL import Image

from challenges import starter
from challenges.flows import intake
from challenges.models import Batch, Label, Photo, Site, Upload
from challenges.models.photos import Animal, Rights

# Starter pictures of each animal, and how many are drawn at a time.
OF_EACH: Final = 300
# Other seeds for each: the cat and the dog of one seed are drawn in the same scene.
SEEDS: Final = {Animal.CAT: range(OF_EACH), Animal.DOG: range(OF_EACH, 2 * OF_EACH)}
PORTION: Final = 12


def draw_some(animal: Animal) -> bool:
    """Draw and store the next pictures of this animal; return whether any were missing."""
    seeds = missing_seeds(animal, SEEDS[animal])[:PORTION]
    for seed in seeds:
        add_starter(_draw(animal, seed), animal, seed)
    return bool(seeds)


def wanted() -> bool:
    """Return whether somebody is shown starter pictures and nothing else."""
    return settings.TEST_KEYS or Site.objects.stocked().filter(test_mode=True).exists()


def draw_last() -> None:
    """Draw and store a few pictures of each animal that are missing, from the end.

    So it helps those who draw from the start (see draw_some) instead of drawing the same.
    """
    for animal, seeds in SEEDS.items():
        for seed in missing_seeds(animal, seeds)[-PORTION:]:
            add_starter(_draw(animal, seed), animal, seed)


def _draw(animal: Animal, seed: int) -> Image.Image:
    return starter.draw("cat" if animal == Animal.CAT else "dog", seed)


def missing_seeds(animal: Animal, seeds: Sequence[int]) -> list[int]:
    """Return those seeds whose picture is not stored yet."""
    uploads = Upload.objects.filter(batch=starter_batch(), label=animal, photo__isnull=False)
    stored = set(uploads.values_list("name", flat=True))
    return [seed for seed in seeds if _name(animal, seed) not in stored]


def add_starter(image: Image.Image, animal: Animal, seed: int) -> Photo:
    """Store a starter picture in the pool. Storing the same seed again changes nothing."""
    digest = hashlib.sha256(f"starter {_name(animal, seed)}".encode()).hexdigest()
    batch = starter_batch()
    known = Upload.objects.filter(batch=batch, sha256=digest).first()
    upload = known or Upload(
        batch=batch,
        name=_name(animal, seed),
        sha256=digest,
        label=animal,
        label_source=Label.Source.STARTER,
    )
    return intake.store(upload, image)


def starter_batch() -> Batch:
    """Return the batch of the starter pictures."""
    batch, _ = Batch.objects.get_or_create(
        name="starter",
        defaults={
            "rights": Rights.STARTER,
            "rights_text": "Drawn by Pawcha itself: free of rights, for trying out.",
            "trust_labels": True,
        },
    )
    return batch


def _name(animal: Animal, seed: int) -> str:
    return f"{animal.value}-{seed}"
