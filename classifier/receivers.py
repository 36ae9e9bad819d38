"""What the classifier does when something happens elsewhere."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.dispatch import receiver
from kombu.exceptions import OperationalError as NoBroker

from challenges.signals import photos_unlabelled

logger = logging.getLogger(__name__)


@receiver(photos_unlabelled)
def label_at_once(**said: Any) -> None:
    """Have new photos labelled now. Without a broker the workers' clock does it later."""
    try:
        current_app.send_task("classifier.tasks.label_waiting", retry=False)
    except NoBroker as error:
        logger.warning("the workers cannot be told of new photos: %s", error)
