"""Filing challenges that nobody answered, and removing what is no longer needed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.utils import timezone

from challenges import state
from challenges.flows.stock import KEEPS
from challenges.models import Outcome, Rendition

BATCH: Final = 500
# An outcome still open after this is one that Redis forgot, in seconds.
FORGOTTEN: Final = 900


@dataclass(frozen=True, slots=True)
class Closed:
    """How many challenges were filed, and as what."""

    expired: int
    abandoned: int
    lost: int


def close_overdue() -> Closed:
    """File the challenges whose time is over; those that nobody looked at are ready again."""
    expired: list[int] = []
    abandoned: list[int] = []
    for overdue in state.take_overdue(BATCH):
        (expired if overdue.fetched else abandoned).append(overdue.challenge.outcome)
        if not overdue.fetched and not overdue.challenge.reserved:
            state.put_back(overdue.challenge.profile, overdue.challenge.draft)
    forgotten = Outcome.objects.filter(
        state=Outcome.State.OPEN, issued_at__lt=timezone.now() - timedelta(seconds=FORGOTTEN)
    )
    lost = list(forgotten.order_by("issued_at").values_list("pk", flat=True)[:BATCH])
    return Closed(
        expired=_file(expired, Outcome.State.EXPIRED),
        abandoned=_file(abandoned, Outcome.State.ABANDONED),
        lost=_file(lost, Outcome.State.LOST),
    )


def _file(outcomes: list[int], as_what: Outcome.State) -> int:
    still_open = Outcome.objects.filter(pk__in=outcomes, state=Outcome.State.OPEN)
    return still_open.update(state=as_what)


def prune() -> int:
    """Remove renditions that were replaced long enough ago for no challenge to need them."""
    over = timezone.now() - timedelta(seconds=2 * KEEPS)
    removed = 0
    for rendition in Rendition.objects.filter(retired_at__lt=over).order_by("retired_at")[:BATCH]:
        default_storage.delete(rendition.name)
        rendition.delete()
        removed += 1
    return removed
