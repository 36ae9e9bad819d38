"""manage.py retrain"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from classifier.exceptions import BadData
from classifier.flows import retrain
from classifier.models import Retraining


def told(*words: str) -> str:
    """Return what the command prints."""
    out = io.StringIO()
    call_command("retrain", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def does(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Return a way to say how the retraining ends; there are enough photos."""
    monkeypatch.setattr(retrain, "LEAST_EACH", 0)

    def say(error: BaseException | None) -> None:
        def run(row: Retraining, **options: Any) -> Retraining:
            if error:
                raise error
            row.said = "pool-1 is not worse. It labels now."
            return row

        monkeypatch.setattr(retrain, "run", run)

    return say


def test_it_prints_the_decision(does: Callable[[BaseException | None], None]) -> None:
    does(None)
    assert told("--epochs", "3") == "pool-1 is not worse. It labels now.\n"
    config = Retraining.objects.get().config
    assert (config["data"], config["epochs"]) == (["pool"], 3)


def test_it_says_when_it_goes_on_with_another(does: Callable[[BaseException | None], None]) -> None:
    does(None)
    row = retrain.ask("schedule")
    assert f"Going on with {row.name}" in told()


@pytest.mark.parametrize(
    ("error", "said"),
    [(BadData("No photos."), "No photos"), (KeyboardInterrupt(), "Stopped")],
)
def test_it_says_why_not(
    does: Callable[[BaseException | None], None], error: BaseException, said: str
) -> None:
    does(error)
    with pytest.raises(CommandError, match=said):
        told()


def test_too_few_photos_are_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match=r"there are 0 and 0\. Review more photos in the admin"):
        told()


def test_an_impossible_config_is_a_sentence(does: Callable[[BaseException | None], None]) -> None:
    does(None)
    with pytest.raises(CommandError, match="--epochs"):
        told("--epochs", "0")
