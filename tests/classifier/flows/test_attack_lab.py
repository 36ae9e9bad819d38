"""What the lab says of the project's aims, whether its results are kept or not."""

from __future__ import annotations

import dataclasses
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.management import call_command

from classifier.flows import attack_lab
from classifier.lab.ladder import Step
from classifier.lab.left_out import LeftOut
from classifier.lab.run import Lab, Measured, Plan
from classifier.models import AttackRun
from classifier.progress import Quiet
from tests.classifier import reported

pytestmark = pytest.mark.django_db


def found(solved: int, attacker: str = "clean-nobody", rung: str = "clean") -> Measured:
    """Return what the lab found of an attacker on hardened tiles."""
    said = cast("Any", reported.result(solved))
    return Measured(Step(attacker, rung, "hardened"), said, f"{attacker}{solved}", "ab" * 32)


def test_the_aims_stand_beside_what_was_measured_and_nothing_is_stored() -> None:
    plan = Plan(640, (100,), (), 1)
    # On tiles of the next rotation it is no aim.
    later = dataclasses.replace(found(9_000), key="later", age=1)
    first, *others = attack_lab.aims([found(20), later, found(2_000, "oracle-60", "oracle")], plan)
    assert first.solved is not None
    assert (first.solved.hits, first.solved.n) == (20, reported.CHALLENGES)
    assert first.verdict == "met"
    assert others[1].verdict == "not measured"
    assert not AttackRun.objects.exists()


@pytest.mark.parametrize(("store", "end"), [
    (False, "--store (make attack-lab with STORE=1)"), (True, "These results are kept"),
])  # fmt: skip
def test_the_command_ends_with_the_aims_and_how_to_keep_the_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: bool, end: str
) -> None:
    lab = Lab(Plan(), tmp_path, Quiet())
    lab.family = [LeftOut("veil", "a judge", 100, 61, 80, -0.25, -0.12)]
    monkeypatch.setattr(attack_lab, "run", lambda *_, **__: ([found(20)], lab))
    out = StringIO()
    call_command("attack_lab", "photos", store=store, stdout=out)
    said = out.getvalue()
    assert said.index("What we aim at") < said.index(end)
    assert "met" in said
    (row,) = (line for line in said.splitlines() if "veil" in line)
    for word in ("80.0%", "61.0%", "-25.0 to -12.0", "yes"):
        assert word in row
