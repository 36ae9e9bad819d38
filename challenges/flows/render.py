"""Making renditions ahead: every pooled photo has one with showings left."""

from __future__ import annotations

import logging
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from challenges import imaging
from challenges.models import Photo, Rendition
from challenges.models.photos import Rights
from challenges.selection import next_deal

logger = logging.getLogger(__name__)

_random = secrets.SystemRandom()


def render_some(limit: int, rights: list[Rights], *, probes: bool = False) -> int:
    """Give the next photos of the deck that need one a new rendition; return how many got it.

    With `probes` also those about which visitors are asked.
    """
    decks = [Photo.objects.pooled(), *([Photo.objects.probing()] if probes else [])]
    chosen = [
        photo
        for deck in decks
        for photo in deck.filter(fresh=False, rights__in=rights)
        .order_by("deal_order")
        .select_related("rendition")[:limit]
    ]
    return sum(_render(photo) for photo in chosen)


def _render(photo: Photo) -> bool:
    try:
        with default_storage.open(photo.storage_name, "rb") as file:
            image = imaging.open_stored(file.read())
        encoded = imaging.render(image, _random, photo.focus)
    except (OSError, SyntaxError):  # Pillow raises SyntaxError for some broken files.
        # Perhaps the store is only away for a moment: try the others first.
        logger.exception("Photo %s cannot be read; it goes to the end of the deck", photo.pk)
        Photo.objects.filter(pk=photo.pk).update(deal_order=next_deal(photo.deal_order))
        return False
    name = f"renditions/{secrets.token_hex(2)}/{secrets.token_hex(16)}.webp"
    default_storage.save(name, ContentFile(encoded))
    _replace(photo, name)
    return True


def _replace(photo: Photo, name: str) -> None:
    with transaction.atomic():
        made = Rendition.objects.create(photo=photo, name=name)
        unchanged = Photo.objects.filter(
            pk=photo.pk,
            rendition=photo.rendition_id,
            status=photo.status,
            located=photo.located,
        )
        # If somebody else was faster, the photo left the pool, or the animal was found meanwhile,
        # prune removes the new file.
        done = unchanged.update(rendition=made, fresh=True)
        over = photo.rendition if done else made
        if over is not None:
            Rendition.objects.filter(pk=over.pk).update(retired_at=timezone.now())
