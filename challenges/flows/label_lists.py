"""Lists of labels: what an export says of each photo, and what an import would change, row by row.

An import is judged whole before any of it counts: with one row that cannot be, nothing changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.formats import date_format

from challenges import tables
from challenges.flows import review
from challenges.flows.deciding import refuse_many
from challenges.models import Forgotten, Label, Photo
from challenges.models.photos import Animal, Rights

# The columns of an export, in their order.
COLUMNS: Final = (
    "number",
    "sha256",
    "label",
    "status",
    "rights",
    "shelter",
    "credit",
    "licence",
    "pet_name",
    "adoption_link",
    "batch",
    "said_by",
    "said_at",
)
# What an import needs: one of each group.
NEEDED: Final = (("number", "sha256"), ("label",))
WORDS: Final[dict[str, Animal]] = {
    **dict.fromkeys(("cat", "cats"), Animal.CAT),
    **dict.fromkeys(("dog", "dogs"), Animal.DOG),
    **dict.fromkeys(("neither", "both", "neither or both"), Animal.NEITHER),
}
SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Beyond this, Excel and PostgreSQL know no whole numbers.
NUMBER: Final = re.compile(r"(\d{1,15})(?:\.0+)?")
# A label that was settled once is not said again by a list that says the same.
SETTLED: Final = (
    Photo.Status.POOLED,
    Photo.Status.HELD,
    Photo.Status.RETIRED,
    Photo.Status.REJECTED,
)

SAYS: Final = {
    Animal.CAT: "a cat",
    Animal.DOG: "a dog",
    Animal.NEITHER: "neither or both",
}

Kind = Literal["change", "same", "wrong"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What one row of a list would do.

    `row` counts from 1; in a table with headings these are 1, as a spreadsheet counts.
    """

    row: int
    kind: Kind
    sentence: str
    photo: int | None = None
    label: Animal | None = None


# --- export --------------------------------------------------------------------------------------


def exported(photos: QuerySet[Photo]) -> QuerySet[Photo]:
    """Return the photos with what an export says of them: `said_by` and `said_at` are a person's.

    Only words that still stand count.
    """
    said = Label.objects.filter(photo=OuterRef("pk"), person__isnull=False, undone_at=None)
    last = said.order_by("-id")
    return photos.select_related("batch").annotate(
        said_by=Subquery(last.values("person__username")[:1]),
        said_at=Subquery(last.values("created_at")[:1]),
    )


def cells(photo: Photo) -> dict[str, str]:
    """Return one row of an export, for a photo of `exported`."""
    said_at: datetime | None = getattr(photo, "said_at", None)
    values = (
        str(photo.pk),
        photo.sha256,
        photo.label,
        photo.status,
        photo.rights,
        photo.shelter,
        photo.credit,
        photo.licence,
        photo.pet_name,
        photo.adoption_url,
        photo.batch.name,
        getattr(photo, "said_by", None) or "",
        said_at.isoformat(timespec="seconds") if said_at else "",
    )
    return dict(zip(COLUMNS, values, strict=True))


# --- import --------------------------------------------------------------------------------------


def place(row: int, *, headings: bool) -> str:
    """Return how a row is called: line 2 of a table with headings, row 1 of a list without."""
    return f"Line {row}" if headings else f"Row {row}"


def judge(rows: Sequence[Mapping[str, Any]], *, headings: bool = False) -> list[Judged]:
    """Return what each row of a list would do: nothing changes here.

    A row names its photo by `number` or `sha256` and says its `label`; other columns are not read.
    With `headings` the first row is line 2.
    """
    cells = [{name: _text(value) for name, value in row.items()} for row in rows]
    known = _Known(cells)
    said: dict[int, tuple[int, Animal]] = {}
    judged = []
    for number, row in enumerate(cells, 1 + headings):
        one = known.judge(number, row)
        if one.photo is not None and one.label is not None:
            first, label = said.setdefault(one.photo, (number, one.label))
            if label != one.label:
                one = _wrong(
                    number,
                    f"{place(first, headings=headings)} says that photo {one.photo} is "
                    f"{SAYS[label]}, this one that it is {SAYS[one.label]}: keep one of them.",
                )
            elif first != number:
                one = Judged(
                    number, "same", f"{place(first, headings=headings)} says the same.", one.photo
                )
        judged.append(one)
    return judged


