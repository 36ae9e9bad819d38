"""Labelling: the network proposes, a person decides."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final

from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from challenges import imaging
from challenges.flows import batches, review
from challenges.locks import Lock, try_lock
from challenges.models import Label, Photo
from challenges.models.photos import SHOWN
from classifier import engine
from classifier.exceptions import ClassifierError, WeightsError
from classifier.flows import versions
from classifier.pipeline import ahead

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

logger = logging.getLogger(__name__)

# Photos that stream through the network together; the next ones may meet another version.
PORTION: Final = 128
# Photos that are decoded ahead.
DECODED: Final = 8
# A batch whose labels are trusted pools a photo without a person when the network is this sure.
CLEAR: Final = 0.9


class CannotLabel(ClassifierError):
    """The network cannot label now. The text says what to do."""


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
        try:
            return sum(_portions(time.monotonic() + seconds)) if free else 0
        except WeightsError as error:
            logger.warning("photos wait for a label, but there is no network for it: %s", error)
            return 0


def label_all() -> Generator[int, None, None]:
    """Label all photos that wait; yield after each portion how many of it got a label.

    What was labelled stays so whenever it is stopped, and the next call goes on.
    Raises CannotLabel, or WeightsError when no network's file can be used.
    """
    if missing := engine.missing():
        raise CannotLabel(
            f"{missing[0]} is not installed here: run make install, or label the photos in the "
            "admin."
        )
    with try_lock(Lock.LABELLING) as free:
        if not free:
            raise CannotLabel("Another process labels photos now: wait until it is done.")
        yield from _portions(math.inf)


def _portions(until: float) -> Iterator[int]:
    last = 0
    while time.monotonic() < until:
        # Onwards only: a photo that cannot be read must not come up again and again.
        waiting = Photo.objects.awaiting_label().filter(pk__gt=last).select_related("batch__person")
        photos = list(waiting[:PORTION])
        if not photos:
            return
        last = photos[-1].pk
        yield _label(photos)


def _label(photos: Sequence[Photo]) -> int:
    """Label these photos and return how many could be; each is kept as soon as it is known."""
    network = versions.load()
    labelled = 0
    with closing(_opened(photos)) as opened:
        for photo, prediction in network.stream(opened):
            _keep(photo, prediction, network.name)
            labelled += 1
    return labelled


def _opened(photos: Sequence[Photo]) -> Generator[tuple[Photo, Image.Image], None, None]:
    with closing(ahead(_open, photos, depth=DECODED)) as images:
        for photo, image in zip(photos, images, strict=True):
            if image is not None:
                yield photo, image


def _open(photo: Photo) -> Image.Image | None:
    try:
        with default_storage.open(photo.storage_name) as file:
            return imaging.open_stored(file.read())
    except (OSError, SyntaxError):  # Pillow raises SyntaxError for some broken files.
        logger.exception("photo %s cannot be read and gets no label", photo.pk)
        return None


def _keep(photo: Photo, prediction: Prediction, model: str) -> None:
    verdict = prediction.verdict
    known = verdict == prediction.label
    clear = verdict in SHOWN and prediction.confidence >= CLEAR
    certainty = prediction.confidence if known else 1 - prediction.familiar
    with transaction.atomic():
        trusted = clear and batches.trusts_labels(photo.batch)
        if not review.propose(photo, verdict, trusted=trusted):
            # A person was faster.
            return
        review.note_look(photo, p_cat=prediction.p_cat, certainty=certainty, model=model)
        Label.objects.create(
            photo=photo,
            label=verdict,
            source=Label.Source.CNN,
            model=model,
            p_cat=prediction.p_cat,
            confidence=certainty,
        )
