"""Importing files in bulk: spooled in small portions that the workers take in meanwhile."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Count

from challenges.archives import Found
from challenges.flows import intake
from challenges.models import Batch, Label, Photo, Transfer, Upload
from challenges.models.photos import Animal, Rights
from challenges.naming import Said, read_name

# The text that stands for the right to show photos on this machine only.
LOCAL_TRIAL: Final = "local trial only"
# Files that are handed to a worker at once.
PORTION: Final = 20
# Other names that are kept of a file that came more than once.
AGAIN: Final = 5
# Rejected files that a summary names one by one.
NAMED: Final = 20


class BatchDiffers(ValueError):
    """A batch of this name exists, with other terms. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what name and by what right photos come in, and how far their labels are trusted."""

    name: str
    rights_text: str
    trust_labels: bool = False
    label: Animal | None = None

    @property
    def rights(self) -> Rights:
        """Return the kind of right: a local trial, or cleared for the public."""
        trial = self.rights_text.lower().endswith(LOCAL_TRIAL)
        return Rights.TRIAL if trial else Rights.CLEARED


@dataclass(slots=True)
class Run:
    """How far one import has come. `new` and `known` are ids of uploads.

    Of the files `found`, the first `handed` are with the workers: stopping loses none of those.
    """

    batch: Batch
    found: int = 0
    handed: int = 0
    new: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    transfer: Transfer | None = None

    @property
    def waiting(self) -> int:
        """Return how many files of this batch no worker has looked at yet."""
        return Upload.objects.waiting().filter(batch=self.batch).count()


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of an import. Numbers of files; `rejected` are names with the reason."""

    found: int
    stored: int
    already_there: int
    rejected: list[tuple[str, str]]
    rejected_in_all: int
    unfinished: int
    awaiting_label: int
    awaiting_person: int
    pooled: int


def open_batch(terms: Terms) -> Batch:
    """Return the batch of this name, made when it is not there.

    Raises BatchDiffers when it has another right or trusts its labels differently.
    """
    batch, made = Batch.objects.get_or_create(
        name=terms.name,
        defaults={
            "rights": terms.rights,
            "rights_text": terms.rights_text,
            "trust_labels": terms.trust_labels,
        },
    )
    if made:
        return batch
    if batch.rights_text != terms.rights_text:
        raise BatchDiffers(
            f"The batch {batch.name!r} came in with the right {batch.rights_text!r}: "
            "say the same again, or give this import another name with --name."
        )
    if batch.trust_labels != terms.trust_labels:
        raise BatchDiffers(
            f"The batch {batch.name!r} came in {'with' if batch.trust_labels else 'without'} "
            "--trust-labels: say the same again, or give this import another name with --name. "
            f"To accept its photos as they are labelled: manage.py accept_batch {batch.name!r}"
        )
    return batch


def spool_all(run: Run, files: Iterable[Found], label: Animal | None = None) -> Generator[Run]:
    """Spool the files and hand them to the workers; yield after each one.

    Stopping in the middle loses nothing: what was handed over is taken in anyway, and a second
    run passes over it.
    """
    portion: dict[str, Upload] = {}
    try:
        for file in files:
            _spool(run, portion, file, _said(run.batch, file.name, label))
            # Only now: what could not be spooled must not count as handed over.
            run.found += 1
            if len(portion) >= PORTION:
                _hand_over(run, portion)
            yield run
    finally:
        _hand_over(run, portion)
    yield run


def _said(batch: Batch, name: str, label: Animal | None) -> Said:
    """Return what is said of the photo: for the command, of the whole batch, or by its name."""
    named = read_name(name)
    if label:
        return Said(label, Label.Source.COMMAND)
    if batch.label:
        # A person's word, as the name of a folder is.
        return Said(batch.label, Label.Source.FOLDER, named.well_known)
    return named


def _spool(run: Run, portion: dict[str, Upload], file: Found, said: Said) -> None:
    sha256 = hashlib.sha256(file.data).hexdigest()
    same = Upload.objects.filter(batch=run.batch, sha256=sha256)
    known = same.only("pk", "name", "state", "reason", "again").first()
    if known is not None and known.state != Upload.State.WAITING:
        run.known.add(known.pk)
        if known.reason != intake.GONE:
            _came_again(known, file.name)
            known.save(update_fields=["again"])
            return
    intake.spool(file.data, sha256)
    if known is not None and known.reason == intake.GONE:
        run.known.discard(known.pk)
        intake.wait_again(known.pk)
    if known is not None:
        # An earlier run was stopped before the workers got to it, or it came twice.
        run.new.add(known.pk)
        _came_again(known, file.name)
        known.save(update_fields=["again"])
        return
    upload = Upload(
        batch=run.batch,
        name=file.name,
        sha256=sha256,
        label=said.label,
        label_source=said.source,
        transfer=run.transfer,
    )
    _came_again(portion.setdefault(sha256, upload), file.name)
    if said.well_known and not run.batch.well_known:
        run.batch.well_known = True
        run.batch.save(update_fields=["well_known"])


def _came_again(upload: Upload, name: str) -> None:
    """Keep under which other names the same bytes came in this batch: they are told."""
    if name != upload.name and name not in upload.again and len(upload.again) < AGAIN:
        upload.again = [*upload.again, name]


def _hand_over(run: Run, portion: dict[str, Upload]) -> None:
    with transaction.atomic():
        # Another import of the same batch may have been faster with some of them.
        Upload.objects.bulk_create(portion.values(), ignore_conflicts=True)
        rows = Upload.objects.filter(batch=run.batch, sha256__in=portion)
        ids = list(rows.values_list("pk", flat=True))
        if ids:
            transaction.on_commit(partial(intake.send, ids))
    run.new.update(ids)
    run.handed = run.found
    portion.clear()


def summarise(run: Run) -> Summary:
    """Return what came of the import so far."""
    states = dict(run.batch.uploads.values_list("pk", "state"))
    new = Counter(states.get(pk) for pk in run.new)
    known = Counter(states.get(pk) for pk in run.known - run.new)
    state = Upload.State
    refused = run.batch.uploads.filter(state=state.REJECTED).order_by("id")
    photos = Photo.objects.filter(pk__in=run.batch.uploads.values("photo"))
    statuses = dict(photos.values_list("status").annotate(Count("pk")))
    rejected = new[state.REJECTED] + known[state.REJECTED]
    unfinished = new[state.WAITING] + known[state.WAITING]
    return Summary(
        found=run.found,
        stored=new[state.STORED],
        already_there=run.found - new[state.STORED] - rejected - unfinished,
        rejected=list(refused.values_list("name", "reason")[:NAMED]),
        rejected_in_all=rejected,
        unfinished=unfinished,
        awaiting_label=statuses.get(Photo.Status.UNLABELLED, 0),
        awaiting_person=statuses.get(Photo.Status.PROPOSED, 0),
        pooled=statuses.get(Photo.Status.POOLED, 0),
    )