def apply(
    rows: Sequence[Mapping[str, Any]], person: User, *, headings: bool = False
) -> list[Judged]:
    """Let a list of labels count as the person's word, all of it or nothing.

    Return what came of each row: when one is wrong, nothing has changed. Raises OnlyOwner where
    others have to agree with this person.
    """
    refuse_many(person)
    with transaction.atomic():
        judged = judge(rows, headings=headings)
        if any(one.kind == "wrong" for one in judged):
            return judged
        for label in Animal:
            keys = [one.photo for one in judged if one.kind == "change" and one.label == label]
            if keys:
                review.accept(
                    [key for key in keys if key is not None],
                    person,
                    label,
                    source=Label.Source.IMPORT,
                )
    return judged


def _text(value: Any) -> str:
    return "" if value is None else tables.without_apostrophe(str(value).strip())


def _wrong(row: int, sentence: str) -> Judged:
    return Judged(row, "wrong", sentence)


class _Known:
    """The photos that a list names, and those of them that were deleted."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        numbers, digests = set(), set()
        for row in rows:
            if found := NUMBER.fullmatch(row.get("number", "")):
                numbers.add(int(found[1]))
            digests.add(row.get("sha256", "").lower())
        photos = Photo.objects.filter(Q(pk__in=numbers) | Q(sha256__in=digests))
        photos = photos.only("pk", "sha256", "status", "label", "rights")
        self.by_number = {photo.pk: photo for photo in photos}
        self.by_digest = {photo.sha256: photo for photo in photos}
        gone = Forgotten.objects.filter(
            Q(photo__in=numbers) | Q(sha256__in=digests) | Q(files__overlap=sorted(digests))
        )
        self.gone: dict[int | str, Forgotten] = {}
        for one in gone:
            self.gone |= dict.fromkeys((one.photo, one.sha256, *one.files), one)

    def judge(self, number: int, row: Mapping[str, str]) -> Judged:
        """Return what the row would do, without regard to other rows."""
        word = row.get("label", "").casefold()
        if not word:
            return Judged(number, "same", "It says no label, so nothing changes.")
        found = self._photo(row)
        if isinstance(found, str):
            return _wrong(number, found)
        if word not in WORDS:
            return _wrong(
                number,
                f"The label {row['label'][:30]!r} is not known: write cat, dog or neither, or "
                "leave it empty.",
            )
        return _change(number, found, WORDS[word])

    def _photo(self, row: Mapping[str, str]) -> Photo | str:
        """Return the photo of a row, or a sentence about why there is none."""
        said, digest = row.get("number", ""), row.get("sha256", "").lower()
        if not said and not digest:
            return "It names no photo: write its number or its sha256."
        found = NUMBER.fullmatch(said)
        if said and not found:
            return f"{said[:30]!r} is no number of a photo."
        if digest and not SHA256.fullmatch(digest):
            return f"{digest[:30]!r} is no sha256: that has 64 digits from 0 to f."
        by_number = self.by_number.get(int(found[1])) if found else None
        by_digest = self.by_digest.get(digest)
        if by_number and by_digest and by_number != by_digest:
            return (
                f"The number is that of photo {by_number.pk}, the sha256 that of photo "
                f"{by_digest.pk}: leave one of them empty."
            )
        photo = by_digest or (None if digest else by_number)
        return photo or self._missing(int(found[1]) if found else None, digest)

    def _missing(self, number: int | None, digest: str) -> str:
        gone = self.gone.get(digest) or (self.gone.get(number) if number is not None else None)
        named = f"with the sha256 {digest[:12]}..." if digest else f"with the number {number}"
        if gone is not None:
            day = date_format(gone.deleted_at)
            return f"Photo {gone.photo} was deleted for good on {day}: leave this row out."
        return f"There is no photo {named}: correct it, or leave this row out."


def _change(row: int, photo: Photo, label: Animal) -> Judged:
    if photo.label == label and photo.status in SETTLED:
        return Judged(row, "same", f"Photo {photo.pk} is {SAYS[label]} already.", photo.pk)
    return Judged(row, "change", _sentence(photo, label), photo.pk, label)


def _sentence(photo: Photo, label: Animal) -> str:
    if label == Animal.NEITHER:
        return f"Photo {photo.pk} is neither or both: it is rejected."
    before = SAYS[Animal(photo.label)] if photo.label and photo.label != label else ""
    was = f" (it was {before})" if before else ""
    if photo.rights == Rights.UNSTATED:
        then = "it waits until its right to be shown is stated"
    elif photo.status in (Photo.Status.RETIRED, Photo.Status.REJECTED):
        then = f"it was {photo.status}, and comes back into the pool"
    else:
        then = "it is in the pool"
    return f"Photo {photo.pk} is {SAYS[label]}{was}: {then}."
