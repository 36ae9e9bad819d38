"""Labelling by command: all that waits, and on again after a stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from challenges.models import Photo
from challenges.models.photos import Animal
from classifier import engine
from classifier.flows import label
from tests import pets


def wait(count: int) -> None:
    """Let so many photos wait for a label."""
    for _ in range(count):
        pets.photo(Animal.CAT)
    Photo.objects.update(status=Photo.Status.UNLABELLED, label="")


def propose(count: int) -> int:
    """Label so many of those that wait."""
    some = Photo.objects.awaiting_label().values("pk")[:count]
    return Photo.objects.filter(pk__in=list(some.values_list("pk", flat=True))).update(
        status=Photo.Status.PROPOSED, label="cat"
    )


def test_it_labels_all_and_says_what_cannot_be_read(
    db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def portions(until: float) -> Iterator[int]:
        yield propose(3)
        yield propose(2)

    wait(6)
    monkeypatch.setattr(label, "_portions", portions)
    monkeypatch.setattr(engine, "missing", list)
    call_command("label_photos")
    said = capsys.readouterr()
    assert said.out == "5 photos were labelled. 1 cannot be read; the log says why.\n"
    assert "Labelling: 5 of 6" in said.err


def test_after_ctrl_c_it_says_how_many_are_left(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def portions(until: float) -> Iterator[int]:
        yield propose(3)
        raise KeyboardInterrupt

    wait(5)
    monkeypatch.setattr(label, "_portions", portions)
    monkeypatch.setattr(engine, "missing", list)
    with pytest.raises(CommandError) as stopped:
        call_command("label_photos")
    assert str(stopped.value) == (
        "Stopped. 2 photos still wait for a label: run the same again to go on."
    )
    assert stopped.value.returncode == 130


def test_without_torch_it_says_what_to_do(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    with pytest.raises(CommandError, match=r"^torch is not installed here: run make install"):
        call_command("label_photos")


def test_only_one_labels_at_a_time(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def __init__(self, lock: object) -> None:
            pass

        def __enter__(self) -> bool:
            return False

        def __exit__(self, *args: object) -> None:
            pass

    monkeypatch.setattr(label, "try_lock", Busy)
    monkeypatch.setattr(engine, "missing", list)
    with pytest.raises(CommandError, match="Another process labels photos now"):
        call_command("label_photos")
