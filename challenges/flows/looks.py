"""What staff see of photos: small pictures, and what the network says."""

from __future__ import annotations

import io

from django.core.files.storage import default_storage

from challenges import imaging
from challenges.models import Photo
from challenges.models.photos import SHOWN, Animal


def small(photo: Photo, side: int) -> bytes:
    """Return a JPEG of the photo, its longest side at most `side` pixels.

    Raises OSError when its file is gone or broken.
    """
    with default_storage.open(photo.storage_name) as file:
        image = imaging.open_stored(file.read(), side)
    image.thumbnail((side, side))
    with io.BytesIO() as out:
        image.save(out, "JPEG", quality=85)
        return out.getvalue()


def says(p_cat: float | None, certainty: float | None = None) -> str:
    """Return what the network says in words, such as: dog 97.5 %. Empty: it has not looked.

    `p_cat` and `certainty` are 0..1; without a certainty, `p_cat` says how sure it was.
    """
    if p_cat is None:
        return ""
    animal = _animal(p_cat)
    sure = 100 * (max(p_cat, 1 - p_cat) if certainty is None else certainty)
    if 99.9 < sure < 100:
        return f"{animal} > 99.9 %"
    return f"{animal} {sure:.1f}".removesuffix(".0") + " %"


def contradicts(photo: Photo) -> bool:
    """Return whether the network says the other animal than the label."""
    said = photo.p_cat is not None and photo.label in SHOWN
    return said and _animal(photo.p_cat or 0) != photo.label


def _animal(p_cat: float) -> str:
    return (Animal.CAT if p_cat >= 0.5 else Animal.DOG).value
