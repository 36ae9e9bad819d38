"""Have the network label every photo that waits."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from challenges.models import Photo
from classifier.exceptions import ClassifierError
from classifier.flows import label
from classifier.management.bars import Bars


class Command(BaseCommand):
    """Label now, and not when the workers' clock comes round."""

    help = (
        "Have the network propose a label for every photo that has none. Stop it with Ctrl-C; "
        "run it again to go on."
    )

    def handle(self, *args: Any, **options: Any) -> str:
        """Label, and say how many got a label and how many still wait."""
        waiting = Photo.objects.awaiting_label()
        labelled = 0
        try:
            with Bars(Console(stderr=True, soft_wrap=True)) as bars:
                bars.start("Labelling", waiting.count())
                # Closed at once when it is stopped, so that the lock is free for the next.
                with closing(label.label_all()) as portions:
                    for count in portions:
                        labelled += count
                        bars.advance(count)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                f"Stopped. {waiting.count():,} photos still wait for a label: run the same again "
                "to go on.",
                returncode=130,
            ) from None
        left = waiting.count()
        unread = f" {left:,} cannot be read; the log says why." if left else ""
        return f"{labelled:,} photos were labelled.{unread}"
