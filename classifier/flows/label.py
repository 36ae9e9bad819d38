"""Labelling: the network proposes, a person decides."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from challenges import imaging
from challenges.flows import review
from challenges.locks import Lock, try_lock
from challenges.models import Label, Photo
from challenges.models.photos import SHOWN, Animal
from classifier import engine

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

logger = logging.getLogger(__name__)

# Photos that the network looks at together.
BATCH: Final = 32
# A batch whose labels are trusted pools a photo without a person when the network is this sure.
CLEAR: Final = 0.9


def label_waiting(seconds: float) -> int:
    """Label the photos about which nobody has said anything, for about `seconds`.

    One process at a time; another call returns at once. Return how many were labelled.
    """
    if not Photo.objects.awaiting_label().exists():
        return 0
    if missing := engine.missing():
        logger.warning(
            "photos wait for a label, but %s is not installed here: run make install, or label "
            "them in the admin",
            missing[0],
        )
        return 0
    with try_lock(Lock.LABELLING) as free:
        return _label_until(time.monotonic() + seconds) if free else 0


def _label_until(until: float) -> int:
    labelled, last = 0, 0
    while time.monotonic() < until:
        # Onwards only: a photo that cannot be read must not come up again and again.
        waiting = Photo.objects.awaiting_label().filter(pk__gt=last).select_related("batch")
        photos = list(waiting[:BATCH])
        if not photos:
            break
        last = photos[-1].pk
        labelled += _label(photos)
    return labelled


def _label(photos: Sequence[Photo]) -> int:
    read = [(photo, image) for photo in photos if (image := _open(photo))]
    if not read:
        return 0
    predictions = engine.predict([image for _, image in read])
    for (photo, _), prediction in zip(read, predictions, strict=True):
        _keep(photo, prediction)
    return len(read)


def _open(photo: Photo) -> Image.Image | None:
    try:
        with default_storage.open(photo.storage_name) as file:
            return imaging.open_stored(file.read())
    except OSError:
        logger.exception("photo %s cannot be read and gets no label", photo.pk)
        return None


def _keep(photo: Photo, prediction: Prediction) -> None:
    clear = Animal(prediction.label) in SHOWN and prediction.confidence >= CLEAR
    with transaction.atomic():
        if not review.propose(photo, prediction.label, trusted=photo.batch.trust_labels and clear):
            # A person was faster.
            return
        Label.objects.create(
            photo=photo,
            label=prediction.label,
            source=Label.Source.CNN,
            model=engine.name(),
            p_cat=prediction.p_cat,
            confidence=prediction.confidence,
        )
