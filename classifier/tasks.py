"""Celery tasks: thin, each may run twice without harm."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from classifier.flows import label, locate

# Seconds that one call labels; the next call goes on.
LABEL_SECONDS: Final = 30.0
# The same for looking where the animals are: shorter, for labelling comes first.
LOCATE_SECONDS: Final = 15.0


@shared_task
def label_waiting() -> None:
    """Have the network propose labels for photos that have none."""
    label.label_waiting(LABEL_SECONDS)


@shared_task
def locate_waiting() -> None:
    """Have the network look where the animals in pooled photos are."""
    locate.locate_waiting(LOCATE_SECONDS)
