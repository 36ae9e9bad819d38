"""Train and measure the networks of the panel: surrogates and judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from classifier import panel
from classifier.exceptions import ClassifierError
from classifier.flows import train_panel
from classifier.management.bars import Bars
from classifier.management.gently import gently


class Command(BaseCommand):
    """Make the networks, measure them on photos that none has seen, and write their table."""

    help = (
        "Train the panel's networks on the sides dev and attack of the photos, and measure each "
        "on the side audit. The result is shipped: this is only needed to repeat it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("data", nargs="+", metavar="PHOTOS", help="Folders of class folders, or archives.")
        add("--only", default="", help="Networks by name, with commas (all).")
        add("--limit", type=int, default=0, help="Photos that a head is fitted on, 0: all.")
        add("--folder", type=Path, help="Where trainings are kept (var/panel).")
        add("--out", type=Path, default=panel.FOLDER, help="Where weights go.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, or say in one sentence why not."""
        only = tuple(name for name in options["only"].split(",") if name)
        folder = options["folder"] or Path(settings.PAWCHA_VAR) / "panel"
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        try:
            with gently(), Bars(console) as bars:
                rows = train_panel.run(
                    options["data"],
                    folder,
                    options["out"],
                    bars,
                    only=only,
                    limit=options["limit"],
                )
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. The same command goes on.", returncode=130) from None
        for row in rows:
            weak = ", weak" if row.role is panel.Role.JUDGES and row.weak else ""
            self.stdout.write(f"{row.key}: {row.accuracy:.2%} of {row.tested}{weak}")
