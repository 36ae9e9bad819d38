"""manage.py classifier_version"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from classifier.flows import versions
from classifier.models import ModelVersion
from tests.classifier.made import a_run, shipped

__all__ = ["shipped"]


def told(*words: str) -> str:
    """Return what the command prints."""
    out = io.StringIO()
    call_command("classifier_version", *words, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _run(db: None, shipped: Path, tmp_path: Path) -> None:
    assert "To let it label: manage.py classifier_version promote net-1" in told(
        "add", str(a_run(tmp_path, "net-1"))
    )


def test_it_promotes_and_rolls_back() -> None:
    assert told("promote", "net-1") == "net-1 labels from now on; no worker needs a restart.\n"
    assert ModelVersion.objects.get().promoted_by == "command"
    assert "the shipped model (shipped-1) labels from now on" in told("rollback")
    assert versions.active_name() == "shipped-1"


def test_it_lists_versions_with_their_figures() -> None:
    told("promote", "net-1")
    page = told("list")
    assert "Labels now: net-1" in page
    listed = json.loads(told("list", "--json"))
    assert listed["labels_now"] == "net-1"
    (row,) = listed["versions"]
    assert (row["status"], row["ece"]) == ("active", "0.012")
    assert row["accuracy"] == "98.0 % (89.3 to 100.0)"


def test_it_lists_nothing_kindly() -> None:
    ModelVersion.objects.all().delete()
    assert told("list") == "Labels now: shipped-1\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["promote", "net-9"], "There is no version 'net-9'"),
        (["rollback"], "nothing to roll back to"),
        (["add", "/nowhere"], "name the folder of a finished training"),
    ],
)
def test_it_says_what_is_wrong(words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        told(*words)
