"""Celery tasks: thin, each may run twice without harm."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from classifier.flows import audit as auditing
from classifier.flows import harden, label, locate, look, milder
from classifier.flows import retrain as retraining
from classifier.flows import second_look as again

# Seconds that one call labels; the next call goes on.
LABEL_SECONDS: Final = 30.0
# The same for looking where the animals are: shorter, for labelling comes first.
LOCATE_SECONDS: Final = 15.0
SECOND_LOOK_SECONDS: Final = 15.0
# Nearly as long as its rhythm: its worker has nothing else to do.
HARDEN_SECONDS: Final = 55.0
AUDIT_SECONDS: Final = 15.0


@shared_task
def label_waiting() -> None:
    """Have the network propose labels for photos that have none."""
    label.label_waiting(LABEL_SECONDS)


@shared_task
def locate_waiting() -> None:
    """Have the network look where the animals in pooled photos are."""
    locate.locate_waiting(LOCATE_SECONDS)


@shared_task
def second_look() -> None:
    """Have the network look at pooled photos that it does not know, and at what visitors get."""
    again.second_look(SECOND_LOOK_SECONDS)


@shared_task
def audit() -> None:
    """Have the panel read what visitors get, and reckon how hard the photos are."""
    auditing.audit(AUDIT_SECONDS)


@shared_task
def harden_waiting() -> None:
    """Have renditions hardened, and see which photos people miss."""
    milder.soften_missed()
    harden.harden_waiting(HARDEN_SECONDS)


# Taken once: a photo that brought its worker down must not bring down the next one.
@shared_task(acks_late=False, soft_time_limit=20, time_limit=30)
def classify(ticket: str, until: float) -> None:
    """Look at the photo that a visitor of /classify/ holds, unless its time is over."""
    look.look(ticket, until)


@shared_task
def retrain() -> None:
    """Ask for a retraining on the reviewed pool, and begin it."""
    retraining.ask_on_schedule()


@shared_task
def go_on_retraining() -> None:
    """Begin a retraining that waits, or go on with one that was killed, in its own process."""
    retraining.go_on()
