"""Train a new version on the reviewed pool, and let it label if it is not worse."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from classifier import background
from classifier.exceptions import ClassifierError
from classifier.flows import retrain
from classifier.management.bars import Bars
from classifier.models import Retraining

STOPPED: Final = "Stopped. manage.py retrain goes on with it."
# The options that a retraining has in common with train_classifier.
OPTIONS: Final = ("arch", "epochs", "lr", "batch", "image_size", "seed", "threads")


class Command(BaseCommand):
    """manage.py retrain [--arch NAME] [--epochs N] ..."""

    help = (
        "Train a new version on the reviewed photos, compare it with what labels now on photos "
        "that are kept for testing, and promote it if it is not worse. A retraining that was "
        "stopped is gone on with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("--arch", help="A network of timm's, or pawnet, our own small one.")
        add("--scratch", action="store_true", help="From nothing instead of from ImageNet.")
        add("--epochs", type=int, help="Times through the photos.")
        add("--lr", type=float, help="Highest learning rate.")
        add("--batch", type=int, help="Photos a step.")
        add("--image-size", type=int, help="Side of the square in pixels.")
        add("--seed", type=int, help="Of everything random.")
        add("--threads", type=int, help="Threads to compute with (as torch likes).")
        add(
            "--from-worker",
            action="store_true",
            help="Only what is due already, quietly, after everything else on this machine.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Retrain, or say in one sentence why not."""
        try:
            if options["from_worker"]:
                background.step_back()
                row = retrain.run()
            else:
                row = self._run(_changes(options))
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(STOPPED, returncode=130) from None
        if row is not None:
            self.stdout.write(row.said)

    def _run(self, changes: dict[str, Any]) -> Retraining | None:
        row = retrain.ask("command", retrain.default_config(**changes))
        if row.attempts or row.asked_by != "command":
            self.stdout.write(f"Going on with {row.name}, as it was begun: options do not count.")
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        with Bars(console) as bars:
            return retrain.run(row, progress=bars)


def _changes(options: dict[str, Any]) -> dict[str, Any]:
    told = {name: options[name] for name in OPTIONS if options[name] is not None}
    if options["scratch"]:
        told = {"arch": "pawnet", "pretrained": False, "lr": 2e-3} | told
    return told
