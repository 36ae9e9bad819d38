"""Measure how much quicker than plain torch the classifier is here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from classifier import engine
from classifier.exceptions import ClassifierError
from classifier.flows import bench
from classifier.management.bars import Bars

if TYPE_CHECKING:
    from classifier.cnn.bench import Comparison, Way


class Command(BaseCommand):
    """Print photos per second of each way to run the network, and the ratio to plain torch."""

    help = (
        "Run the network in every way there is here, turn by turn on the same photos, and print "
        "how quick each is and whether it says the same as plain torch."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("--photos", type=Path, metavar="PATH", help="Folder or archive (../shared/photos).")
        add("--count", type=int, default=2000, help="Photos to look at (2,000).")
        add("--threads", type=int, default=2, help="Cores to use (2).")
        add("--weights", type=Path, metavar="FILE", help="Default: the shipped model.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, and print the table."""
        if missing := engine.missing():
            raise CommandError(f"{missing[0]} is not installed here: run make install.")
        if options["count"] < 1 or options["threads"] < 1:
            raise CommandError("--count and --threads need 1 at least.")
        console = Console(stderr=True, soft_wrap=True)
        try:
            look = bench.network(options["weights"], options["threads"])
            source = options["photos"] or _given()
            with Bars(console) as bars:
                files = bench.photos(source, options["count"])
                compared = bench.compare(look, files, options["threads"], bars)
                whole = bench.end_to_end(look, files, bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        out = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        kind = f"photos of {source}" if source else "drawn pictures, which are no test of agreement"
        size = look.spec.preprocessing.size
        out.print(
            f"{look.name} ({look.spec.arch}, {size} x {size} pixels) on {compared.threads} "
            f"threads; {len(files):,} {kind}",
            highlight=False,
        )
        out.print(_table(compared))
        for line in _verdict(compared, look.kind, whole):
            out.print(line, highlight=False)


def _given() -> Path | None:
    """Return the photos that lie beside the project, if they do."""
    path = Path(settings.BASE_DIR).parent / "shared" / "photos"
    return path if path.is_dir() else None


def _table(compared: Comparison) -> Table:
    table = Table()
    table.add_column("way", no_wrap=True)
    for name in ("photos/s", "x plain", "other labels", "verdicts", "P off by"):
        table.add_column(name, justify="right")
    for way in compared.ways:
        table.add_row(*_row(compared, way))
    return table


def _row(compared: Comparison, way: Way) -> list[str]:
    if way.failed:
        return [way.kind, way.failed]
    return [
        way.kind,
        f"{way.rate:.1f}",
        f"{compared.ratio(way):.2f}",
        f"{way.other_labels} of {way.photos:,}",
        str(way.other_verdicts),
        f"{way.off:.4f}",
    ]


def _verdict(compared: Comparison, kind: str, whole: float) -> list[str]:
    quickest = compared.quickest()
    ratio = compared.ratio(quickest)
    met = "met" if ratio >= compared.target else "missed"
    has = "has bf16" if compared.bf16 else "has no bf16"
    target = (
        f"This processor {has}, so the target is {compared.target:.0f} times plain torch: "
        f"{met} by {quickest.kind} with {ratio:.1f} times."
    )
    served = (
        f"Here the classifier runs with {kind}. From file to verdict, decoding and resizing "
        f"included: {whole:.1f} photos/s."
    )
    return [target, served]
