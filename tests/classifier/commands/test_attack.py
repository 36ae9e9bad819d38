"""manage.py attack: what an operator types, and what is printed."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from classifier.models import AttackRun
from tests.challenges.conftest import Live
from tests.classifier.flows.front_door import Stocking, attacked, live, ours, quick

__all__ = ["live", "ours", "quick"]


def run(live: Live, *words: str, **more: str) -> str:
    """Run the command as it is typed, and return what it prints."""
    options = {"site": live.sitekey, "base-url": live.url, "attacker": "guessing", **more}
    typed = [part for name, value in options.items() for part in (f"--{name}", value)]
    out = io.StringIO()
    Stocking()
    call_command("attack", *typed, *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_it_says_what_came_of_it(ours: Live) -> None:
    said = run(ours, challenges="3", limits="off")
    row = AttackRun.objects.get()
    assert said.startswith(
        f"guessing, by the widget door of Shop at {ours.url}, limits off: 3 of 3"
    )
    assert "challenges solved" in said
    assert "0 of 3, 0.0 %" in said
    assert "0.0 % to 70.8 %" in said
    assert "0.024 %" in said
    assert "photos read rightly" in said
    assert "ms of looking a photo; no pass, so no price of one." in said
    assert "The limits were off for it" in said
    assert f"Kept as run {row.pk}: /report/runs/{row.pk}" in said


def test_with_limits_it_says_what_they_did(ours: Live) -> None:
    said = run(ours, challenges="2", door="fallback")
    assert "by the fallback door" in said
    assert "The limits: 0 right answers were asked for one more round; refused: nothing" in said
    assert "0.0 passes for 1,000 challenges handed out." in said
    assert {one.door for one in attacked()} == {"attack"}


def test_as_json_it_is_one_object_with_all_that_is_kept(ours: Live) -> None:
    said: dict[str, Any] = json.loads(run(ours, "--json", challenges="2", limits="off"))
    row = AttackRun.objects.get()
    assert said["run"] == row.pk
    assert said["result"] == row.result
    assert said["config"]["limits"] is False
    assert (said["attacker"], said["door"], said["site"]) == ("guessing", "widget", ours.sitekey)


def test_side_channels_are_an_attacker_too(ours: Live) -> None:
    said = run(ours, challenges="4", limits="off", attacker="side-channels")
    assert "byte length" in said
    assert "too few" in said
    assert "a clean service is accused of anything in 1% of runs at most (Holm)" in said
    assert AttackRun.objects.get().rung == "side-channels"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"base-url": "https://elsewhere.example"}, "goes only to http://"),
        ({"site": "nobody"}, "No site that is served here has the key 'nobody'"),
        (
            {"attacker": "nobody"},
            r"No attacker 'nobody' can come(.|\n)*Guessing: guessing",
        ),
        ({"attacker": "oracle-60"}, "No attacker 'oracle-60' can come to the door"),
        ({"challenges": "0"}, "--challenges needs 1 at least"),
    ],
)
def test_a_mistake_is_told_in_a_sentence_and_sends_nothing(
    ours: Live, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(ours, **options)
    assert attacked() == []
    assert not AttackRun.objects.exists()


def test_another_installation_does_not_let_it_in(
    ours: Live, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("challenges.state.leave_ticket", lambda *args, **more: None)
    with pytest.raises(CommandError, match="does not know the ticket of this attack"):
        run(ours, challenges="2")
    assert attacked() == []
    assert AttackRun.objects.get().state == AttackRun.State.FAILED


def test_stopped_before_the_first_answer_it_says_so(
    ours: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("classifier.flows.ladder.ready", stop)
    with pytest.raises(CommandError, match="Stopped before the first answer") as stopped:
        run(ours, challenges="2")
    assert stopped.value.returncode == 130


def test_a_service_manager_that_stops_it_is_taken_as_ctrl_c(
    ours: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def stop(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr("classifier.flows.ladder.ready", stop)
    with pytest.raises(CommandError, match="Stopped before the first answer"):
        run(ours, challenges="2")
    assert signal.getsignal(signal.SIGTERM) is before
