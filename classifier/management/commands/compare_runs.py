"""Compare training runs side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from classifier.exceptions import BadRun
from classifier.flows import runs

COLUMNS = ("run", "network", "start", "size", "epochs", "lr", "batch", "augment", "trained on",
           "right", "95 %", "ECE", "MB", "photos/s", "minutes")  # fmt: skip


class Command(BaseCommand):
    """A table of runs: network, hyperparameters, accuracy with its interval, size and speed."""

    help = "Compare training runs: folders of runs, or folders that hold some (default var/runs)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
        parser.add_argument("--json", action="store_true", help="The same for programs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table, the best run first, and say which runs are not finished."""
        folders = options["folders"] or [Path(settings.PAWCHA_VAR) / "runs"]
        found: list[runs.Run] = []
        unfinished: list[str] = []
        for folder in runs.find(folders):
            try:
                found.append(runs.read(folder))
            except BadRun as error:
                unfinished.append(str(error))
        if not found and not unfinished:
            where = ", ".join(map(str, folders))
            raise CommandError(f"There are no runs in {where}: train one with train_classifier.")
        found.sort(key=lambda run: run.result["test"]["accuracy"], reverse=True)
        rows = [_row(run) for run in found]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            self._draw(rows)
        for sentence in unfinished:
            self.stderr.write(sentence)

    def _draw(self, rows: list[dict[str, Any]]) -> None:
        table = Table(*COLUMNS, box=None, pad_edge=False)
        for row in rows:
            table.add_row(*(str(row[name]) for name in COLUMNS))
        console = Console(file=self.stdout)  # type: ignore[arg-type]
        if not console.is_terminal:
            console.width = 240
        console.print(table)


def _row(run: runs.Run) -> dict[str, Any]:
    config, result, test = run.config, run.result, run.result["test"]
    low, high = test["interval"]
    return {
        "run": run.folder.name,
        "network": config.arch,
        "start": "ImageNet" if config.pretrained else "scratch",
        "size": config.image_size,
        "epochs": result["epochs"],
        "lr": config.lr,
        "batch": config.batch,
        "augment": config.augment,
        "trained on": result["trained_on"],
        "right": f"{test['accuracy']:.2%}",
        "95 %": f"{low:.2%} to {high:.2%}",
        "ECE": f"{test['ece_after']:.4f}",
        "MB": f"{result['bytes'] / 1e6:.1f}",
        "photos/s": f"{result['photos_per_second']:.0f}",
        "minutes": f"{result['seconds'] / 60:.1f}",
    }
