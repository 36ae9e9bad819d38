"""The network proposes, a person decides."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

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
from classifier.cnn.predict import Prediction
from classifier.exceptions import WeightsError
from classifier.flows import label, versions
from tests import pets
from tests.drawn import picture

NAME = "net-1"


def said(label: str, p_cat: float, confidence: float, familiar: float = 0.9) -> Prediction:
    """Return what a network says."""
    return Prediction(label, confidence, p_cat, familiar, {"cat": p_cat, "dog": 1 - p_cat})


class Network:
    """Says what it is told to, photo by photo; the last word is repeated."""

    name = NAME

    def __init__(self) -> None:
        self.words = [said("cat", 0.97, 0.97)]

    def stream(
        self, images: Iterable[tuple[Photo, Image.Image]]
    ) -> Iterator[tuple[Photo, Prediction]]:
        """Say it."""
        for photo, _ in images:
            yield photo, self.words.pop(0) if len(self.words) > 1 else self.words[0]


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Return the network that labels."""
    made = Network()
    monkeypatch.setattr(versions, "active", lambda: (Path("net-1.safetensors"), "1" * 64))
    monkeypatch.setattr(engine, "load", lambda path, sha256: made)
    monkeypatch.setattr(engine, "missing", list)
    return made


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


def test_it_proposes_and_keeps_what_it_saw(db: None, network: Network) -> None:
    photo = unlabelled()
    assert label.label_waiting(60) == 1
    assert now(photo) == ("proposed", "cat")
    kept = Label.objects.get()
    assert (kept.source, kept.model, kept.p_cat, kept.confidence) == ("cnn", NAME, 0.97, 0.97)
    assert kept.person is None
    assert (photo.p_cat, photo.certainty, photo.looked_by) == (0.97, 0.97, NAME)


def test_of_a_photo_of_neither_it_keeps_how_sure_of_that_it_is(db: None, network: Network) -> None:
    network.words = [said("dog", 0.3, 0.7, familiar=0.02)]
    unlabelled()
    label.label_waiting(60)
    kept = Label.objects.get()
    assert (kept.label, kept.p_cat) == ("neither", 0.3)
    assert kept.confidence == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("word", "after"),
    [
        (said("dog", 0.05, 0.95), ("pooled", "dog")),
        (said("dog", 0.2, 0.8), ("proposed", "dog")),
        (said("dog", 0.01, 0.99, familiar=0.1), ("proposed", "neither")),
    ],
)
def test_a_trusted_batch_is_pooled_when_it_is_clear(
    db: None, network: Network, word: Prediction, after: tuple[str, str]
) -> None:
    network.words = [word]
    photo = unlabelled(trust=True)
    label.label_waiting(60)
    assert now(photo) == after


def test_it_never_overrules_a_person(
    db: None, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = unlabelled()

    def slow(images: Iterable[tuple[Photo, Image.Image]]) -> Iterator[tuple[Photo, Prediction]]:
        for one, _ in images:
            Photo.objects.filter(pk=photo.pk).update(status="rejected")
            yield one, said("cat", 0.99, 0.99)

    monkeypatch.setattr(network, "stream", slow)
    label.label_waiting(60)
    assert now(photo)[0] == "rejected"
    assert not Label.objects.exists()


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it go on to the next portion after 3 photos."""
    monkeypatch.setattr(label, "PORTION", 3)


def test_it_works_through_many_in_portions(
    db: None, network: Network, small_portions: None
) -> None:
    for _ in range(8):
        unlabelled()
    assert list(label.label_all()) == [3, 3, 2]
    assert not Photo.objects.awaiting_label().exists()


def test_a_promotion_counts_from_the_next_portion_on(
    db: None, network: Network, small_portions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [(Path("a"), "a" * 64), (Path("b"), "b" * 64)]
    monkeypatch.setattr(versions, "active", lambda: files.pop(0))

    def load(path: Path, sha256: str) -> Network:
        made = Network()
        made.name = f"net-{path}"
        return made

    monkeypatch.setattr(engine, "load", load)
    for _ in range(5):
        unlabelled()
    label.label_waiting(60)
    models = Label.objects.order_by("photo").values_list("model", flat=True)
    assert list(models) == ["net-a"] * 3 + ["net-b"] * 2


def test_what_was_labelled_stays_when_it_is_killed_and_the_next_call_goes_on(
    db: None, network: Network, small_portions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = [unlabelled() for _ in range(7)]

    def killed(images: Iterable[tuple[Photo, Image.Image]]) -> Iterator[tuple[Photo, Prediction]]:
        for photo, _ in images:
            if photo == photos[4]:
                raise KeyboardInterrupt
            yield photo, said("dog", 0.1, 0.9)

    with monkeypatch.context() as patch:
        patch.setattr(network, "stream", killed)
        with pytest.raises(KeyboardInterrupt):
            label.label_waiting(60)
    assert list(Photo.objects.awaiting_label()) == photos[4:]
    assert label.label_waiting(60) == 3
    assert Label.objects.count() == 7


def test_without_a_network_it_says_so_in_one_line(
    db: None,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def gone() -> tuple[Path, str]:
        raise WeightsError("There is no weights file x.safetensors.")

    monkeypatch.setattr(versions, "active", gone)
    photo = unlabelled()
    with caplog.at_level(logging.WARNING):
        assert label.label_waiting(60) == 0
    (line,) = caplog.messages
    assert line.startswith("photos wait for a label, but there is no network for it: There is no")
    assert now(photo)[0] == "unlabelled"


def test_a_missing_file_holds_nobody_up(db: None, network: Network) -> None:
    lost, fine = unlabelled(file=False), unlabelled()
    assert label.label_waiting(60) == 1
    assert (now(lost)[0], now(fine)[0]) == ("unlabelled", "proposed")


def test_one_process_at_a_time(db: None, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
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
