"""Versions of the network that labels: list, add, promote, roll back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from classifier import summaries
from classifier.exceptions import ClassifierError
from classifier.flows import versions
from classifier.models import ModelVersion

WHO: Final = "command"
HEADINGS: Final = ("Name", "Status", "Network", "Accuracy", "ECE", "Size", "SHA-256")


class Command(BaseCommand):
    """manage.py classifier_version list|add RUN|promote NAME|rollback"""

    help = "List the versions of the network that labels, add one, promote one, or roll back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        shown = actions.add_parser("list", help="Which versions there are, and which one labels.")
        shown.add_argument("--json", action="store_true", help="Print JSON.")
        added = actions.add_parser("add", help="Make a candidate of a training run's folder.")
        added.add_argument("run", type=Path, metavar="RUN")
        chosen = actions.add_parser("promote", help="Let a version label from now on.")
        chosen.add_argument("name", metavar="NAME")
        back = actions.add_parser("rollback", help="Return to the version before this one.")
        back.add_argument(
            "--to-shipped", action="store_true", help="Return to the shipped model instead."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in one sentence why not."""
        doing: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "add": self._add,
            "promote": self._promote,
            "rollback": self._roll_back,
        }
        try:
            doing[options["action"]](options)
        except ClassifierError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = [_row(version) for version in ModelVersion.objects.order_by("-id")]
        now = versions.active_name()
        if options["json"]:
            self.stdout.write(json.dumps({"labels_now": now, "versions": rows}, indent=2))
            return
        if rows:
            table = Table()
            for heading in HEADINGS:
                table.add_column(heading, overflow="fold")
            for row in rows:
                table.add_row(*(str(value) for value in row.values()))
            Console(file=self.stdout).print(table)  # type: ignore[arg-type]
        self.stdout.write(f"Labels now: {now}")

    def _add(self, options: dict[str, Any]) -> None:
        version = versions.add(options["run"])
        self.stdout.write(
            f"{version.name} is a candidate. To let it label: "
            f"manage.py classifier_version promote {version.name}"
        )

    def _promote(self, options: dict[str, Any]) -> None:
        version = versions.named(options["name"])
        versions.promote(version, WHO)
        self.stdout.write(f"{version.name} labels from now on; no worker needs a restart.")

    def _roll_back(self, options: dict[str, Any]) -> None:
        target = versions.roll_back(WHO, to_shipped=options["to_shipped"])
        name = target.name if target else f"the shipped model ({versions.shipped_name()})"
        self.stdout.write(f"Rolled back: {name} labels from now on.")


def _row(version: ModelVersion) -> dict[str, str]:
    return {
        "name": version.name,
        "status": version.status,
        "network": version.arch,
        "accuracy": summaries.accuracy(version),
        "ece": summaries.ece(version),
        "size": summaries.size(version),
        "sha256": version.sha256[:12],
    }
