"""The network proposes, a person decides."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from kombu.exceptions import OperationalError
from PIL import Image

from challenges import imaging
from challenges.locks import Lock
from challenges.models import Batch, Label, Photo
from challenges.models.photos import Animal
from challenges.signals import photos_unlabelled
from classifier import engine, tasks
from classifier.flows import label
from tests import pets
from tests.drawn import picture


class Prediction:
    """What a network says, without a network."""

    def __init__(self, said: str, p_cat: float, confidence: float) -> None:
        self.label, self.p_cat, self.confidence = said, p_cat, confidence


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[Prediction]:
    """Return what the network will say, photo by photo; the last word is repeated."""
    words = [Prediction("cat", 0.97, 0.97)]

    def predict(images: Sequence[Image.Image]) -> list[Prediction]:
        return [words.pop(0) if len(words) > 1 else words[0] for _ in images]

    monkeypatch.setattr(engine, "predict", predict)
    monkeypatch.setattr(engine, "name", lambda: "net-1")
    monkeypatch.setattr(engine, "missing", list)
    return words


def unlabelled(*, file: bool = True, trust: bool = False) -> Photo:
    """Return a photo that waits for a label."""
    photo = pets.photo(Animal.CAT)
    photo.status, photo.label = Photo.Status.UNLABELLED, ""
    photo.save()
    Batch.objects.filter(pk=photo.batch.pk).update(trust_labels=trust)
    if file:
        data = imaging.strip(picture(photo.pk % 1000))
        default_storage.save(photo.storage_name, ContentFile(data))
    return photo


def now(photo: Photo) -> tuple[str, str]:
    """Return status and label as they are now."""
    photo.refresh_from_db()
    return photo.status, photo.label


def test_it_proposes_and_keeps_what_it_saw(db: None, says: list[Prediction]) -> None:
    photo = unlabelled()
    assert label.label_waiting(60) == 1
    assert now(photo) == ("proposed", "cat")
    said = Label.objects.get()
    assert (said.source, said.model, said.p_cat, said.confidence) == ("cnn", "net-1", 0.97, 0.97)
    assert said.person is None


@pytest.mark.parametrize(
    ("said", "after"),
    [
        (Prediction("dog", 0.05, 0.95), ("pooled", "dog")),
        (Prediction("dog", 0.2, 0.8), ("proposed", "dog")),
        (Prediction("neither", 0.5, 0.99), ("proposed", "neither")),
    ],
)
def test_a_trusted_batch_is_pooled_when_it_is_clear(
    db: None, says: list[Prediction], said: Prediction, after: tuple[str, str]
) -> None:
    says[:] = [said]
    photo = unlabelled(trust=True)
    label.label_waiting(60)
    assert now(photo) == after


def test_it_never_overrules_a_person(
    db: None, says: list[Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = unlabelled()

    def slow(images: Sequence[Image.Image]) -> list[Prediction]:
        Photo.objects.filter(pk=photo.pk).update(status="rejected")
        return [Prediction("cat", 0.99, 0.99)]

    monkeypatch.setattr(engine, "predict", slow)
    label.label_waiting(60)
    assert now(photo)[0] == "rejected"
    assert not Label.objects.exists()


def test_it_works_through_many_in_batches(db: None, says: list[Prediction]) -> None:
    photos = [unlabelled() for _ in range(label.BATCH + 3)]
    assert label.label_waiting(60) == len(photos)
    assert not Photo.objects.awaiting_label().exists()


def test_a_missing_file_holds_nobody_up(db: None, says: list[Prediction]) -> None:
    lost, fine = unlabelled(file=False), unlabelled()
    assert label.label_waiting(60) == 1
    assert (now(lost)[0], now(fine)[0]) == ("unlabelled", "proposed")


def test_one_process_at_a_time(
    db: None, says: list[Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, wanted = unlabelled(), []

    class Busy:
        def __init__(self, lock: Lock) -> None:
            wanted.append(lock)

        def __enter__(self) -> bool:
            return False

        def __exit__(self, *args: object) -> None:
            pass

    monkeypatch.setattr(label, "try_lock", Busy)
    assert label.label_waiting(60) == 0
    assert wanted == [Lock.LABELLING]
    assert now(photo)[0] == "unlabelled"


def test_without_torch_it_says_so_in_one_line(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    photo = unlabelled()
    with caplog.at_level(logging.WARNING):
        tasks.label_waiting()
    (record,) = caplog.records
    assert record.getMessage() == (
        "photos wait for a label, but torch is not installed here: run make install, or label "
        "them in the admin"
    )
    assert now(photo)[0] == "unlabelled"


def test_without_photos_nothing_is_loaded(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise AssertionError

    monkeypatch.setattr(engine, "missing", fail)
    assert label.label_waiting(60) == 0


def test_new_photos_are_labelled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **said: sent.append(name))
    photos_unlabelled.send(sender=Photo)
    assert sent == ["classifier.tasks.label_waiting"]


def test_a_broker_that_is_away_is_no_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: object, **said: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(current_app, "send_task", away)
    with caplog.at_level(logging.WARNING):
        photos_unlabelled.send(sender=Photo)
    assert "cannot be told of new photos" in caplog.text
