"""Measure the whole ladder of attackers on plain and hardened tiles of photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from classifier.exceptions import ClassifierError
from classifier.flows import attack_lab
from classifier.management.bars import Bars
from classifier.management.gently import gently
from classifier.reports.attack_aims import Aim
from classifier.reports.words import between, percent

if TYPE_CHECKING:
    from classifier.lab.left_out import LeftOut
    from classifier.lab.run import Measured
    from classifier.lab.stages import Stages

STOPPED = "Stopped. The same command goes on where it stood."
KEPT = "These results are kept: see /report/."
NOT_KEPT = (
    "These results are not in the report yet. Keep them for /report/ with the same command and "
    "--store (make attack-lab with STORE=1): nothing is measured again."
)


class Command(BaseCommand):
    """Run the lab, print the table and how long each stage took."""

    help = (
        "Measure every attacker on plain and hardened tiles of photos that no network has seen. "
        "What was made is kept: a run that was stopped goes on where it stood."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("data", nargs="+", metavar="PHOTOS", help="Folders of class folders, or archives.")
        add("--photos", type=int, default=640, help="Photos to attack (640).")
        add("--sizes", default="100,1000", help="Tiles that learners learn from (100,1000).")
        add("--full", action="store_true", help="Learn from 10,000 tiles, too.")
        add("--only", default="", help="Attackers by name, with commas (all).")
        add("--seed", type=int, default=1, help="Of crops, recipes and coins (1).")
        add("--folder", type=Path, help="Where everything is kept (var/lab).")
        add("--store", action="store_true", help="Keep the results for /report/.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or say in one sentence why not."""
        from classifier.lab.run import FULL, Plan

        sizes = FULL if options["full"] else tuple(_numbers(options["sizes"]))
        only = tuple(name for name in options["only"].split(",") if name)
        plan = Plan(options["photos"], sizes, only, options["seed"])
        folder = options["folder"] or Path(settings.PAWCHA_VAR) / "lab"
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        try:
            with gently(), Bars(console) as bars:
                found, lab = attack_lab.run(
                    options["data"], plan, folder, bars, store=options["store"]
                )
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(STOPPED, returncode=130) from None
        console.print(_table(found))
        if lab.family:
            console.print(_family(lab.family))
        console.print(_times(lab.stages))
        console.print(_aims(attack_lab.aims(found, plan)))
        console.print(KEPT if options["store"] else NOT_KEPT)


def _numbers(said: str) -> list[int]:
    try:
        found = [int(one) for one in said.split(",")]
    except ValueError:
        raise CommandError(
            f"--sizes is {said}: give numbers with commas, such as 100,1000."
        ) from None
    if not found or min(found) < 20:
        raise CommandError("--sizes: a learner wants 20 tiles at least.")
    return found


def _table(found: list[Measured]) -> Table:
    table = Table(title="The ladder")
    for name in ("attacker", "tiles", "learned", "photos", "clean", "challenges", "95 %", "worst"):
        table.add_column(name)
    for one in found:
        result, photos, clean = one.result, one.result["photos"], one.result["clean"]
        low, high = result["interval"]
        table.add_row(
            one.step.attacker,
            f"{one.step.tiles}, a rotation later" if one.age else one.step.tiles,
            str(one.step.learned or ""),
            f"{photos['right'] / photos['seen']:.1%}",
            f"{clean['right'] / clean['seen']:.1%}" if clean else "",
            f"{result['solved'] / result['challenges']:.2%}",
            f"{low:.2%} to {high:.2%}",
            f"{result['worst']['rate']:.2%} ({result['worst']['which']})",
        )
    return table


def _family(found: Sequence[LeftOut]) -> Table:
    table = Table(title="Photos read rightly of each recipe, after learning from")
    for name in ("recipe", "network", "all recipes", "the others", "difference, 95 %", "belongs"):
        table.add_column(name)
    for one in found:
        table.add_row(
            one.recipe,
            one.network,
            f"{one.every / one.seen:.1%}",
            f"{one.others / one.seen:.1%}",
            f"{100 * one.low:+.1f} to {100 * one.high:+.1f} points",
            "yes" if one.harder else "not shown",
        )
    return table


def _aims(found: Sequence[Aim]) -> Table:
    table = Table(title="What we aim at, on hardened tiles")
    for name in ("attacker", "at most", "goal", "measured", "95 %", "verdict"):
        table.add_column(name)
    for one in found:
        most, solved = one.target.at_most, one.solved
        table.add_row(
            one.target.title,
            "published" if most is None else percent(most),
            percent(one.target.goal),
            percent(solved.share) if solved else "–",
            between(solved.low, solved.high) if solved else "",
            one.verdict,
        )
    return table


def _times(stages: Stages) -> Table:
    table = Table(title="Times")
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    for name, seconds in stages.seconds.items():
        table.add_row(
            name.removeprefix("runs/") + (" (kept)" if name in stages.kept else ""),
            f"{seconds:.0f}",
        )
    return table
