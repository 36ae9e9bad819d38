"""What the classifier does when something happens elsewhere."""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.dispatch import receiver
from kombu.exceptions import OperationalError as NoBroker

from challenges.models import Photo
from challenges.signals import photo_forgetting, photos_unlabelled
from classifier.flows import learned

logger = logging.getLogger(__name__)


@receiver(photos_unlabelled)
def label_at_once(**said: Any) -> None:
    """Have new photos labelled now. Without a broker the workers' clock does it later."""
    try:
        current_app.send_task("classifier.tasks.label_waiting", retry=False)
    except NoBroker as error:
        logger.warning("the workers cannot be told of new photos: %s", error)


@receiver(photo_forgetting)
def name_versions(photo: Photo, **said: Any) -> list[str]:
    """Tell which versions of the network were trained on a photo that is being deleted."""
    return learned.sentences(photo)
