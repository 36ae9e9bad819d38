"""The network looks again: what it keeps, what it disputes, what it always tells."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.flows import review
from challenges.models import Label, Photo, Rendition
from challenges.models.photos import Animal, Rights
from classifier import engine, tasks
from classifier.cnn.predict import Prediction
from classifier.exceptions import WeightsError
from classifier.flows import second_look, versions
from tests import pets
from tests.drawn import picture

NAME = "net-2"
REALLY_OPEN = second_look._open


def said(p_cat: float, familiar: float = 0.9) -> Prediction:
    """Return what a network says."""
    label = "cat" if p_cat >= 0.5 else "dog"
    return Prediction(label, max(p_cat, 1 - p_cat), p_cat, familiar, {})


class Network:
    """Says what it is told to of each photo, of its stored file and of its renditions alike."""

    name = NAME

    def __init__(self) -> None:
        self.usual = said(0.9)
        self.words: dict[int, Prediction] = {}
        self.seen: list[tuple[Photo | Rendition, Image.Image]] = []

    def stream(
        self, images: Iterable[tuple[Photo | Rendition, Image.Image]]
    ) -> Iterator[tuple[Photo | Rendition, Prediction]]:
        """Say it."""
        for row, image in images:
            self.seen.append((row, image))
            photo = row.photo_id if isinstance(row, Rendition) else row.pk
            yield row, self.words.get(photo, self.usual)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    """Return the network that labels."""
    made = Network()
    monkeypatch.setattr(versions, "active", lambda: (Path("net-2.safetensors"), "2" * 64))
    monkeypatch.setattr(versions, "name_of", lambda sha256: made.name)
    monkeypatch.setattr(engine, "load", lambda path, sha256: made)
    monkeypatch.setattr(engine, "missing", list)
    return made


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos of tests have no files: let them be grey."""
    monkeypatch.setattr(second_look, "_open", lambda name, decode: Image.new("RGB", (8, 8)))


def pooled(animal: Animal = Animal.CAT, number: int = 1) -> list[Photo]:
    """Return pooled photos with renditions."""
    return [pets.rendered(animal) for _ in range(number)]


def doubts_of(photo: Photo) -> tuple[str, str, str]:
    """Return status, doubt and its kind as they are now."""
    photo.refresh_from_db()
    return photo.status, photo.doubt, photo.doubt_kind


# --- photos --------------------------------------------------------------------------------------


def test_it_keeps_what_it_says_of_a_photo_once(db: None, network: Network) -> None:
    photo = pooled()[0]
    assert second_look.second_look(9) == 2
    photo.refresh_from_db()
    assert (photo.p_cat, photo.certainty, photo.looked_by) == (0.9, 0.9, NAME)
    assert second_look.second_look(9) == 0
    assert not Label.objects.exists()


def test_another_network_looks_anew(db: None, network: Network) -> None:
    photo = pooled()[0]
    Photo.objects.update(looked_by="net-1", p_cat=0.2)
    second_look.second_look(9)
    photo.refresh_from_db()
    assert (photo.p_cat, photo.looked_by) == (0.9, NAME)


def test_what_it_disputes_comes_back_and_stays_in_the_pool(db: None, network: Network) -> None:
    photo = pooled()[0]
    network.usual = said(0.005)
    second_look.second_look(9)
    assert doubts_of(photo) == (
        "pooled",
        "The network is 99 % sure that it is a dog.",
        "network",
    )
    assert photo.label == "cat"
    kept = Label.objects.get()
    assert (kept.source, kept.label, kept.model, kept.confidence) == ("cnn", "dog", NAME, 0.995)


@pytest.mark.parametrize(
    ("animal", "word", "sentence"),
    [
        (Animal.CAT, said(0.021), ""),
        (Animal.CAT, said(0.02), "The network is 98 % sure that it is a dog."),
        (Animal.DOG, said(0.0), ""),
        (Animal.DOG, said(0.985), "The network is 98 % sure that it is a cat."),
        (Animal.DOG, said(0.0, familiar=0.4), ""),
        (
            Animal.DOG,
            said(0.0, familiar=0.01),
            "The network is 99 % sure that it is neither a cat nor a dog.",
        ),
    ],
)
def test_it_disputes_only_what_it_is_sure_of(
    db: None, network: Network, animal: Animal, word: Prediction, sentence: str
) -> None:
    photo = pooled(animal)[0]
    network.usual = word
    second_look.second_look(9)
    assert doubts_of(photo)[1] == sentence


def test_the_surest_disputes_come_first_and_the_others_another_day(
    db: None, network: Network, reviewer: User
) -> None:
    photos = pooled(number=5)
    for photo, p_cat in zip(photos, (0.015, 0.001, 0.012, 0.003, 0.011), strict=True):
        network.words[photo.pk] = said(p_cat)
    second_look.second_look(9)
    assert [bool(doubts_of(photo)[1]) for photo in photos] == [False, True, False, True, True]
    review.accept([photos[1].pk], reviewer)
    # It is not looked at again for that: the disputes are kept.
    assert second_look.second_look(9) == 0
    assert second_look.doubt_disputed(NAME) == 0


