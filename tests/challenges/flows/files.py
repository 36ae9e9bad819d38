"""Files that are handed in by tests."""

from __future__ import annotations

import hashlib

from django.core.files.storage import default_storage

from challenges.flows import intake
from challenges.models import Batch, Photo, Upload


def hand_in(batch: Batch, data: bytes, name: str = "a.jpg", **said: str) -> Upload:
    """Spool a file as an import does."""
    sha256 = hashlib.sha256(data).hexdigest()
    intake.spool(data, sha256)
    return Upload.objects.create(batch=batch, name=name, sha256=sha256, **said)


def stored_bytes(photo: Photo) -> bytes:
    """Return the stored file."""
    with default_storage.open(photo.storage_name) as file:
        return bytes(file.read())
