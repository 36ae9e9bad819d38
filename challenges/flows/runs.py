"""What became of the files of a batch: the figures and lists of its run page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Count, Min, Q, QuerySet, Sum

from challenges import archives
from challenges.models import Batch, Photo, Transfer, Upload

# How many rows each list shows; the figures count all.
SHOWN_FILES: Final = 30
SHOWN_REJECTED: Final = 200
SHOWN_TWINS: Final = 24

State = Transfer.State

# What to do about files of an archive that were left out, by a word in their reason.
ADVICE: Final = (
    ("encrypted", "Make the archive again without a password."),
    ("archives inside", "Unpack them and send the photos in them."),
    ("climb out", "They name places outside of their archive: pack the photos again in a folder."),
    ("links and", "They point to something else: pack the photos themselves."),
    ("tightly", "Pack the photos again with the program of your computer."),
    ("headers", "Pack the photos again with the program of your computer."),
    ("sparse", "Pack the photos again with the program of your computer."),
    ("memory", "Pack the photos again with the program of your computer."),
    ("far more", "Pack the photos again with the program of your computer."),
    ("damaged", "Look whether they open on your computer, and pack them again."),
    ("after the first", "Put the rest into another archive."),
    ("lists more", "Make several archives of fewer photos."),
    ("files over", "Save these photos smaller."),
    ("empty files", "There is nothing in them."),
)


@dataclass(frozen=True, slots=True)
class Files:
    """How far the files have come, and how many bytes of how many are safe."""

    announced: int
    receiving: int
    arrived: int
    done: int
    refused: int
    bytes: int
    bytes_safe: int


@dataclass(frozen=True, slots=True)
class Photos:
    """What became of the photos in them. `twice` came in more than once in this batch."""

    found: int
    waiting: int
    stored: int
    duplicates: int
    rejected: int
    left_out: int
    twice: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the photos of the batch stand now."""

    unlabelled: int
    proposed: int
    pooled: int
    held: int
    rejected: int
    retired: int
    probe: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Files of an archive that were passed over, and what to do. `said` has the number in it."""

    archive: str
    what: str
    number: int
    said: str
    advice: str


@dataclass(frozen=True, slots=True)
class Twin:
    """A photo that was here before, if only in the same batch, and how what came in now is called.

    `photo` was here; `newcomer` is the photo that came in when it is only nearly the same, else
    None: then the pictures are the same.
    """

    name: str
    photo: int
    batch: str
    since: datetime
    newcomer: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A batch and everything that became of it."""

    batch: Batch
    files: Files
    photos: Photos
    standing: Standing
    transfers: list[Transfer]
    rejected: list[tuple[str, str]]
    left_out: list[LeftOut]
    twins: list[Twin]
    near: list[Twin]

    @property
    def busy(self) -> bool:
        """Return whether the workers have something to do for it."""
        return bool(self.files.arrived or self.photos.waiting)


def own(person: User) -> QuerySet[Batch]:
    """Return a person's batches, each with how many of its photos are where.

    `photos_stored` are all, `photos_waiting` those that wait for a label or a person.
    """
    waits = Q(photos__status__in=[Photo.Status.UNLABELLED, Photo.Status.PROPOSED])
    return Batch.objects.filter(person=person).annotate(
        photos_stored=Count("photos"),
        photos_pooled=Count("photos", filter=Q(photos__status=Photo.Status.POOLED)),
        photos_waiting=Count("photos", filter=waits),
    )


def look(batch: Batch) -> Run:
    """Return what became of the batch so far."""
    # Of an archive that was refused as a whole its reason tells everything.
    read = batch.transfers.exclude(left_out={}).exclude(state=State.REFUSED)
    kept = list(read.values_list("name", "left_out"))
    return Run(
        batch=batch,
        files=_files(batch),
        photos=_photos(batch, sum(sum(kinds.values()) for _, kinds in kept)),
        standing=_standing(batch),
        transfers=_open_transfers(batch),
        rejected=_rejected(batch),
        left_out=list(_left_out(kept)),
        twins=_twins(batch),
        near=_near(batch),
    )


