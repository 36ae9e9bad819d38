"""Draw a sheet of clean and hardened pairs, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import sheets
from classifier.management.bars import Bars


class Command(BaseCommand):
    """Only people can say what is legible: every other number is a proxy."""

    help = (
        "Draw pairs of plain and hardened pictures of photos from the pool into a PNG, or of "
        "photos in a folder. It shows no labels, coins or recipes; keep it all the same to "
        "yourself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the file, and how many pairs."""
        parser.add_argument("file", type=Path, help="where to write it: a PNG")
        parser.add_argument("--pairs", type=int, default=48, help="how many pairs (48)")

    def handle(self, *args: Any, **options: Any) -> str:
        """Draw it, and say how far the pictures are from their photos."""
        path, pairs = options["file"], options["pairs"]
        if pairs < 1:
            raise CommandError("--pairs: write a number from 1 up.")
        try:
            with Bars(Console(stderr=True, soft_wrap=True)) as bars:
                drawn = sheets.draw(pairs, bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        drawn.image.save(path, "PNG")
        return (
            f"{path}: {len(drawn.distances)} pairs, the hardened one below. Their distance is a "
            f"proxy: {min(drawn.distances):.2f} to {max(drawn.distances):.2f} of at most "
            f"{drawn.most:.2f}. Can you tell each animal at a glance?"
        )
