"""Celery tasks: thin, each may run twice without harm."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from classifier.flows import label

# Seconds that one call labels; the next call goes on.
LABEL_SECONDS: Final = 30.0


@shared_task
def label_waiting() -> None:
    """Have the network propose labels for photos that have none."""
    label.label_waiting(LABEL_SECONDS)
