"""From a file that was handed in to a photo: decoded, stripped, compared, stored.

The file is on the disk before its row is committed, and the spooled bytes go only after that: a
worker may be killed at any moment and nothing that was confirmed is lost.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from kombu.exceptions import OperationalError as NoBroker
from PIL import Image

from challenges import imaging, signals
from challenges.flows import batches, review
from challenges.locks import Lock, lock_until_commit, try_lock
from challenges.models import Batch, Forgotten, Label, Photo, Upload
from challenges.models.photos import Rights

logger = logging.getLogger(__name__)

# A file at which workers died this often is not tried again.
ATTEMPTS: Final = 2
DEADLY: Final = (
    f"Reading this file stopped the worker {ATTEMPTS} times, so it is left out: "
    "open the photo, save it again and send that."
)
GONE: Final = "The bytes of this file are gone: send it again."
# Which right is the better one; that of starter pictures is compared with none.
_WORTH: Final = {Rights.UNSTATED.value: 0, Rights.TRIAL.value: 1, Rights.CLEARED.value: 2}
# A folder is named by the person who sorted the photos; a file's name may come from anywhere.
_SORTED_BY_A_PERSON: Final = frozenset({Label.Source.FOLDER.value})
# Who may state a better right for a photo that somebody else sent.
_MAY_RAISE: Final = (batches.LABEL, "challenges.change_batch")


def spool_name(sha256: str) -> str:
    """Return where the bytes of a file wait, within media/."""
    return f"incoming/{sha256}"


def spool(data: bytes, sha256: str) -> None:
    """Keep the bytes of a file until a worker has looked at them."""
    if not default_storage.exists(spool_name(sha256)):
        default_storage.save(spool_name(sha256), ContentFile(data))


def send(upload_ids: Sequence[int]) -> None:
    """Tell the workers that these uploads wait. Without a broker their beat finds them later."""
    try:
        current_app.send_task("challenges.tasks.take_in", [list(upload_ids)], retry=False)
    except NoBroker as error:
        logger.warning("the workers cannot be told of %d files: %s", len(upload_ids), error)


def wait_again(upload_id: int) -> None:
    """Have an upload wait anew whose bytes were gone and are there again."""
    gone = Upload.objects.filter(pk=upload_id, state=Upload.State.REJECTED, reason=GONE)
    with transaction.atomic():
        if gone.update(state=Upload.State.WAITING, reason="", attempts=0):
            transaction.on_commit(partial(send, [upload_id]))


def take_in_all(upload_ids: Iterable[int], seconds: float) -> list[int]:
    """Take in these uploads for about `seconds`, and say so when photos wait for a label.

    Return the ids for which there was no time. One bad file does not stop the others.
    """
    until = time.monotonic() + seconds
    left = list(upload_ids)
    unlabelled = False
    try:
        while left and time.monotonic() < until:
            photo = _take_in_safely(left.pop(0))
            unlabelled |= photo is not None and photo.status == Photo.Status.UNLABELLED
    finally:
        if unlabelled:
            signals.photos_unlabelled.send(sender=Photo)
    return left


def _take_in_safely(upload_id: int) -> Photo | None:
    try:
        return take_in(upload_id)
    except (OSError, InterfaceError, OperationalError):
        # The disk or the database, not the file: it stays waiting, and the round ends here.
        counted = Upload.objects.waiting().filter(pk=upload_id, attempts__gt=0)
        counted.update(attempts=F("attempts") - 1)
        raise
    except Exception:
        logger.exception("upload %s could not be taken in", upload_id)
        return None


def take_in(upload_id: int) -> Photo | None:
    """Decode one upload and store its photo. Return the photo, None when there is none.

    May run twice, and in two workers at once: the second finds nothing to do.
    """
    with try_lock(Lock.UPLOAD, upload_id) as free:
        if not free:
            return None
        waiting = Upload.objects.waiting().filter(pk=upload_id)
        # Counted and committed before decoding: the count survives a death in the decoder.
        if waiting.filter(attempts__lt=ATTEMPTS).update(attempts=F("attempts") + 1):
            return _decode(waiting.select_related("batch__person").get())
        for upload in waiting:
            _reject(upload, DEADLY)
        return None


def _decode(upload: Upload) -> Photo | None:
    try:
        with default_storage.open(spool_name(upload.sha256)) as file:
            data = file.read()
    except FileNotFoundError:
        return _settle_without_bytes(upload)
    try:
        _check_forgotten(Forgotten.objects.filter(files__contains=[upload.sha256]))
        return store(upload, imaging.decode(data))
    except imaging.BadPhoto as error:
        _reject(upload, str(error))
        return None


def _check_forgotten(rows: QuerySet[Forgotten]) -> None:
    """Raise BadPhoto when this photo was deleted for good."""
    if forgotten := rows.first():
        raise imaging.BadPhoto(
            f"This photo was deleted for good on {forgotten.deleted_at:%Y-%m-%d}, so it is not "
            "taken in again."
        )


def _settle_without_bytes(upload: Upload) -> Photo | None:
    """Decide as the same file was decided in another batch, whose bytes were spooled as one."""
    twin = Upload.objects.filter(sha256=upload.sha256).exclude(pk=upload.pk)
    decided = twin.exclude(state=Upload.State.WAITING).select_related("photo").last()
    if decided is None or (decided.photo is None and not decided.reason):
        _reject(upload, GONE)
        return None
    if decided.photo is None:
        _reject(upload, decided.reason)
        return None
    with transaction.atomic():
        lock_until_commit(Lock.NEIGHBOURS)
        _learn(decided.photo, upload)
        _settle(upload, Upload.State.DUPLICATE, photo=decided.photo)
    return decided.photo


def oldest_waiting(limit: int = 500) -> list[int]:
    """Return the ids of the uploads that have waited longest."""
    return list(Upload.objects.waiting().values_list("pk", flat=True)[:limit])


def store(upload: Upload, image: Image.Image) -> Photo:
    """Store the picture, settle its upload (a new one is saved with it), return the photo.

    The photo that is there already when the pixels are the same. Raises imaging.BadPhoto when
    they were deleted for good.
    """
    data = imaging.strip(image)
    photo = _photo(upload.batch, image, data)
    # Before its file is there; once more below, where nobody can delete it meanwhile.
    _check_forgotten(Forgotten.objects.filter(sha256=photo.sha256))
    default_storage.save(photo.storage_name, ContentFile(data))
    with transaction.atomic():
        # One at a time, so that two workers cannot miss each other's photo.
        lock_until_commit(Lock.NEIGHBOURS)
        known = Photo.objects.filter(sha256=photo.sha256).first()
        if known is None:
            _check_forgotten(Forgotten.objects.filter(sha256=photo.sha256))
            # The right may have been stated since the upload was read.
            rights = Batch.objects.select_for_update(no_key=True).values_list("rights", flat=True)
            photo.rights = upload.batch.rights = rights.get(pk=photo.batch_id)
            for name, word in upload.words.items():
                setattr(photo, name, word)
            _insert(photo)
        if upload._state.adding:
            upload.save()
        _learn(known or photo, upload)
        state = Upload.State.DUPLICATE if known else Upload.State.STORED
        _settle(upload, state, photo=known or photo)
    return known or photo


def _photo(batch: Batch, image: Image.Image, data: bytes) -> Photo:
    phash = imaging.perceptual_hash(image)
    return Photo(
        sha256=hashlib.sha256(data).hexdigest(),
        width=image.width,
        height=image.height,
        phash=phash,
        bands=imaging.bands(phash),
        group=0,
        batch=batch,
        rights=batch.rights,
        shelter=batch.shelter,
        credit=batch.credit,
        licence=batch.licence,
        adoption_url=batch.adoption_url,
    )


def _insert(photo: Photo) -> None:
    """Insert the photo into the group of its near-duplicates, joining groups that it connects."""
    near = Photo.objects.filter(bands__overlap=photo.bands).values_list("phash", "group")
    groups = {
        group for phash, group in near if imaging.distance(phash, photo.phash) <= imaging.NEAR
    }
    photo.group = min(groups, default=0)
    photo.save(force_insert=True)
    if not groups:
        photo.group = photo.pk
        photo.save(update_fields=["group"])
    if joined := groups - {photo.group}:
        rows = Photo.objects.filter(group__in=joined).in_deck_order().select_for_update()
        Photo.objects.filter(pk__in=[row.pk for row in rows]).update(group=photo.group)


def _learn(photo: Photo, upload: Upload) -> None:
    """Keep what the upload says about the photo: its label, and a better right to show it.

    The photo stays in the batch in which it came first.
    """
    batch = upload.batch
    better = _WORTH.get(batch.rights, 0) > _WORTH.get(photo.rights, len(Rights))
    if better and _may_raise(photo, upload):
        review.state_right([photo.pk], Rights(batch.rights), batch.rights_text, batch.person)
        photo.refresh_from_db()
    if not upload.label:
        return
    photo.labels.get_or_create(label=upload.label, source=upload.label_source, person=None)
    said = batch.trust_labels or upload.label_source in _SORTED_BY_A_PERSON
    review.propose(photo, upload.label, trusted=said and _is_trusted(upload))


def _is_trusted(upload: Upload) -> bool:
    """Return whether labels of this upload's sender need no reviewer: an owner's, by a command."""
    person = upload.batch.person
    return batches.is_trusted(person) if person else _by_a_command(upload)


def _by_a_command(upload: Upload) -> bool:
    # A person who was deleted leaves a transfer, and files of programs are only proposals.
    return upload.batch.person is None and upload.transfer_id is None


def _may_raise(photo: Photo, upload: Upload) -> bool:
    """Return whether the better right of this upload counts for a photo that may be another's."""
    person = upload.batch.person
    if person is None:
        return _by_a_command(upload)
    own = photo.batch.person_id == person.pk
    return own or any(person.has_perm(right) for right in _MAY_RAISE)


def _settle(upload: Upload, state: Upload.State, *, photo: Photo | None, reason: str = "") -> None:
    Upload.objects.waiting().filter(pk=upload.pk).update(state=state, photo=photo, reason=reason)
    transaction.on_commit(partial(_drop_spool, upload.sha256))


def _reject(upload: Upload, reason: str) -> None:
    with transaction.atomic():
        _settle(upload, Upload.State.REJECTED, photo=None, reason=reason)


def _drop_spool(sha256: str) -> None:
    # The same file may still wait in another batch.
    if not Upload.objects.waiting().filter(sha256=sha256).exists():
        default_storage.delete(spool_name(sha256))
