"""What counts as measured: photos, and not the pictures that come with Pawcha."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from classifier.doors.doors import Door
from classifier.flows.measuring import Turn, kind_of_tiles, measured
from classifier.flows.truths import Truth
from classifier.flows.visiting import Visit
from classifier.progress import Quiet

CATS = (True, False, True, False)
TURN = Turn(1, (0.9, 0.1, 0.8, 0.2), passed=True, more=False, looked=1.0)
PHOTOS = Truth(
    cats=CATS, counted=(True,) * 4, groups=(1, 2, 3, 4), hardened=(False,) * 4, pushed=(None,) * 4,
    rounds=1, state="passed", headline=None,
)  # fmt: skip
STARTER = replace(PHOTOS, starter=True)


def guest(issued: int) -> Visit:
    """Return a visit to which so many challenges were handed out."""
    return Visit(cast("Door", None), 0.0, Quiet(), issued=issued)


def test_challenges_with_a_starter_picture_are_left_out() -> None:
    said = measured([(TURN, PHOTOS), (TURN, PHOTOS), (TURN, STARTER)], guest(3), 9.0)
    assert (said["challenges"], said["issued"], said["passed"]) == (2, 2, 2)
    assert (said["starter"], said["left_out"]) == (False, 1)
    assert said["per_1000"] == 1000
    assert said["seconds"] == 6.0
    assert kind_of_tiles([PHOTOS, STARTER]) == ("plain", "")


def test_when_all_hold_one_that_is_measured_and_said() -> None:
    said = measured([(TURN, STARTER)], guest(1), 3.0)
    assert (said["challenges"], said["starter"], said["left_out"]) == (1, True, 0)
    assert kind_of_tiles([STARTER]) == ("mixed", "")


def test_without_any_challenge_nothing_is_starter() -> None:
    assert kind_of_tiles([]) == ("plain", "")
