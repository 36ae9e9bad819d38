"""Photos as small pictures, for staff."""

from __future__ import annotations

import io

from django.core.files.storage import default_storage

from challenges import imaging
from challenges.models import Photo


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
