"""Attack our own front door as a bot would, and say how far it came."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import attack, ladder, spying
from classifier.flows.visiting import Plan, site_named
from classifier.management import attack_tables
from classifier.management.bars import Bars
from classifier.management.gently import gently
from classifier.models import AttackRun

# Where it is no terminal, a line of a table has room for so many characters.
WIDTH: Final = 150


class Command(BaseCommand):
    """manage.py attack --site KEY --base-url URL --attacker NAME --challenges N"""

    help = (
        "Solve challenges of one of your sites as a bot does, through the real HTTP API, and print "
        "how often that works beside what was predicted. It goes only to addresses that "
        "PAWCHA_ATTACK_URLS names as yours. Ctrl-C ends it with what there is by then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("--site", required=True, metavar="KEY", help="The site's public key.")
        add(
            "--base-url",
            required=True,
            metavar="URL",
            help="Where it answers, such as https://pawcha.example.org",
        )
        add(
            "--attacker",
            required=True,
            metavar="NAME",
            help=f"{spying.NAME}, or one of the ladder; an unknown name lists them.",
        )
        add("--challenges", type=int, default=100, metavar="N", help="How many to solve (100).")
        add(
            "--door",
            choices=("widget", "fallback"),
            default="widget",
            help="The widget's API, or the plain page.",
        )
        add(
            "--limits",
            choices=("on", "off"),
            default="on",
            help="off: no limit of the service holds for this bot.",
        )
        add(
            "--patience",
            type=float,
            default=600,
            metavar="SECONDS",
            help="How long to wait in all when the service asks to (600).",
        )
        add(
            "--learn",
            type=int,
            default=100,
            metavar="N",
            help="From how many of your tiles a learner has learned before (100).",
        )
        add("--json", action="store_true", help="Print the run as one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Attack, and print what came of it."""
        if options["challenges"] < 1 or options["patience"] < 0:
            raise CommandError("--challenges needs 1 at least, --patience 0.")
        console = Console(stderr=True, soft_wrap=True)
        try:
            plan = Plan(
                site=site_named(options["site"]),
                url=options["base_url"],
                challenges=options["challenges"],
                door=options["door"],
                limits=options["limits"] == "on",
                patience=options["patience"],
            )
            with gently(), Bars(console) as bars:
                row = self._run(plan, options["attacker"], options["learn"], bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped before the first answer.", returncode=130) from None
        self._tell(row, as_json=options["json"])

    def _run(self, plan: Plan, name: str, learn: int, bars: Bars) -> AttackRun:
        if name == spying.NAME:
            return spying.spy(plan, bars)
        return attack.attack(plan, ladder.ready(name, learn, bars), bars)

    def _tell(self, row: AttackRun, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(attack_tables.as_json(row)))
            return
        out = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        if not out.is_terminal:
            out.width = WIDTH
        lines = (
            attack_tables.spied(row) if row.attacker == spying.NAME else attack_tables.attacked(row)
        )
        for line in lines:
            out.print(line, highlight=False, markup=False)
