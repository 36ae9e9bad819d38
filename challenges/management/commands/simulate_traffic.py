"""Make a day of traffic, to see what the pages say of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from challenges.flows.prune import KEEP_DAYS
from challenges.flows.sums import floor_day
from challenges.management.progress import Bars
from challenges.management.simulation.day import NAMES, delete, simulate
from challenges.management.simulation.ledger import Ledger
from challenges.management.simulation.visitors import SimulationError


def parse_day(text: str) -> datetime:
    """Return the midnight (UTC) with which the day begins. Raises CommandError."""
    yesterday = floor_day(timezone.now()) - timedelta(days=1)
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else yesterday
    except ValueError as error:
        raise CommandError(f"--day {text}: write it as {yesterday:%Y-%m-%d}.") from error
    oldest = yesterday - timedelta(days=KEEP_DAYS - 2)
    if not oldest <= day <= yesterday:
        raise CommandError(
            f"--day {day:%Y-%m-%d}: take a whole day from {oldest:%Y-%m-%d} to "
            f"{yesterday:%Y-%m-%d}."
        )
    return day


class Command(BaseCommand):
    """manage.py simulate_traffic [--day YYYY-MM-DD] [--challenges N] [--seed S] | --delete"""

    help = (
        "Make a day of traffic by speaking to a web server of its own, with the clock set to that "
        "day. It is counted for simulated sites, apart from the real ones, and shows starter "
        "pictures. --delete removes all of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--day", default="", help="the day (UTC); yesterday if not given")
        parser.add_argument(
            "--challenges", type=int, default=1500, help="about how many are asked for; 1500"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed gives the same numbers; 1"
        )
        parser.add_argument("--delete", action="store_true", help="remove all simulated traffic")

    def handle(self, *args: Any, **options: Any) -> None:
        """Simulate, or remove what was simulated."""
        with Bars(Console(file=self.stdout)) as bars:  # type: ignore[arg-type]
            if options["delete"]:
                gone = delete(lambda done: bars.show("Removed", f"{done} outcomes", done))
            else:
                ledger = self._simulate(bars, options)
        if options["delete"]:
            self.stdout.write(f"Removed the simulated sites and their {gone} outcomes.")
        else:
            self._tell(ledger)

    def _simulate(self, bars: Bars, options: dict[str, Any]) -> Ledger:
        day, number = parse_day(options["day"]), options["challenges"]
        if number < 1:
            raise CommandError(f"--challenges {number}: it takes at least 1.")

        def tell(share: float, ledger: Ledger) -> None:
            moment = day + timedelta(days=min(share, 1))
            figure = f"{moment:%H:%M}, {len(ledger.traces)} challenges"
            bars.show(f"{day:%Y-%m-%d}", figure, done=share, total=1)

        try:
            return simulate(day, number, options["seed"], tell)
        except SimulationError as error:
            raise CommandError(str(error)) from error

    def _tell(self, ledger: Ledger) -> None:
        counts = ledger.counts()
        self.stdout.write(", ".join(f"{name} {number}" for name, number in counts.items()))
        self.stdout.write(
            f"Counted for {' and '.join(NAMES)}. Look at them in the admin, under Statistics. "
            "To remove them: manage.py simulate_traffic --delete"
        )
