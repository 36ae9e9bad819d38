"""The network looks again: at pooled photos, and at the pictures of them that visitors get.

What it disputes comes back to the queue, and, where the operator wants that, what it always tells.
Labelling comes first: while photos wait for a label, nothing is looked at twice.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from PIL import Image

from challenges import imaging
from challenges.flows import doubts
from challenges.locks import Lock, try_lock
from challenges.models import Label, Photo, Rendition
from challenges.models.photos import Animal, Rights
from classifier import engine
from classifier.exceptions import WeightsError
from classifier.flows import versions
from classifier.flows.portions import in_portions
from classifier.pipeline import ahead

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

logger = logging.getLogger(__name__)

Row = TypeVar("Row", Photo, Rendition)

# Photos that stream through the network before the clock and the queue are looked at.
PORTION: Final = 64
# Photos that are decoded ahead.
DECODED: Final = 8
# So sure (0..1) the network is of what it disputes.
DISPUTES: Final = 0.98
# So sure (0..1) it is of the right animal in a picture that counts as solved.
SOLVED: Final = 0.99
# So many renditions of a photo it has solved, and no other, before they are called easy.
ALWAYS: Final = 5
# Whose word about a photo, once said, a network's older word does not question.
_DECIDES: Final = (Label.Source.PERSON, Label.Source.COMMAND, Label.Source.IMPORT)


def second_look(seconds: float) -> int:
    """Look at photos and renditions that the network does not know, for about `seconds`.

    Then put in doubt what it disputes, and what it always solves. One process at a time; another
    call returns at once. Return how many pictures were looked at.
    """
    # Said where photos wait for a label, which nobody can do without: not every minute here.
    if engine.missing():
        return 0
    with try_lock(Lock.SECOND_LOOK) as free:
        if not free:
            return 0
        try:
            name = versions.name_of(versions.active()[1])
            looked = _look(name, time.monotonic() + seconds)
        except WeightsError as error:
            logger.warning("photos wait for a second look, but there is no network: %s", error)
            return 0
        doubt_disputed(name)
        doubt_always_solved()
        return looked


def _look(name: str, until: float) -> int:
    photos = in_portions(lambda after: _photos(name, after), until)
    return photos + in_portions(_renditions, until)


# --- photos --------------------------------------------------------------------------------------


def _photos(name: str, after: int) -> tuple[int, int]:
    """Look at the next photos; return the last one's id (0: there were none), and how many."""
    unknown = Photo.objects.pooled().exclude(looked_by=name).exclude(rights=Rights.STARTER)
    photos = list(unknown.filter(pk__gt=after).order_by("id")[:PORTION])
    if not photos:
        return 0, 0
    network = versions.load()
    looked = 0
    with closing(_opened(photos, _open_photo)) as opened, closing(network.stream(opened)) as said:
        for photo, prediction in said:
            _keep(photo, prediction, network.name)
            looked += 1
    return photos[-1].pk, looked


def _keep(photo: Photo, prediction: Prediction, model: str) -> None:
    """Keep what the network said of a photo; what it disputes is a word about the photo, too."""
    verdict = prediction.verdict
    known = verdict == prediction.label
    certainty = prediction.confidence if known else 1 - prediction.familiar
    with transaction.atomic():
        still = Photo.objects.pooled().filter(pk=photo.pk, label=photo.label)
        changed = still.update(p_cat=prediction.p_cat, certainty=certainty, looked_by=model)
        if changed and verdict != photo.label and certainty >= DISPUTES:
            Label.objects.create(
                photo=photo,
                label=verdict,
                source=Label.Source.CNN,
                model=model,
                p_cat=prediction.p_cat,
                confidence=certainty,
            )


def doubt_disputed(name: str) -> int:
    """Put the pooled photos in doubt whose label this network disputes; return how many.

    The surest disputes first. Those for which there was no room today come up again; those that a
    person has decided on since do not, until another network disputes them.
    """
    if not doubts.room(Photo.Doubt.NETWORK).left:
        return 0
    decided = Label.objects.filter(
        photo=OuterRef("photo"),
        source__in=_DECIDES,
        created_at__gt=OuterRef("created_at"),
        undone_at=None,
    )
    disputed = (
        Label.objects.filter(
            source=Label.Source.CNN,
            model=name,
            confidence__gte=DISPUTES,
            settled_at=None,
            photo__status=Photo.Status.POOLED,
            photo__doubt="",
        )
        .exclude(label=F("photo__label"))
        .exclude(photo__rights=Rights.STARTER)
        .exclude(Exists(decided))
        .order_by("-confidence", "photo")
    )
    said = disputed.values_list("photo", "label", "confidence")[:PORTION]
    return doubts.raise_doubts(
        Photo.Doubt.NETWORK,
        {photo: dispute(label, confidence or 0.0) for photo, label, confidence in said},
    )


