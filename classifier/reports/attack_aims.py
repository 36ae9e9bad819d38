"""The aims of the project, and how far each is reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from classifier.reports.attack_runs import HARDENED, Rate, Run
from classifier.reports.attack_summary import Report


@dataclass(frozen=True, slots=True)
class Target:
    """What an attacker may solve at most, and what we aim at, 0..1; None: only published.

    `rungs` are beginnings of names of rungs; `learned` tells those apart that learn from our tiles.
    """

    title: str
    rungs: tuple[str, ...]
    at_most: float | None
    goal: float
    learned: int = 0


TARGETS: Final = (
    Target("Unseen network, trained on plain photos", ("clean",), 0.05, 0.01),
    Target("With the best cleaning, or reversed", ("preprocess", "clean"), 0.15, 0.05),
    Target("Trained on 1,000 of our pictures", ("tiles",), 0.35, 0.15, learned=1_000),
    Target("Trained on 10,000 of our pictures", ("tiles",), None, 0.50, learned=10_000),
)


@dataclass(frozen=True, slots=True)
class Aim:
    """How far a target is: the run that decides, its rate, and the verdict in words."""

    target: Target
    run: Run | None
    solved: Rate | None
    verdict: str


def aims(report: Report) -> tuple[Aim, ...]:
    """Return how far each target is reached, on hardened pictures."""
    return of(report.telling)


def of(runs: Iterable[Run]) -> tuple[Aim, ...]:
    """Return the same for these runs, which are sound ones of real attackers."""
    known = tuple(runs)
    return tuple(_aim(target, known) for target in TARGETS)


def _aim(target: Target, runs: Iterable[Run]) -> Aim:
    chosen = [
        one
        for one in runs
        if one.tiles == HARDENED
        and one.rung.startswith(target.rungs)
        # Who learns from our pictures may begin with any network; else it must be one unseen.
        and (one.learned == target.learned if target.learned else not one.seen)
    ]
    first = target is TARGETS[0]

    def told(run: Run) -> Rate:
        return run.solved if first else run.before

    # Which of them shows most: a few lucky challenges at a door show little.
    run = max(chosen, key=lambda one: (told(one).low, told(one).share), default=None)
    if run is None:
        return Aim(target, None, None, "not measured")
    strong = any(one.weak is False and not one.seen for one in chosen)
    return Aim(target, run, told(run), _verdict(target, told(run), strong=strong))


def _verdict(target: Target, found: Rate, *, strong: bool) -> str:
    """Return the verdict. Met is only what a strong attacker's whole interval is under."""
    most = target.at_most
    if most is not None and found.share > most:
        return "missed"
    if not strong:
        return "not shown: only weak attackers"
    if found.high <= target.goal:
        return "goal met"
    if most is None:
        return "published"
    return "met" if found.high <= most else "not sure yet"
