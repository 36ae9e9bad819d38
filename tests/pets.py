"""Photos and renditions for tests: rows and tiny files, without any real decoding."""

from __future__ import annotations

import itertools
import secrets
from pathlib import Path

from django.core.files.storage import default_storage

from challenges.models import Batch, Photo, Rendition
from challenges.models.photos import Animal, Rights

_numbers = itertools.count(1)


def batch(rights: Rights = Rights.CLEARED, name: str = "") -> Batch:
    """Return a batch with these rights."""
    found, _ = Batch.objects.get_or_create(
        name=name or f"test {rights}", defaults={"rights": rights, "rights_text": "test"}
    )
    return found


def photo(animal: Animal, rights: Rights = Rights.CLEARED, group: int | None = None) -> Photo:
    """Return a pooled photo without a rendition; its file is missing."""
    number = next(_numbers)
    return Photo.objects.create(
        sha256=secrets.token_hex(32),
        width=400,
        height=300,
        phash=number,
        bands=[number],
        group=number if group is None else group,
        batch=batch(rights),
        rights=rights,
        label=animal,
        status=Photo.Status.POOLED,
        deal_order=secrets.randbelow(1000) / 1000,
    )


def rendered(animal: Animal, rights: Rights = Rights.CLEARED, group: int | None = None) -> Photo:
    """Return a pooled photo with a fresh rendition; its picture names the animal."""
    made = photo(animal, rights, group)
    name = f"renditions/test/{secrets.token_hex(8)}.webp"
    file = Path(default_storage.path(name))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"{animal} {made.pk}".ljust(64).encode())
    made.rendition = Rendition.objects.create(photo=made, name=name)
    made.fresh = True
    made.save()
    return made


def pool(each: int = 30, rights: Rights = Rights.CLEARED) -> list[Photo]:
    """Return as many rendered cats as dogs."""
    return [rendered(animal, rights) for animal in (Animal.CAT, Animal.DOG) for _ in range(each)]
