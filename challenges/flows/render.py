"""Making renditions ahead: every pooled photo has one with showings left.

A hardened one that was laid aside is taken when there is one. Else a hardened one that is worn
stays while the hardener lives, for nobody pays for wearing it: otherwise a few networks could look
so often that only plain ones are left. In all other cases a plain crop is made, so that a slow or
broken hardener never empties the pool.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from challenges import imaging, state
from challenges.models import Mark, Photo, Rendition
from challenges.models.photos import Rights
from challenges.selection import EXPOSURES, Ease, next_deal

logger = logging.getLogger(__name__)

_random = secrets.SystemRandom()
# What the recipe of a rendition says that is not hardened.
PLAIN = "plain"
# A hardened rendition without a spare is put into so many challenges before a plain one is better.
MOST_EXPOSURES: Final = 4 * EXPOSURES
# When this share (1 / BEHIND) of the hardened ones is worn, or gave way to plain ones, the hardener
# does not keep up.
BEHIND: Final = 5
# The Mark that tells when the hardener last did what there was to do, and for how long it is
# believed to live after that.
HARDENER: Final = "hardener"
ALIVE: Final = timedelta(hours=1)
SHOWN_PLAIN: Final = "shown-plain"
CANNOT_HARDEN: Final = "cannot-harden"
# The whole pool is looked at for it, not more often than after so many seconds.
WATCH_SECONDS: Final = 60.0


def render_some(limit: int, rights: list[Rights], *, probes: bool = False) -> int:
    """Give the next photos of the deck that need one a new rendition; return how many got it.

    With `probes` also those about which visitors are asked.
    """
    decks = [Photo.objects.pooled(), *([Photo.objects.probing()] if probes else [])]
    kept = held(rights).order_by().values("pk")
    chosen = [
        photo
        for deck in decks
        for photo in deck.filter(fresh=False, rights__in=rights)
        .exclude(pk__in=kept)
        .order_by("deal_order")
        .select_related("rendition", "spare")[:limit]
    ]
    return sum(_renew(photo) for photo in chosen)


def _renew(photo: Photo) -> bool:
    if photo.spare is not None:
        _wear(photo, photo.spare)
        return True
    try:
        with default_storage.open(photo.storage_name, "rb") as file:
            image = imaging.open_stored(file.read())
        encoded = imaging.render(image, _random, photo.focus)
    except (OSError, SyntaxError):  # Pillow raises SyntaxError for some broken files.
        # Perhaps the store is only away for a moment: try the others first.
        logger.exception("Photo %s cannot be read; it goes to the end of the deck", photo.pk)
        Photo.objects.filter(pk=photo.pk).update(deal_order=next_deal(photo.deal_order))
        return False
    made = _slot(photo)
    default_storage.save(made.name, ContentFile(encoded))
    _wear(photo, made)
    return True


def _slot(photo: Photo, *, pushed: bool | None = None) -> Rendition:
    """Return the row of a rendition that is still to be made.

    It counts as replaced until it is in use: whoever is killed in between leaves nothing that is
    not pruned with all other replaced ones, row and file.
    """
    return Rendition.objects.create(
        photo=photo,
        name=f"renditions/{secrets.token_hex(2)}/{secrets.token_hex(16)}.webp",
        pushed=pushed,
        retired_at=timezone.now(),
    )


def _wear(photo: Photo, made: Rendition) -> bool:
    """Show this rendition of the photo from now on, and return whether that was possible."""
    with transaction.atomic():
        unchanged = Photo.objects.filter(
            pk=photo.pk,
            rendition=photo.rendition_id,
            spare=photo.spare_id,
            status=photo.status,
            label=photo.label,
            located=photo.located,
        )
        # If somebody else was faster, the photo left the pool, or the animal was found meanwhile,
        # prune removes the new file.
        worn: dict[str, None] = {"spare": None} if made.pk == photo.spare_id else {}
        if made.recipe == PLAIN and photo.rendition and photo.rendition.recipe != PLAIN:
            # What was known of hardened ones does not hold: it would look harder than it is.
            worn |= dict.fromkeys(Ease)
        done = bool(unchanged.update(rendition=made, fresh=True, **worn))
        if done:
            Rendition.objects.filter(pk=made.pk).update(retired_at=None)
            if photo.rendition_id is not None:
                _retire(photo.rendition_id)
    return done


def _retire(rendition: int) -> None:
    Rendition.objects.filter(pk=rendition).update(retired_at=timezone.now())


# --- worn ones -----------------------------------------------------------------------------------


def say_alive() -> None:
    """Note that the hardener did what there was to do: worn renditions may wait for it."""
    Mark.objects.update_or_create(name=HARDENER, defaults={"at": timezone.now()})


def is_alive() -> bool:
    """Return whether renditions are being hardened: it is switched on, and was done lately."""
    lately = Mark.objects.filter(name=HARDENER, at__gt=timezone.now() - ALIVE)
    return settings.PAWCHA_HARDEN != "off" and lately.exists()


def held(rights: Sequence[Rights]) -> QuerySet[Photo]:
    """Return the photos whose hardened rendition is worn and stays until there is another.

    None while the hardener does not live.
    """
    if not is_alive():
        return Photo.objects.none()
    worn = Rendition.objects.exclude(recipe=PLAIN).filter(
        reserved__gte=EXPOSURES, reserved__lt=MOST_EXPOSURES
    )
    photos = Photo.objects.pooled().filter(fresh=False, spare=None, rights__in=rights)
    return photos.filter(rendition__in=worn)


def is_behind(rights: Sequence[Rights]) -> bool:
    """Return whether many of the hardened renditions are worn, and wait for the next."""
    waiting = held(rights).count()
    if not waiting:
        return False
    hardened = Photo.objects.pooled().filter(rights__in=rights, rendition__isnull=False)
    return BEHIND * waiting > hardened.exclude(rendition__recipe=PLAIN).count()


def plain_again() -> tuple[int, int]:
    """Return of how many photos that were hardened visitors get a plain crop, and how many were.

    What a photo was before is known for a day. After that a hardener that does not live any more
    is told by all photos that it should have hardened.
    """
    lived = Mark.objects.filter(name=HARDENER).exists()
    if settings.PAWCHA_HARDEN == "off" or not lived:
        return 0, 0
    own = Photo.objects.pooled().filter(located=True, rendition__isnull=False)
    photos = own.exclude(rights=Rights.STARTER).order_by()
    if is_alive():
        hardened = Rendition.objects.exclude(recipe=PLAIN).filter(photo=OuterRef("pk"))
        photos = photos.filter(Exists(hardened))
    found = photos.aggregate(
        plain=Count("pk", filter=Q(rendition__recipe=PLAIN)), number=Count("pk")
    )
    return found["plain"], found["number"]


def watch() -> None:
    """Raise an alarm when many photos that were hardened are shown plain."""
    if state.take_note(SHOWN_PLAIN) is not None:
        return
    plain, number = plain_again()
    state.leave_note(SHOWN_PLAIN, str(plain), WATCH_SECONDS)
    if BEHIND * plain > number and state.raise_alarm(SHOWN_PLAIN):
        logger.warning(
            "%s of %s photos that should be hardened are shown plain: look at the hardener's "
            "worker, or add photos.",
            plain,
            number,
        )


# --- hardened ones -------------------------------------------------------------------------------


def coin(photo: Photo, toss: Callable[[], bool]) -> bool:
    """Return the secret coin of the photo's next hardened rendition, tossed once and then kept.

    It is written down before the rendition is made, so that neither a rejection nor a killed
    worker lets it be tossed again: what is served would be unfair by what is hard to make.
    """
    return bool(_begun(photo, toss).pushed)


def _begun(photo: Photo, toss: Callable[[], bool]) -> Rendition:
    waiting = Rendition.objects.filter(
        photo=photo, recipe=PLAIN, pushed__isnull=False, retired_at__isnull=False
    )
    return waiting.order_by("pk").first() or _slot(photo, pushed=toss())


def offer(
    photo: Photo,
    encoded: bytes,
    *,
    recipe: str,
    pushed: bool,
    strength: float,
    distance: float | None,
) -> bool:
    """Lay a hardened rendition aside for when the present one is worn out, as the photo's spare.

    A plain present one gives way at once. Return whether it could be used: it cannot when the
    photo left the pool, changed its label, or has a spare by now; then prune removes it.
    """
    made = _begun(photo, lambda: pushed)
    # One who was killed here before left a file.
    default_storage.delete(made.name)
    default_storage.save(made.name, ContentFile(encoded))
    Rendition.objects.filter(pk=made.pk).update(
        recipe=recipe, pushed=pushed, strength=strength, distance=distance
    )
    # It took a while: the present rendition may be another one by now.
    same = Photo.objects.pooled().filter(pk=photo.pk, label=photo.label, located=photo.located)
    now = same.select_related("rendition").first()
    if now is None:
        return False
    if now.rendition is None or now.rendition.recipe == PLAIN:
        return _wear(now, made)
    with transaction.atomic():
        done = bool(same.filter(spare=None).update(spare=made))
        if done:
            Rendition.objects.filter(pk=made.pk).update(retired_at=None)
    return done
