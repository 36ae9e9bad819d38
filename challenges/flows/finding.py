"""Finding photos: by words, by how often they are shown, by what was made of them."""

from __future__ import annotations

import re
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from challenges.models import Batch, Label, Photo, Rendition, Upload

# So many digits of a SHA-256 are enough to look for it.
DIGEST: Final = re.compile(r"[0-9a-f]{6,64}")
NUMBER: Final = re.compile(r"#?(\d{1,18})")

Photos = QuerySet[Photo]


def search(photos: Photos, text: str) -> Photos:
    """Return the photos that the text names, in any of these ways.

    The number, how the SHA-256 begins, or a part of the batch's, shelter's or pet's name, or of the
    name of a file with which it was handed in.
    """
    text = text.strip()
    if not text:
        return photos
    named = _has("shelter", text) | _has("pet_name", text)
    named |= Q(batch__in=Batch.objects.filter(_has("name", text)).values("pk"))
    named |= Q(
        pk__in=Upload.objects.filter(_has("name", text), photo__isnull=False).values("photo")
    )
    if number := NUMBER.fullmatch(text):
        named |= Q(pk=int(number[1]))
    if DIGEST.fullmatch(text.lower()):
        named |= Q(sha256__startswith=text.lower())
    return photos.filter(named)


def _has(field: str, text: str) -> Q:
    """Return that the field has the text, in capitals or not, whatever PostgreSQL knows of them."""
    found = Q(**{f"{field}__icontains": text})
    if not text.isascii():
        for other in {text.lower(), text.upper(), text.capitalize(), text.title()}:
            found |= Q(**{f"{field}__contains": other})
    return found


def labelled_by(photos: Photos, source: str) -> Photos:
    """Return the photos whose label in force was said last by this source."""
    said = Label.objects.filter(photo=OuterRef("pk"), label=OuterRef("label"), undone_at=None)
    last = said.order_by("-id").values("source")[:1]
    return (
        photos.exclude(label="")
        .filter(Q(pk__in=_ever_said(source)))
        .alias(said_by=Subquery(last))
        .filter(said_by=source)
    )


def _ever_said(source: str) -> QuerySet[Label, Any]:
    # Most photos never had a word of this source: these are passed over without a look.
    return Label.objects.filter(source=source, undone_at=None).values("photo")


def with_duplicates(photos: Photos, *, have: bool) -> Photos:
    """Return the photos that have near-duplicates, or those that have none."""
    others = Photo.objects.filter(group=OuterRef("group")).exclude(pk=OuterRef("pk"))
    return photos.filter(Exists(others) if have else ~Exists(others))


def shown_times(photos: Photos, least: int, most: int | None = None) -> Photos:
    """Return the photos that were shown so often, all renditions together; `most` None: or more."""
    totals = Rendition.objects.filter(shown__gt=0).order_by().values("photo")
    totals = totals.annotate(times=Sum("shown"))
    if least == 0:
        if most is None:
            return photos
        return photos.exclude(pk__in=totals.filter(times__gt=most).values("photo"))
    found = totals.filter(times__gte=least)
    if most is not None:
        found = found.filter(times__lte=most)
    return photos.filter(pk__in=found.values("photo"))


def missed_percent(photos: Photos, least: float | None, most: float | None) -> Photos:
    """Return the photos that so many percent of people miss, of those that people saw."""
    return _share(photos, "missed", "seen", least, most)


def solved_percent(photos: Photos, least: float | None, most: float | None) -> Photos:
    """Return the photos of whose renditions the network tells so many percent, if it saw any."""
    return _share(photos, "solved", "scored", least, most)


def _share(
    photos: Photos, part: str, whole: str, least: float | None, most: float | None
) -> Photos:
    found = photos.filter(**{f"{whole}__gt": 0})
    if least is not None:
        found = found.alias(_part=F(part) * 100.0).filter(_part__gte=F(whole) * least)
    if most is not None:
        found = found.alias(_part2=F(part) * 100.0).filter(_part2__lte=F(whole) * most)
    return found