def test_a_person_who_settles_it_ends_it_until_another_network_disputes(
    db: None, network: Network, reviewer: User
) -> None:
    photo = pooled()[0]
    network.usual = said(0.001)
    second_look.second_look(9)
    review.accept([photo.pk], reviewer)
    second_look.second_look(9)
    assert doubts_of(photo) == ("pooled", "", "")
    network.name = "net-3"
    second_look.second_look(9)
    assert doubts_of(photo)[2] == "network"


def test_what_a_person_overruled_before_is_not_disputed_again(
    db: None, network: Network, reviewer: User
) -> None:
    photo = pooled()[0]
    # At the labelling the network proposed a dog, and a person said cat.
    Photo.objects.update(status=Photo.Status.PROPOSED, label="dog", looked_by=NAME)
    Label.objects.create(photo=photo, label="dog", source="cnn", model=NAME, confidence=0.999)
    review.accept([photo.pk], reviewer, Animal.CAT)
    second_look.second_look(9)
    assert doubts_of(photo) == ("pooled", "", "")


def test_a_photo_that_a_person_retired_and_restored_is_not_disputed_again(
    db: None, network: Network, reviewer: User
) -> None:
    photo = pooled()[0]
    network.usual = said(0.001)
    second_look.second_look(9)
    review.retire([photo.pk], reviewer)
    review.restore([photo.pk], reviewer)
    second_look.second_look(9)
    assert doubts_of(photo) == ("pooled", "", "")


def test_a_label_from_a_folder_is_disputed_by_what_was_said_before_it(
    db: None, network: Network
) -> None:
    photo = pooled()[0]
    Photo.objects.update(looked_by=NAME)
    Label.objects.create(photo=photo, label="dog", source="cnn", model=NAME, confidence=0.99)
    Label.objects.create(photo=photo, label="cat", source="folder")
    second_look.second_look(9)
    assert doubts_of(photo)[2] == "network"


def test_starter_pictures_are_drawn_as_what_they_are(db: None, network: Network) -> None:
    pets.rendered(Animal.CAT, Rights.STARTER)
    assert second_look.second_look(9) == 0


@pytest.mark.parametrize("status", ["proposed", "rejected", "retired", "held", "probe"])
def test_only_what_is_in_the_pool_is_looked_at(db: None, network: Network, status: str) -> None:
    pooled()
    Photo.objects.update(status=status)
    assert second_look.second_look(9) == 0


def test_labelling_comes_first(db: None, network: Network) -> None:
    pooled()
    waiting = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=waiting.pk).update(status="unlabelled", label="")
    assert second_look.second_look(9) == 0
    # One that waits for a person, since visitors could not agree, is nothing to wait for.
    Photo.objects.filter(pk=waiting.pk).update(doubt="Visitors disagree.")
    assert second_look.second_look(9) == 2


