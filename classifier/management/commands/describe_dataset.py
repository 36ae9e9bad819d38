"""Describe a set of photos on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import describe
from classifier.management import needs
from classifier.management.bars import Bars


class Command(BaseCommand):
    """Look at all photos, and write a page."""

    help = (
        "Write a page about labelled photos: classes, sizes, brightness, duplicates, broken files, "
        "and labels that are likely wrong."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "data", nargs="+", metavar="DATA", help="Folders, archives, or the word pool."
        )
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="The page (var/datasets/....html)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, write, and say where the page is; or say in one sentence why not."""
        needs.check("torch", "torchvision", "timm", "matplotlib")
        from classifier.reports import dataset

        console = Console(file=self.stderr, soft_wrap=True)  # type: ignore[arg-type]
        try:
            with Bars(console) as bars:
                found = describe.describe(options["data"], bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped: nothing was written.", returncode=130) from None
        out = options["out"] or _new_file(found.said)
        if out.is_dir():
            raise CommandError(f"{out} is a folder: name the page, such as {out / 'photos.html'}.")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(dataset.page(found), encoding="utf-8")
        self.stdout.write(dataset.headline(found))
        self.stdout.write(f"The page is {out}.")


def _new_file(said: str) -> Path:
    now = timezone.localtime().strftime("%Y-%m-%d-%H%M%S")
    name = "".join(letter if letter.isalnum() else "-" for letter in said)[:60]
    return Path(settings.PAWCHA_VAR) / "datasets" / f"{now}-{name}.html"
