"""Measure a network on photos that took no part in its training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import evaluate
from classifier.management import needs
from classifier.management.bars import Bars

PAGE = "evaluation.html"
FIGURES = "evaluation.json"


class Command(BaseCommand):
    """Evaluate a network, and leave a page and the same figures as JSON."""

    help = (
        "Measure the shipped model, a run or a version on labelled photos. Those that took part in "
        "its training, and near-duplicates of those, are left out."
    )
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let --version name one of ours, where Django would print its own."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument(
            "data", nargs="+", metavar="DATA", help="Folders, archives, or the word pool."
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--run", type=Path, metavar="FOLDER", help="The network of a run.")
        which.add_argument("--version", metavar="NAME", help="A version of the admin's list.")
        parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
        parser.add_argument(
            "--out", type=Path, metavar="FOLDER", help="Where the page goes (var/evaluations/...)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, or say in one sentence why not."""
        needs.check("torch", "torchvision", "timm", "safetensors", "matplotlib", "torchmetrics")
        from classifier.reports import evaluation

        # One JSON document on the one, progress on the other.
        console = Console(file=self.stderr, soft_wrap=True)  # type: ignore[arg-type]
        try:
            with Bars(console) as bars:
                found = evaluate.evaluate(options["data"], _subject(options), bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped: nothing was written.", returncode=130) from None
        out = options["out"] or _new_folder(found.model.name)
        out.mkdir(parents=True, exist_ok=True)
        figures = json.dumps(evaluation.to_dict(found), indent=2)
        (out / PAGE).write_text(evaluation.page(found), encoding="utf-8")
        (out / FIGURES).write_text(figures, encoding="utf-8")
        if options["json"]:
            self.stdout.write(figures)
            return
        self.stdout.write(evaluation.headline(found))
        for sentence in evaluation.left_out(found.photos):
            self.stdout.write(sentence)
        self.stdout.write(f"The page is {out / PAGE}.")


def _subject(options: dict[str, Any]) -> evaluate.Subject:
    if options["run"]:
        return evaluate.of_run(options["run"])
    if options["version"]:
        return evaluate.of_version(options["version"])
    return evaluate.shipped()


def _new_folder(name: str) -> Path:
    now = timezone.localtime().strftime("%Y-%m-%d-%H%M%S")
    return Path(settings.PAWCHA_VAR) / "evaluations" / f"{now}-{name}"
