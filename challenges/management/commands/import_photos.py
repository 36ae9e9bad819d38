"""Bring photos in: folders, archives, single files, or a public set."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from kombu.exceptions import OperationalError as NoBroker
from rich.console import Console
from rich.table import Table

from challenges.archives import Walk
from challenges.flows import downloads, importing
from challenges.flows.downloads import OXFORD_PETS
from challenges.management.progress import Bars
from challenges.models.photos import SHOWN, Animal

# Seconds between looks at what the workers have done, and without any progress before asking
# whether there are workers at all.
LOOK: Final = 0.3
PATIENCE: Final = 5.0

WHICH_RIGHT: Final = (
    "By what right may these photos be shown? Say --rights TEXT, such as --rights 'taken by our "
    "volunteers', when the public may see them, or --local-trial to try them out on this machine."
)
NO_WORKER: Final = (
    "No worker is running: start one with make run. The files are kept and will be taken in then."
)
STOPPED: Final = "Stopped. What was read is kept and will be taken in; run the same again to go on."


class Command(BaseCommand):
    """Import photos and wait until the workers have taken them in."""

    help = (
        "Import photos from folders, .zip, .tar, .tar.gz or single files, or the public set "
        "oxford-pets. Run it again to go on after a stop: nothing comes in twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument(
            "--label",
            choices=[animal.value for animal in SHOWN],
            help="What all these photos show. Else folders Cat/ and Dog/ and known names say it.",
        )
        parser.add_argument(
            "--trust-labels",
            action="store_true",
            help="Show the photos without a second look by a person.",
        )
        right = parser.add_mutually_exclusive_group()
        right.add_argument("--rights", metavar="TEXT", help="By what right they may be shown.")
        right.add_argument(
            "--local-trial",
            action="store_const",
            dest="rights",
            const=importing.LOCAL_TRIAL,
            help="Only to try them out: shown by sites of this machine, refused in production.",
        )
        parser.add_argument("--name", help="Name of the batch. Default: the names of the paths.")
        parser.add_argument(
            "--no-wait", action="store_true", help="Do not wait for the workers to take them in."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say in one sentence why not."""
        # On no terminal, long sentences stay on one line.
        self.console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        wanted = list(options["paths"])
        terms = _terms(wanted, argparse.Namespace(**options))
        try:
            walk = Walk([self._place(path) for path in wanted])
            run = importing.Run(importing.open_batch(terms))
            with Bars(self.console) as bars:
                for _ in importing.spool_all(run, walk, terms.label):
                    if run.found % 10 == 1:
                        _show(bars, run)
                if not options["no_wait"]:
                    self._wait(bars, run)
        except (importing.BatchDiffers, downloads.NotFetched) as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer: start Pawcha with make run. It said: {error}"
            ) from error
        except KeyboardInterrupt:
            raise CommandError(STOPPED, returncode=130) from None
        self._report(walk, run)

    def _place(self, path: str) -> Path:
        if path != OXFORD_PETS.name or Path(path).exists():
            return Path(path)
        target = settings.PAWCHA_VAR / "downloads" / "oxford-pets-images.tar.gz"
        with Bars(self.console) as bars:
            for have, total in downloads.fetch(OXFORD_PETS, target):
                figure = f"{have / 1e6:,.0f} of {total / 1e6:,.0f} MB"
                bars.show("Downloading", figure, have, total or None)
        return Path(target)

    def _wait(self, bars: Bars, run: importing.Run) -> None:
        last, since = -1, time.monotonic()
        while waiting := _show(bars, run):
            if waiting != last:
                last, since = waiting, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                if not _workers_answer():
                    return
                since = time.monotonic()
            time.sleep(LOOK)

    def _report(self, walk: Walk, run: importing.Run) -> None:
        summary = importing.summarise(run)
        table = Table(title=f"Import {run.batch.name!r}", show_header=False, title_justify="left")
        rows = [
            ("found", summary.found),
            ("stored", summary.stored),
            ("already there", summary.already_there),
            ("rejected", summary.rejected_in_all),
            ("not yet taken in", summary.unfinished),
            ("of this batch, waiting for a label", summary.awaiting_label),
            ("of this batch, waiting for a person", summary.awaiting_person),
            ("of this batch, in the pool", summary.pooled),
        ]
        for name, number in rows:
            table.add_row(name, f"{number:,}")
        self.console.print(table)
        for reason, number in sorted(walk.skipped.items()):
            self.console.print(f"Skipped {number:,}: {reason}", highlight=False, markup=False)
        for name, reason in summary.rejected:
            self.console.print(f"{name}: {reason}", highlight=False, markup=False)
        if summary.rejected_in_all > len(summary.rejected):
            self.console.print("All rejected files with their reasons: Uploads in the admin.")
        if summary.awaiting_person:
            self.console.print(
                f"To accept them as they are labelled: manage.py accept_batch {run.batch.name!r}",
                highlight=False,
                markup=False,
            )
        if summary.unfinished and not _workers_answer():
            self.stderr.write(NO_WORKER)


def _terms(paths: list[str], options: argparse.Namespace) -> importing.Terms:
    missing = [p for p in paths if not Path(p).exists() and p != OXFORD_PETS.name]
    if missing:
        raise CommandError(f"There is no file or folder {missing[0]!r}.")
    rights = (options.rights or "").strip()
    if not rights and paths == [OXFORD_PETS.name]:
        rights = f"{OXFORD_PETS.licence}: {importing.LOCAL_TRIAL}"
    if not rights:
        raise CommandError(WHICH_RIGHT)
    if len(rights) > 500:
        raise CommandError(f"--rights has {len(rights)} characters: write 500 at most.")
    name = options.name or ", ".join(dict.fromkeys(_short(Path(path)) for path in paths))
    return importing.Terms(
        name=name[:200],
        rights_text=rights,
        trust_labels=options.trust_labels,
        label=Animal(options.label) if options.label else None,
    )


def _short(path: Path) -> str:
    return path.resolve().name.split(".")[0] or path.resolve().name or "import"


def _show(bars: Bars, run: importing.Run) -> int:
    """Show how far the import is and return how many files wait for a worker."""
    waiting = run.waiting
    handed = len(run.new | run.known)
    done = max(0, handed - waiting)
    bars.show("Read", f"{run.found:,} files")
    bars.show("Taken in", f"{done:,} of {handed:,}", done, handed or None)
    return waiting


def _workers_answer() -> bool:
    try:
        return bool(current_app.control.ping(timeout=1.0))
    except (NoBroker, OSError):
        return False
