"""Ask the network about photos."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from classifier import engine
from classifier.exceptions import ClassifierError
from classifier.flows import classify
from classifier.flows.classify import Seen
from classifier.management.bars import Bars

# Characters for the verdict, so that the lines stand below each other.
WIDTH: Final = 8


class Command(BaseCommand):
    """Say of each photo what it shows."""

    help = (
        "Say of each photo in files, folders and archives whether it shows a cat, a dog or "
        "neither. Nothing is kept."
    )
    # The shipped model needs no database.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Return the parser; our --version takes the place of Django's own."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--json", action="store_true", help="An object on each line.")
        parser.add_argument(
            "--version",
            dest="model",
            default="",
            metavar="NAME",
            help="A model version of this Pawcha. Default: the shipped model.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Classify, and go on after a file that cannot be read."""
        if missing := engine.missing():
            raise CommandError(f"{missing[0]} is not installed here: run make install.")
        try:
            read = self._classify(options["paths"], options["model"], as_json=options["json"])
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        except BrokenPipeError:
            # Whoever read this has seen enough: classify ... | head
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return
        if not read:
            raise CommandError("None of these photos could be read.")

    def _classify(self, paths: list[str], model: str, *, as_json: bool) -> int:
        """Write a line a photo and return how many could be read."""
        # Where the lines themselves are seen, or nobody looks, no bar.
        console = Console(stderr=True, quiet=not sys.stderr.isatty() or sys.stdout.isatty())
        read = 0
        network = classify.network(model)
        with Bars(console) as bars, closing(classify.classify(network, paths)) as found:
            bars.start("Looking")
            for seen in found:
                read += seen.prediction is not None
                bars.advance()
                self.stdout.write(json.dumps(seen.to_dict()) if as_json else _line(seen))
                self.stdout.flush()
        return read


def _line(seen: Seen) -> str:
    said = seen.prediction
    # A name may hold bytes that are no text.
    path = os.fsencode(seen.path).decode(errors="replace")
    if said is None:
        return f"{'-':{WIDTH}} {'':7}  {path}: {seen.error}"
    known = said.verdict == said.label
    chance = said.confidence if known else 1 - said.familiar
    return f"{said.verdict:{WIDTH}} {chance:7.1%}  {path}"
