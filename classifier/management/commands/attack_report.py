"""Write the report on attacks: as a page of its own, as JSON or as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.flows import attack_report
from classifier.reports import attack_figures, attack_page
from classifier.reports.attack_summary import Report

STYLE: Final = "classifier/report/style.css"
FORMATS: Final = ("html", "json", "csv")


class Command(BaseCommand):
    """Print the attack report, the same that everybody sees at /report/."""

    help = (
        "Print how well bots do, from the stored runs of attackers: a page that needs nothing but "
        "itself, or the same figures as JSON or CSV. Nothing in it is secret."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        parser.add_argument("--format", choices=FORMATS, default="html")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Where to write it (stdout).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Put the report together, and write it."""
        found = attack_report.make()
        text = _write(found, options["format"])
        out: Path | None = options["out"]
        if out is None:
            self.stdout.write(text, ending="")
        else:
            try:
                out.write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{out} cannot be written: {error.strerror}.") from error
            self.stdout.write(f"The report is in {out}.")
        if found.empty:
            self.stderr.write('No run is stored yet: run make attack-lab PHOTOS="..." STORE=1.')


def _write(found: Report, form: str) -> str:
    if form == "json":
        return attack_figures.as_json(found) + "\n"
    if form == "csv":
        return attack_figures.as_csv(found)
    base = settings.PUBLIC_URL
    return attack_page.page(found, base=base, public_url=base, style=_style())


def _style() -> str:
    """Return the style sheet, to be part of the page."""
    file = finders.find(STYLE)
    return Path(file).read_text(encoding="utf-8") if isinstance(file, str) else ""
