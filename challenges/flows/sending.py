"""One photo that a program sends with its words, and what came of it."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from challenges.exceptions import UnknownUpload
from challenges.flows import batches, intake, room
from challenges.models import Batch, Label, Upload
from challenges.models.photos import Rights

# What may be said of a photo beside its label: names of its fields.
WORDS: Final = ("pet_name", "shelter", "adoption_url", "credit", "licence")
SEE_ALL: Final = "challenges.view_photo"


def own_batch(person: User) -> Batch:
    """Return the batch for photos that this person's programs send into none.

    Nobody has stated a right to show them, so they stay out of the pool until somebody does.
    """
    found = Batch.objects.filter(person=person, name__startswith=_name(person)).first()
    if found is not None:
        return found
    name = _name(person)
    if Batch.objects.filter(name=name).exists():
        name = f"{name} ({person.pk})"
    return Batch.objects.create(name=name, person=person, rights=Rights.UNSTATED)


def _name(person: User) -> str:
    return f"Sent by programs of {person.username}"


def send(
    person: User,
    data: bytes,
    name: str,
    *,
    batch: int | None = None,
    label: str = "",
    words: dict[str, str],
) -> Upload:
    """Keep a photo for the workers and return its upload: they decode it soon.

    The same bytes in the same batch are the same upload. `words` says something of the fields in
    WORDS; the label is a proposal until a person confirms it. Raises UnknownBatch, NoRoom.
    """
    into = own_batch(person) if batch is None else batches.find_own(batch, person)
    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        # Locked: else a worker could be done with it, and these bytes would lie there for ever.
        upload, made = Upload.objects.select_for_update(of=("self",)).get_or_create(
            batch=into,
            sha256=sha256,
            defaults={
                "name": name[:500] or "photo",
                "label": label,
                "label_source": Label.Source.IMPORT.value if label else "",
                "words": {key: words[key] for key in WORDS if words.get(key)},
            },
        )
        gone = upload.reason == intake.GONE
        if made or gone or upload.state == Upload.State.WAITING:
            room.check(2 * len(data))
            intake.spool(data, sha256)
        if gone:
            intake.wait_again(upload.pk)
            upload.refresh_from_db()
        elif made or upload.state == Upload.State.WAITING:
            transaction.on_commit(partial(intake.send, [upload.pk]))
    return upload


def find(upload_id: int, person: User) -> Upload:
    """Return an upload that this person may see: their own, or any for who sees all photos.

    Raises UnknownUpload.
    """
    uploads = Upload.objects.select_related("batch", "photo")
    if not person.has_perm(SEE_ALL):
        uploads = uploads.filter(batch__person=person)
    upload = uploads.filter(pk=upload_id).first()
    if upload is None:
        raise UnknownUpload
    return upload
