"""The audit: the whole panel reads every rendition, as the bytes that a client gets.

Renditions that are shown or shown next, but starter pictures, of which anybody can know every one.
What the panel says is kept as it was said (Reading); what that is worth (Rendition.scores) is
reckoned with a calibration that is fitted on our own renditions: see calibrating.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Q, QuerySet

from challenges.locks import Lock, try_lock
from challenges.models import Photo, Rendition
from challenges.models.photos import Rights
from classifier import engine, panel
from classifier.attackers import platt
from classifier.exceptions import WeightsError
from classifier.flows import calibrating, easing, teaching
from classifier.flows.portions import in_portions, stored
from classifier.models import Calibration, Reading

if TYPE_CHECKING:
    from classifier.cnn.reader import Reader

logger = logging.getLogger(__name__)

# Renditions that the panel reads before the clock and the queue are looked at.
PORTION: Final = 16
# For so long a network looks at what it is to learn from, whatever there was to read.
TEACH_SECONDS: Final = 10.0


def audit(seconds: float) -> int:
    """Have the panel read renditions that it has not read yet, for about `seconds`.

    Then reckon what its words are worth, if that is due, and how hard the photos are; also for a
    network that learns from our own pictures. One process at a time; another call returns at once.
    Return how many renditions were read.
    """
    if engine.missing():
        return 0
    with try_lock(Lock.AUDIT) as free:
        if not free:
            return 0
        until = time.monotonic() + seconds
        read = in_portions(_portion, until)
        calibrating.recalibrate()
        easing.update()
        teaching.teach(TEACH_SECONDS)
        teaching.update()
        return read


def unread() -> int:
    """Return how many renditions wait for the panel."""
    return _waiting().count()


def _waiting() -> QuerySet[Rendition]:
    shown = Q(current_of__status=Photo.Status.POOLED) | Q(spare_of__status=Photo.Status.POOLED)
    waiting = Rendition.objects.filter(shown, retired_at=None).exclude(photo__rights=Rights.STARTER)
    return waiting.exclude(panel=panel.fingerprint())


def _portion(after: int) -> tuple[int, int]:
    """Read the next renditions; return the last one's id (0: there were none), and how many."""
    chosen = list(_waiting().filter(pk__gt=after).order_by("pk")[:PORTION])
    if not chosen:
        return 0, 0
    found = [(rendition, data) for rendition in chosen if (data := stored(rendition)) is not None]
    if found:
        said = read([data for _, data in found])
        calibration = Calibration.objects.current(panel.fingerprint())
        for (rendition, _), logits in zip(found, said, strict=True):
            _keep(rendition, logits, calibration)
    return chosen[-1].pk, len(found)


def _keep(rendition: Rendition, logits: dict[str, float], calibration: Calibration | None) -> None:
    with transaction.atomic():
        # Whoever retires it, or counts its showings, changes other fields.
        still = Rendition.objects.filter(pk=rendition.pk).update(
            panel=panel.fingerprint(),
            scores=calibrating.scores(calibration, rendition.recipe, logits),
        )
        if still:
            Reading.objects.update_or_create(rendition=rendition, defaults={"logits": logits})


def read(encoded: list[bytes]) -> list[dict[str, float]]:
    """Return what each network of the panel says of each picture: log-odds of a cat.

    Networks whose weights are not here say nothing; that is logged.
    """
    said: list[dict[str, float]] = [{} for _ in encoded]
    for key, reader in _panel().items():
        told = platt.logit(panel.tell(reader, encoded)).tolist()
        for logits, value in zip(said, told, strict=True):
            logits[key] = value
    return said


def _panel() -> dict[str, Reader]:
    found = {}
    for row in panel.TABLE:
        try:
            found[row.key] = panel.load(row.key)
        except WeightsError as error:
            logger.warning("The panel lacks %s: %s", row.key, error)
    return found
