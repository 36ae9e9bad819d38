"""Train a network on labelled photos."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from classifier.exceptions import ClassifierError
from classifier.flows import runs
from classifier.flows import train as training
from classifier.management.bars import Bars

if TYPE_CHECKING:
    from classifier.cnn.config import TrainingConfig

# Learning rates that suit a gentle fine-tuning and a start from nothing.
GENTLE: Final = 1e-4
SCRATCH: Final = 2e-3
STOPPED: Final = "Stopped after the last whole epoch. Go on with the same command and --resume."


class Command(BaseCommand):
    """Train a network, and leave a folder with its weights, figures and report."""

    help = (
        "Train a network on a folder of class folders, on archives as import_photos reads them, "
        "or on the reviewed pool. Two classes or more."
    )
    # Training needs no database unless it reads the pool.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the options."""
        add = parser.add_argument
        add("data", nargs="+", metavar="DATA", help="Folders, archives, or the word pool.")
        add("--arch", help="A network of timm's, or pawnet, our own small one.")
        start = parser.add_mutually_exclusive_group()
        start.add_argument("--pretrained", action="store_true", help="From ImageNet (default).")
        start.add_argument("--scratch", action="store_true", help="From nothing.")
        add("--epochs", type=int, default=8, help="Times through the photos (8).")
        add("--lr", type=float, help=f"Highest learning rate ({GENTLE}; scratch {SCRATCH}).")
        add("--batch", type=int, default=32, help="Photos a step (32).")
        add("--image-size", type=int, default=224, help="Side of the square in pixels (224).")
        add("--augment", default="flip,rotate,zoom,colour", help="flip,rotate,zoom,colour,erase.")
        add("--seed", type=int, default=1, help="Of the split and of everything random (1).")
        add("--out", type=Path, metavar="FOLDER", help="The run's folder (var/runs/...).")
        add("--resume", action="store_true", help="Go on with the run in --out.")
        add("--freeze", type=int, default=0, help="Stages that keep their weights (0).")
        add("--no-probe", dest="probe", action="store_false", help="Do not fit the head first.")
        add("--no-blend", dest="blend", action="store_false", help="Do not mix with the start.")
        add("--average", type=float, default=0.99, help="Running mean of weights, 0: none (0.99).")
        add("--smooth", type=float, default=0.0, help="Share of a label spread over all (0).")
        add("--dropout", type=float, default=0.2, help="Before the last layer, 0..1 (0.2).")
        add("--weight-decay", type=float, default=0.05, help="Pull of weights to 0 (0.05).")
        add("--patience", type=int, default=5, help="Epochs without progress before the end (5).")
        add("--limit", type=int, default=0, help="Training photos of each class, 0: all.")
        add("--val-share", type=float, default=0.1, help="Share of photos to validate with (0.1).")
        add("--test-share", type=float, default=0.15, help="Share of photos to test with (0.15).")
        add("--threads", type=int, default=0, help="Threads to compute with (as torch likes).")
        add("--workers", type=int, default=1, help="Processes that prepare photos (1).")
        add("--flips", action="store_true", help="The network also looks in the mirror: slower.")
        add("--no-half", dest="half", action="store_false", help="No short floats.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, or say in one sentence why not."""
        try:
            config = _config(argparse.Namespace(**options))
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        out = options["out"] or _new_folder(config)
        console = Console(file=self.stdout, soft_wrap=True)  # type: ignore[arg-type]
        try:
            with Bars(console) as bars:
                training.train(config, out, resume=options["resume"], progress=bars)
        except ClassifierError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(f"{STOPPED} --out {out}", returncode=130) from None
        self.stdout.write(_summary(runs.read(out)))


def _config(said: argparse.Namespace) -> TrainingConfig:
    from classifier.cnn.config import TrainingConfig

    names = {field.name for field in fields(TrainingConfig)}
    options = {name: value for name, value in vars(said).items() if name in names}
    default = "pawnet" if said.scratch else "tf_efficientnet_lite0"
    options |= {
        "data": tuple(said.data),
        "arch": said.arch or default,
        "pretrained": not said.scratch,
        "lr": said.lr or (SCRATCH if said.scratch else GENTLE),
    }
    return TrainingConfig(**options).checked()


def _new_folder(config: TrainingConfig) -> Path:
    now = timezone.localtime().strftime("%Y-%m-%d-%H%M%S")
    return Path(settings.PAWCHA_VAR) / "runs" / f"{now}-{config.arch}"


def _summary(run: runs.Run) -> str:
    test = run.result["test"]
    low, high = test["interval"]
    return (
        f"Of {test['n']} photos that took no part in training {test['right']} are named right: "
        f"{test['accuracy']:.2%} ({low:.2%} to {high:.2%}).\n"
        f"ECE {test['ece_before']:.4f}, and {test['ece_after']:.4f} after calibration.\n"
        f"The run is in {run.folder}."
    )
