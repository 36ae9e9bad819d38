"""Filing challenges that nobody answered, and removing what is no longer needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.utils import timezone

from challenges import state
from challenges.flows.stock import KEEPS
from challenges.models import Outcome, PictureReport, Rendition, Upload

BATCH: Final = 500
SPOOL: Final = "incoming"
# An outcome still open after this is one that Redis forgot, in seconds.
FORGOTTEN: Final = 900
# Hashes of address prefixes are removed after this, in days. Reports of pictures count no longer.
HASH_DAYS: Final = 2
# Rows changed by one statement when hashes are removed.
ROWS: Final = 5000


@dataclass(frozen=True, slots=True)
class Closed:
    """How many challenges were filed, and as what."""

    expired: int
    abandoned: int
    lost: int


def close_overdue() -> Closed:
    """File the challenges whose time is over; those that nobody looked at are ready again."""
    late = state.overdue(BATCH)
    expired = [one.challenge.outcome for one in late if one.fetched]
    abandoned = [one.challenge.outcome for one in late if not one.fetched]
    forgotten = Outcome.objects.filter(
        state=Outcome.State.OPEN, issued_at__lt=timezone.now() - timedelta(seconds=FORGOTTEN)
    )
    lost = list(forgotten.order_by("issued_at").values_list("pk", flat=True)[:BATCH])
    closed = Closed(
        expired=_file(expired, Outcome.State.EXPIRED),
        abandoned=_file(abandoned, Outcome.State.ABANDONED),
        lost=_file(lost, Outcome.State.LOST),
    )
    # Redis forgets them only now: were the database away, the next round would try again.
    for one in late:
        if state.expire(one.challenge.id) and not one.fetched and not one.challenge.reserved:
            state.put_back(one.challenge.profile, one.challenge.draft)
    return closed


def _file(outcomes: list[int], as_what: Outcome.State) -> int:
    still_open = Outcome.objects.filter(pk__in=outcomes, state=Outcome.State.OPEN)
    return still_open.update(state=as_what)


def prune() -> int:
    """Remove old renditions and spooled files that nobody needs; return how many."""
    return _prune_renditions() + _prune_spool()


def forget_addresses() -> int:
    """Remove the hashes of address prefixes that are too old, and old reports; return how many."""
    over = timezone.now() - timedelta(days=HASH_DAYS)
    outcomes = Outcome.objects.filter(issued_at__lt=over).exclude(prefix="").order_by("issued_at")
    done = 0
    # A statement at a time, so that nobody waits long for a row.
    while keys := list(outcomes.values_list("pk", flat=True)[:ROWS]):
        done += Outcome.objects.filter(pk__in=keys).update(prefix="")
    return done + PictureReport.objects.filter(created_at__lt=over).delete()[0]


def _prune_spool() -> int:
    """Remove spooled files a day after a stop came between the file and its row."""
    if not default_storage.exists(SPOOL):
        return 0
    removed = 0
    oldest = timezone.now() - timedelta(days=1)
    for name in default_storage.listdir(SPOOL)[1]:
        path = f"{SPOOL}/{name}"
        if default_storage.get_modified_time(path) > oldest:
            continue
        if not Upload.objects.waiting().filter(sha256=name).exists():
            default_storage.delete(path)
            removed += 1
    return removed


def _prune_renditions() -> int:
    """Remove those that were replaced long enough ago for no challenge to need them."""
    over = timezone.now() - timedelta(seconds=2 * KEEPS)
    removed = 0
    for rendition in Rendition.objects.filter(retired_at__lt=over).order_by("retired_at")[:BATCH]:
        default_storage.delete(rendition.name)
        rendition.delete()
        removed += 1
    return removed
