"""Accept an import as a whole."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from challenges.flows import review


class Command(BaseCommand):
    """Pool the photos of a batch with the labels that are proposed."""

    help = "Accept all photos of a batch as they are labelled, and show them from now on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("name", help="Name of the batch.")

    def handle(self, *args: Any, **options: Any) -> str:
        """Accept the batch and say what became of its photos."""
        try:
            done = review.accept_batch(options["name"], None)
        except review.NoSuchBatch as error:
            raise CommandError(str(error)) from error
        return (
            f"{done.pooled:,} photos are in the pool now, {done.rejected:,} show neither and were "
            f"rejected, {done.passed_over:,} have no label yet."
        )
