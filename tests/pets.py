"""Photos and renditions for tests: rows and tiny files, without any real decoding."""

from __future__ import annotations

import itertools
import secrets
from pathlib import Path

from django.core.files.storage import default_storage
from django.db.models import OuterRef

from challenges.models import Batch, Photo, Rendition
from challenges.models.photos import Animal, Rights
from tests import rows

_numbers = itertools.count(1)


def batch(rights: Rights = Rights.CLEARED, name: str = "") -> Batch:
    """Return a batch with these rights."""
    found, _ = Batch.objects.get_or_create(
        name=name or f"test {rights}", defaults={"rights": rights, "rights_text": "test"}
    )
    return found


def photo(animal: Animal, rights: Rights = Rights.CLEARED, group: int | None = None) -> Photo:
    """Return a pooled photo without a rendition; its file is missing."""
    made = _photo(animal, batch(rights), group)
    made.save()
    return made


def _photo(animal: Animal, come_with: Batch, group: int | None = None) -> Photo:
    number = next(_numbers)
    return Photo(
        sha256=secrets.token_hex(32),
        width=400,
        height=300,
        phash=number,
        bands=[number],
        group=number if group is None else group,
        batch=come_with,
        rights=come_with.rights,
        label=animal,
        status=Photo.Status.POOLED,
        deal_order=secrets.randbelow(1000) / 1000,
    )


def rendered(animal: Animal, rights: Rights = Rights.CLEARED, group: int | None = None) -> Photo:
    """Return a pooled photo with a fresh rendition; its picture names the animal."""
    made = photo(animal, rights, group)
    _render([made])
    return made


def pool(each: int = 30, rights: Rights = Rights.CLEARED) -> list[Photo]:
    """Return as many rendered cats as dogs."""
    come_with = batch(rights)
    photos = rows.insert(
        [_photo(animal, come_with) for animal in (Animal.CAT, Animal.DOG) for _ in range(each)]
    )
    _render(photos)
    return photos


def _render(photos: list[Photo]) -> None:
    folder = Path(default_storage.path("renditions/test"))
    folder.mkdir(parents=True, exist_ok=True)
    made = [
        Rendition(photo=photo, name=f"renditions/test/{secrets.token_hex(8)}.webp")
        for photo in photos
    ]
    for rendition in rows.insert(made):
        photo = rendition.photo
        Path(default_storage.path(rendition.name)).write_bytes(
            f"{photo.label} {photo.pk}".ljust(64).encode()
        )
        photo.rendition, photo.fresh = rendition, True
    # One statement, for the many tests that begin with a pool.
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(
        fresh=True,
        rendition=Rendition.objects.filter(photo=OuterRef("pk")).order_by("-pk").values("pk")[:1],
    )