def test_a_person_who_was_faster_is_not_disputed(
    db: None, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = pooled()[0]

    def slow(
        images: Iterable[tuple[Photo | Rendition, Image.Image]],
    ) -> Iterator[tuple[Photo | Rendition, Prediction]]:
        for row, _ in images:
            Photo.objects.filter(pk=photo.pk).update(label="dog")
            yield row, said(0.001)

    monkeypatch.setattr(network, "stream", slow)
    second_look.second_look(9)
    assert doubts_of(photo)[1] == ""
    assert photo.looked_by in ("", NAME)
    assert not Label.objects.exists()


# --- renditions ----------------------------------------------------------------------------------


def scored(photo: Photo) -> tuple[int, int]:
    """Return how many of its pictures were looked at, and how many were solved."""
    return Photo.objects.values_list("scored", "solved").get(pk=photo.pk)


def another(photo: Photo) -> None:
    """Give the photo another rendition."""
    made = Rendition.objects.create(photo=photo, name=f"{photo.pk}-{time.time_ns()}.webp")
    Photo.objects.filter(pk=photo.pk).update(rendition=made)


@pytest.mark.parametrize(
    ("animal", "p_cat", "solved"),
    [
        (Animal.CAT, 0.99, 1),
        (Animal.CAT, 0.98, 0),
        (Animal.CAT, 0.001, 0),
        (Animal.DOG, 0.009, 1),
        (Animal.DOG, 0.02, 0),
        (Animal.DOG, 0.999, 0),
    ],
)
def test_each_rendition_is_scored_once(
    db: None, network: Network, animal: Animal, p_cat: float, solved: int
) -> None:
    photo = pooled(animal)[0]
    network.usual = said(p_cat)
    second_look.second_look(9)
    assert photo.rendition is not None
    photo.rendition.refresh_from_db()
    assert photo.rendition.p_cat == p_cat
    assert scored(photo) == (1, solved)
    second_look.second_look(9)
    assert scored(photo) == (1, solved)
    another(photo)
    second_look.second_look(9)
    assert scored(photo) == (2, 2 * solved)


@pytest.mark.parametrize("pushed", [True, False])
def test_what_it_says_of_a_hardened_picture_does_not_count_for_the_photo(
    db: None, network: Network, pushed: bool
) -> None:
    photo = pooled()[0]
    Rendition.objects.update(recipe="fine", pushed=pushed)
    network.usual = said(0.001 if pushed else 0.999)
    second_look.second_look(9)
    assert photo.rendition is not None
    photo.rendition.refresh_from_db()
    assert photo.rendition.p_cat == network.usual.p_cat
    assert scored(photo) == (0, 0)


def tell_all(photos: list[Photo], network: Network, times: int) -> None:
    """Have the network tell so many renditions of each of the photos."""
    network.words |= {photo.pk: said(0.995) for photo in photos}
    for _ in range(times):
        for photo in photos:
            another(photo)
        second_look.second_look(9)


def test_what_machines_always_solve_stays_unless_the_operator_wants_it_back(
    db: None, network: Network, settings: LazySettings, reviewer: User
) -> None:
    photos = pooled(number=2)
    tell_all(photos[:1], network, 5)
    assert scored(photos[0]) == (5, 5)
    assert doubts_of(photos[0])[1] == ""
    settings.PAWCHA = {**settings.PAWCHA, "ALWAYS_SOLVED_PERCENT": 1}
    second_look.second_look(9)
    assert doubts_of(photos[0]) == (
        "pooled",
        "The network told what it shows in all 5 pictures of it.",
        "machines",
    )
    assert doubts_of(photos[1])[1] == ""
    # A person keeps it: as many new pictures have to be told first.
    review.accept([photos[0].pk], reviewer)
    tell_all(photos[:1], network, 4)
    assert doubts_of(photos[0])[1] == ""
    tell_all(photos[:1], network, 1)
    assert doubts_of(photos[0])[2] == "machines"


def test_one_picture_that_it_did_not_tell_is_enough(
    db: None, network: Network, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "ALWAYS_SOLVED_PERCENT": 1}
    photo = pooled()[0]
    second_look.second_look(9)
    tell_all([photo], network, 6)
    assert scored(photo) == (7, 6)
    assert doubts_of(photo)[1] == ""


def test_those_that_were_told_most_often_come_first(
    db: None, network: Network, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "ALWAYS_SOLVED_PERCENT": 1}
    photos = pooled(number=6)
    Photo.objects.update(scored=5, solved=5, certainty=0.99)
    Photo.objects.filter(pk=photos[4].pk).update(scored=9, solved=9)
    Photo.objects.filter(pk=photos[2].pk).update(certainty=0.999)
    assert second_look.doubt_always_solved() == 3
    assert [bool(doubts_of(photo)[1]) for photo in photos] == [1, 0, 1, 0, 1, 0]


# --- the work itself -----------------------------------------------------------------------------


def test_it_works_through_many_in_portions(
    db: None, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_look, "PORTION", 3)
    pooled(number=7)
    assert second_look.second_look(9) == 14


def test_it_stops_when_its_time_is_over(db: None, network: Network) -> None:
    pooled(number=2)
    assert second_look.second_look(0) == 0


def test_without_a_network_it_says_so_and_goes_on_another_time(
    db: None, network: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise WeightsError("There are no weights.")

    monkeypatch.setattr(versions, "active", broken)
    pooled()
    assert second_look.second_look(9) == 0
    assert "There are no weights." in caplog.text


def test_a_machine_that_only_serves_does_nothing(
    db: None, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    pooled()
    tasks.second_look()
    assert network.seen == []


@pytest.fixture
def webp(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return a picture as visitors get it; files are read again."""
    monkeypatch.setattr(second_look, "_open", REALLY_OPEN)
    return imaging.render(picture(7), secrets.SystemRandom())


def test_it_looks_at_the_very_bytes_that_a_visitor_gets(
    db: None, network: Network, webp: bytes
) -> None:
    photo = pooled()[0]
    assert photo.rendition is not None
    default_storage.save(photo.storage_name, ContentFile(imaging.strip(picture(7))))
    Path(default_storage.path(photo.rendition.name)).write_bytes(webp)
    assert second_look.second_look(9) == 2
    (_, stored), (_, shown) = network.seen
    with Image.open(io.BytesIO(webp)) as expected:
        assert shown.tobytes() == expected.convert("RGB").tobytes()
    assert (stored.mode, stored.size) == ("RGB", picture(7).size)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no picture at all"])
def test_a_file_that_cannot_be_read_stops_nothing(
    db: None, network: Network, webp: bytes, content: bytes
) -> None:
    bad, good = pooled(number=2)
    for photo, data in ((bad, content), (good, webp)):
        assert photo.rendition is not None
        Path(default_storage.path(photo.rendition.name)).write_bytes(data)
    # The stored photos are gone altogether.
    assert second_look.second_look(9) == 1
    assert (scored(good), scored(bad)) == ((1, 0), (0, 0))
