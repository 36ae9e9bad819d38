"""Remove what is no longer needed, or say what would go."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console

from challenges.flows import prune
from challenges.management.progress import Bars


class Command(BaseCommand):
    """manage.py prune [--dry-run]"""

    help = (
        "Remove what is no longer needed: outcomes after 90 days (their sums by day stay), old "
        "renditions, spooled files, hashes of addresses. A worker does it by itself, too. It may "
        "be stopped at any time and goes on the next time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        """Remove it, or count it."""
        if dry_run:
            for kind in prune.kinds():
                self.stdout.write(f"{kind.count():>10,}  {kind.name} ({kind.why})")
            self.stdout.write("Nothing was removed. Without --dry-run these go.")
            return
        totals = {kind.name: kind.count() for kind in prune.kinds()}
        done: Counter[str] = Counter()
        with Bars(Console(file=self.stdout)) as bars:  # type: ignore[arg-type]
            for kind, number in prune.prune():
                done[kind.name] += number
                total = max(totals[kind.name], done[kind.name])
                figure = f"{done[kind.name]:,} of {total:,}"
                bars.show(kind.name.capitalize(), figure, done[kind.name], total)
        gone = [f"{name}: {number:,}" for name, number in done.items()]
        self.stdout.write(f"Removed {', '.join(gone)}." if gone else "There was nothing to remove.")