def dispute(label: str, confidence: float) -> str:
    """Return what the network holds against a label, `confidence` (0..1) sure, as a sentence."""
    what = {Animal.CAT: "a cat", Animal.DOG: "a dog"}.get(Animal(label), "neither a cat nor a dog")
    # Rounded down: nobody is 100 % sure.
    return f"The network is {int(100 * confidence)} % sure that it is {what}."


# --- renditions ----------------------------------------------------------------------------------


def _renditions(after: int) -> tuple[int, int]:
    """Look at the next pictures that visitors get; return the last one's id, and how many."""
    unscored = Rendition.objects.filter(
        p_cat=None, retired_at=None, current_of__status=Photo.Status.POOLED
    ).exclude(photo__rights=Rights.STARTER)
    chosen = list(unscored.filter(pk__gt=after).order_by("id")[:PORTION])
    if not chosen:
        return 0, 0
    looked = 0
    with (
        closing(_opened(chosen, _open_rendition)) as opened,
        closing(versions.load().stream(opened)) as said,
    ):
        for rendition, prediction in said:
            _score(rendition, prediction.p_cat)
            looked += 1
    return chosen[-1].pk, looked


def _score(rendition: Rendition, p_cat: float) -> None:
    """Keep what the network said of a picture, and count it for its photo, once.

    Only of a plain one: what it says of a hardened one follows the coin, so the count would tell
    the coin, and call photos easy that it was helped to tell.
    """
    with transaction.atomic():
        photo = Photo.objects.filter(pk=rendition.photo_id)
        # Its row first, as everybody does who locks both.
        animal = photo.select_for_update().values_list("label", flat=True).first()
        if not Rendition.objects.filter(pk=rendition.pk, p_cat=None).update(p_cat=p_cat):
            return
        if rendition.pushed is not None:
            return
        sure = p_cat if animal == Animal.CAT else 1 - p_cat
        photo.update(scored=F("scored") + 1, solved=F("solved") + int(sure >= SOLVED))


def doubt_always_solved() -> int:
    """Put photos in doubt of which the network told every picture; return how many.

    The most often told first, then the surest. How many a day is the operator's choice.
    """
    if not doubts.room(Photo.Doubt.MACHINES).left:
        return 0
    told = Photo.objects.pooled().filter(doubt="", scored__gte=ALWAYS, solved=F("scored"))
    easiest = told.exclude(rights=Rights.STARTER).order_by("-solved", "-certainty", "id")
    return doubts.raise_doubts(
        Photo.Doubt.MACHINES,
        {
            photo: f"The network told what it shows in all {solved} pictures of it."
            for photo, solved in easiest.values_list("pk", "solved")[:PORTION]
        },
    )


# --- files ---------------------------------------------------------------------------------------


def _opened(
    rows: Sequence[Row], read: Callable[[Row], Image.Image | None]
) -> Generator[tuple[Row, Image.Image], None, None]:
    with closing(ahead(read, rows, depth=DECODED)) as images:
        for row, image in zip(rows, images, strict=True):
            if image is not None:
                yield row, image


def _open_photo(photo: Photo) -> Image.Image | None:
    return _open(photo.storage_name, imaging.open_stored)


def _open_rendition(rendition: Rendition) -> Image.Image | None:
    return _open(rendition.name, _as_shown)


def _as_shown(data: bytes) -> Image.Image:
    """Return the picture that these bytes are for a visitor."""
    return Image.open(io.BytesIO(data), formats=("WEBP",)).convert("RGB")


def _open(name: str, decode: Callable[[bytes], Image.Image]) -> Image.Image | None:
    try:
        with default_storage.open(name) as file:
            return decode(file.read())
    except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for some broken files.
        # Perhaps the store is only away for a moment: the next round tries again.
        logger.warning("%s cannot be read for a second look: %s", name, error)
        return None
