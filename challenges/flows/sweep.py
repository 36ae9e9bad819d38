"""Filing challenges that nobody answered, and removing what is no longer needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from challenges import state
from challenges.flows.stock import KEEPS
from challenges.models import Miss, Outcome, PictureReport, Rendition, Upload, Vote

BATCH: Final = 500
SPOOL: Final = "incoming"
# An outcome still open after this is one that Redis forgot, in seconds. A challenge may live for
# 10 minutes, and for as long again when its visitor asks for it.
FORGOTTEN: Final = 1260
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


def close_overdue(*, simulated: bool = False) -> Closed:
    """File the challenges whose time is over; those that nobody looked at are ready again.

    A simulation keeps its open challenges to itself, so it also files what is forgotten of them.
    """
    late = state.overdue(BATCH)
    expired = [one for one in late if one.fetched]
    abandoned = [one.challenge.outcome for one in late if not one.fetched]
    forgotten = Outcome.objects.filter(
        state=Outcome.State.OPEN,
        issued_at__lt=timezone.now() - timedelta(seconds=FORGOTTEN),
        site__simulated=simulated,
    )
    lost = list(forgotten.order_by("issued_at").values_list("pk", flat=True)[:BATCH])
    closed = Closed(
        expired=sum(
            _file(
                [one.challenge.outcome for one in expired if one.paid == paid],
                Outcome.State.EXPIRED,
                paid,
            )
            for paid in {one.paid for one in expired}
        ),
        abandoned=_file(abandoned, Outcome.State.ABANDONED),
        lost=_file(lost, Outcome.State.LOST),
    )
    # Redis forgets them only now: were the database away, the next round would try again.
    for one in late:
        if state.expire(one.challenge.id) == "unseen" and not one.challenge.reserved:
            state.put_back(one.challenge.profile, one.challenge.draft)
    return closed


def _file(outcomes: list[int], as_what: Outcome.State, paid: str = "") -> int:
    still_open = Outcome.objects.filter(pk__in=outcomes, state=Outcome.State.OPEN)
    return still_open.update(state=as_what, paid=paid)


def prune() -> int:
    """Remove old renditions and spooled files that nobody needs; return how many."""
    return prune_renditions() + prune_spool()


def forget_addresses() -> int:
    """Remove the hashes of address prefixes that are too old, with what needs them.

    Outcomes and votes lose their hash; misses and reports go. Return how many it was.
    """
    done = 0
    for rows in (_old(Outcome.objects.all(), "issued_at"), _old(Vote.objects.all(), "created_at")):
        # A statement at a time, so that nobody waits long for a row.
        while keys := list(rows.exclude(prefix="").values_list("pk", flat=True)[:ROWS]):
            done += rows.filter(pk__in=keys).order_by().update(prefix="")
    for gone in (Miss.objects.all(), PictureReport.objects.all()):
        done += _old(gone, "created_at").order_by().delete()[0]
    return done


def _old(rows: QuerySet[Any], since: str) -> QuerySet[Any]:
    """Return those of the rows that are too old to have a hash, oldest first."""
    over = timezone.now() - timedelta(days=HASH_DAYS)
    return rows.filter(**{f"{since}__lt": over}).order_by(since)


def count_addresses() -> int:
    """Return how many hashes, misses and reports `forget_addresses` would remove."""
    return sum(
        _old(rows, since).exclude(prefix="").count()
        for rows, since in (
            (Outcome.objects.all(), "issued_at"),
            (Vote.objects.all(), "created_at"),
            (Miss.objects.all(), "created_at"),
            (PictureReport.objects.all(), "created_at"),
        )
    )


def old_spool() -> Iterator[str]:
    """Yield the spooled files that are a day old and that no upload waits for.

    A stop came between the file and its row.
    """
    if not default_storage.exists(SPOOL):
        return
    oldest = timezone.now() - timedelta(days=1)
    for name in default_storage.listdir(SPOOL)[1]:
        path = f"{SPOOL}/{name}"
        old = default_storage.get_modified_time(path) <= oldest
        if old and not Upload.objects.waiting().filter(sha256=name).exists():
            yield path


def prune_spool() -> int:
    """Remove the old spooled files; return how many."""
    paths = list(old_spool())
    for path in paths:
        default_storage.delete(path)
    return len(paths)


def old_renditions() -> QuerySet[Rendition]:
    """Return those that were replaced long enough ago for no challenge to need them."""
    over = timezone.now() - timedelta(seconds=2 * KEEPS)
    return Rendition.objects.filter(retired_at__lt=over)


def prune_renditions() -> int:
    """Remove the next old renditions and their files; return how many."""
    removed = 0
    for rendition in old_renditions().order_by("retired_at")[:BATCH]:
        default_storage.delete(rendition.name)
        rendition.delete()
        removed += 1
    return removed