def _files(batch: Batch) -> Files:
    counts = batch.transfers.aggregate(
        announced=Count("pk"),
        receiving=Count("pk", filter=Q(state=State.RECEIVING)),
        arrived=Count("pk", filter=Q(state=State.ARRIVED)),
        done=Count("pk", filter=Q(state=State.DONE)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        bytes=Sum("size"),
        bytes_safe=Sum("offset"),
    )
    return Files(**{name: number or 0 for name, number in counts.items()})


def _photos(batch: Batch, left_out: int) -> Photos:
    states = Counter(
        dict(batch.uploads.values_list("state").annotate(number=Count("pk")).order_by())
    )
    # Of files that are still being unpacked, not all that was found is handed over.
    came = batch.uploads.filter(transfer__state=State.DONE).count()
    done = batch.transfers.filter(state=State.DONE)
    found = done.aggregate(found=Sum("found"))["found"] or 0
    return Photos(
        found=sum(states.values()),
        waiting=states[Upload.State.WAITING],
        stored=states[Upload.State.STORED],
        duplicates=states[Upload.State.DUPLICATE],
        rejected=states[Upload.State.REJECTED],
        left_out=left_out,
        twice=max(0, found - came),
    )


def _standing(batch: Batch) -> Standing:
    counts = dict(batch.photos.values_list("status").annotate(number=Count("pk")).order_by())
    return Standing(**{status.value: counts.get(status, 0) for status in Photo.Status})


def _open_transfers(batch: Batch) -> list[Transfer]:
    """Return the files that are not done: those on which somebody works first."""
    rows = batch.transfers.exclude(state=State.DONE)
    refused = list(rows.filter(state=State.REFUSED).order_by("created_at")[:SHOWN_FILES])
    others = rows.exclude(state=State.REFUSED).order_by("-offset", "created_at", "pk")
    return [*others[:SHOWN_FILES], *refused]


def _rejected(batch: Batch) -> list[tuple[str, str]]:
    rows = batch.uploads.filter(state=Upload.State.REJECTED).order_by("id")
    return list(rows.values_list("name", "reason")[:SHOWN_REJECTED])


def _left_out(kept: Iterable[tuple[str, dict[str, int]]]) -> Iterable[LeftOut]:
    for archive, kinds in kept:
        for what, number in sorted(kinds.items(), key=lambda kind: -kind[1]):
            advice = next((text for word, text in ADVICE if word in what), "")
            yield LeftOut(archive, what, number, archives.counted(what, number), advice)


def _twins(batch: Batch) -> list[Twin]:
    here = Q(state=Upload.State.DUPLICATE) | ~Q(again=[])
    rows = batch.uploads.filter(here, photo__isnull=False)
    rows = rows.select_related("photo__batch").order_by("-id")
    twins = [
        Twin(name, row.photo.pk, row.photo.batch.name, row.photo.created_at, None)
        for row in rows[:SHOWN_TWINS]
        if row.photo is not None
        for name in [*([row.name] if row.state == Upload.State.DUPLICATE else []), *row.again]
    ]
    return twins[:SHOWN_TWINS]


def _near(batch: Batch) -> list[Twin]:
    """Return the new photos that look nearly like an older one, each with the oldest of those."""
    groups = Photo.objects.filter(group__in=batch.photos.values("group")).values("group")
    alike = groups.annotate(first=Min("pk"), number=Count("pk")).filter(number__gt=1)
    oldest = dict(alike.values_list("group", "first"))
    rows = batch.photos.filter(group__in=oldest).exclude(pk__in=oldest.values()).order_by("-pk")
    newcomers = list(rows.prefetch_related("uploads")[:SHOWN_TWINS])
    there = Photo.objects.select_related("batch").in_bulk(
        [oldest[photo.group] for photo in newcomers]
    )
    return [_near_twin(photo, there[oldest[photo.group]]) for photo in newcomers]


def _near_twin(newcomer: Photo, photo: Photo) -> Twin:
    first = min(newcomer.uploads.all(), key=lambda upload: upload.pk, default=None)
    name = first.name if first else f"photo {newcomer.pk}"
    return Twin(name, photo.pk, photo.batch.name, photo.created_at, newcomer.pk)
