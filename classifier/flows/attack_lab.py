"""The attack lab as a job: photos from disk, results into stored runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from classifier.exceptions import BadData
from classifier.flows import attack_rows, photosets
from classifier.models import AttackRun
from classifier.progress import Progress
from classifier.reports import attack_aims, attack_words

if TYPE_CHECKING:
    from classifier.lab.run import Lab, Measured, Plan


def run(
    data: Sequence[str], plan: Plan, folder: Path, progress: Progress, *, store: bool
) -> tuple[list[Measured], Lab]:
    """Run the lab on photos of folders and archives; with `store` keep each result as a row.

    Returns the results, and the lab: what it found out about the family of recipes, and how long
    each stage took. Raises BadData, and NoSuchNetwork or WeightsError when a network is missing.
    """
    from classifier.lab.run import Lab

    if not data:
        raise BadData("Give photos: a folder with class folders, or archives.")
    lab = Lab(plan, folder, progress)
    found = []
    for one in lab.run(photosets.files(data)):
        found.append(one)
        if store:
            keep(one, plan)
    return found, lab


def keep(one: Measured, plan: Plan) -> AttackRun:
    """Keep a result as a row; the same result makes no second one."""
    kept, _ = AttackRun.objects.get_or_create(key=one.key, defaults=_row(one, plan))
    return kept


def aims(found: Sequence[Measured], plan: Plan) -> tuple[attack_aims.Aim, ...]:
    """Return how far the project's aims are reached by these results, stored or not."""
    rows = [
        AttackRun(pk=place, key=one.key, **_row(one, plan))
        for place, one in enumerate(found, 1)
        if not one.age
    ]
    runs = [run for run in map(attack_rows.read, rows) if run]
    return attack_aims.of(
        run for run in runs if not run.flaws and attack_words.rung(run.rung).attacks
    )


def _row(one: Measured, plan: Plan) -> dict[str, Any]:
    from classifier import panel

    step, now = one.step, timezone.now()
    return {
        "attacker": step.attacker,
        "rung": step.rung,
        "door": AttackRun.Door.LAB,
        "tiles": step.tiles,
        "state": AttackRun.State.DONE,
        "learned": step.learned,
        "recipes": one.hardening,
        "config": {
            "command": "attack_lab",
            "seed": plan.seed,
            "photos": plan.audit,
            "split": "audit photos were seen by no surrogate and by no attacker",
            "panel": panel.fingerprint(),
            "age": one.age,
        },
        "result": one.result,
        "started_at": now - timedelta(seconds=one.result["seconds"]),
        "finished_at": now,
    }
