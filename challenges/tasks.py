"""Celery tasks: thin, with JSON arguments; each may run twice without harm."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from challenges import (
    state,
    watching,  # noqa: F401 (workers tell of themselves through its signals)
)
from challenges.flows import (
    adoption,
    forgetting,
    intake,
    refusals,
    starters,
    stock,
    sums,
    sweep,
    transfers,
    unpacking,
)
from challenges.flows import prune as old
from challenges.flows import tally as misses
from challenges.models.photos import SHOWN, Animal

# A task takes in files for this long, in seconds: well within Celery's time limit.
INTAKE_SECONDS: Final = 60.0
WAITING_SECONDS: Final = 15.0
# How long one round of making renditions and challenges may take.
STOCK_SECONDS: Final = 20.0
# How long one round of summing may take.
SUM_SECONDS: Final = 20.0
# How long one round of counting people's misses may take.
TALLY_SECONDS: Final = 15.0


@shared_task
def take_in(upload_ids: list[int]) -> None:
    """Take in uploads: decode, compare, store."""
    left = intake.take_in_all(upload_ids, INTAKE_SECONDS)
    if left:
        intake.send(left)


@shared_task
def take_in_waiting() -> None:
    """Take in what waits in the database: its message may have been lost."""
    intake.take_in_all(intake.oldest_waiting(), WAITING_SECONDS)


@shared_task
def unpack(transfer_id: str) -> None:
    """Hand on to intake what has arrived: a photo, or those of an archive."""
    if unpacking.unpack(transfer_id, INTAKE_SECONDS):
        transfers.send(transfer_id)


@shared_task
def unpack_waiting() -> None:
    """Hand on what waits in the database: its message may have been lost."""
    unpacking.unpack_oldest(WAITING_SECONDS)


@shared_task
def forget_transfers() -> None:
    """Remove files whose upload nobody went on with for a week."""
    transfers.forget_abandoned()


@shared_task
def seed_starter() -> None:
    """Have every starter picture drawn that is not stored yet."""
    for animal in SHOWN:
        draw_starters.delay(animal.value)


@shared_task
def draw_starters(animal: str) -> None:
    """Draw and store the next starter pictures of this animal, then send for those after them.

    One portion at a time, so that challenges are composed between the portions.
    """
    if starters.draw_some(Animal(animal)):
        draw_starters.delay(animal)


@shared_task
def keep_starters() -> None:
    """Have the pool hold the starter pictures, a few at a time, where nothing else is shown."""
    if not starters.wanted():
        return
    with state.only_one("keep-starters", 120) as alone:
        if alone:
            starters.draw_last()


@shared_task
def keep_stocked() -> None:
    """Make renditions and challenges until the ready queues are full."""
    with state.only_one("keep-stocked", 120) as alone:
        if alone:
            stock.keep_stocked(STOCK_SECONDS)


@shared_task
def close_overdue() -> None:
    """File the challenges that nobody answered in time, and end what deletions left."""
    forgetting.finish()
    sweep.close_overdue()


@shared_task
def prune() -> None:
    """Remove renditions that no challenge needs any more."""
    sweep.prune()


@shared_task
def forget_addresses() -> None:
    """Remove hashes of addresses that are too old."""
    sweep.forget_addresses()


@shared_task
def retire_adopted() -> None:
    """Take the photos out of the pool whose adoption links have been known for long enough."""
    adoption.retire_shown()


@shared_task
def tally() -> None:
    """Count the photos that people miss, and bring those back to the queue that stand out."""
    misses.count_misses(TALLY_SECONDS)


@shared_task
def sum_up() -> None:
    """Take over what was refused, and sum the hours and days that are over."""
    refusals.take_over()
    sums.sum_up(SUM_SECONDS)


@shared_task
def prune_old() -> None:
    """Remove outcomes that are too old, once their days are summed."""
    old.prune_all()
