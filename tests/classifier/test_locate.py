"""The network looks where the animal is, once a photo; crops follow it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.imaging import Focus
from challenges.locks import Lock
from challenges.models import Photo
from challenges.models.photos import Animal, Rights
from classifier import engine, tasks
from classifier.flows import locate
from tests import pets
from tests.drawn import picture


@pytest.fixture
def sees(monkeypatch: pytest.MonkeyPatch) -> list[Focus | None]:
    """Return where the network will see animals, photo by photo; the last is repeated."""
    places: list[Focus | None] = [(0.8, 0.4)]

    def look(images: Sequence[Image.Image]) -> list[Focus | None]:
        return [places.pop(0) if len(places) > 1 else places[0] for _ in images]

    monkeypatch.setattr(engine, "locate", look)
    monkeypatch.setattr(engine, "missing", list)
    locate._say_missing.cache_clear()
    return places


def pooled(*, file: bool = True, rights: Rights = Rights.CLEARED) -> Photo:
    """Return a photo in the pool with a rendition around its middle."""
    photo = pets.rendered(Animal.CAT, rights)
    if file:
        data = imaging.strip(picture(photo.pk % 1000))
        default_storage.save(photo.storage_name, ContentFile(data))
    return photo


def now(photo: Photo) -> tuple[Focus | None, bool, bool]:
    """Return focus, located and fresh as they are now."""
    photo.refresh_from_db()
    return photo.focus, photo.located, photo.fresh


def test_a_photo_is_looked_at_once(db: None, sees: list[Focus | None]) -> None:
    photo = pooled()
    assert locate.locate_waiting(60) == 1
    assert now(photo) == ((0.8, 0.4), True, False)
    sees[:] = [(0.1, 0.1)]
    assert locate.locate_waiting(60) == 0
    assert photo.focus == (0.8, 0.4)


@pytest.mark.parametrize(
    ("place", "fresh"), [((0.45, 0.6), True), ((0.5, 0.39), False), ((0.61, 0.5), False)]
)
def test_only_what_lies_off_the_middle_is_rendered_again(
    db: None, sees: list[Focus | None], place: Focus, fresh: bool
) -> None:
    sees[:] = [place]
    photo = pooled()
    locate.locate_waiting(60)
    assert now(photo) == (place, True, fresh)


def test_where_nothing_is_seen_the_middle_stays(db: None, sees: list[Focus | None]) -> None:
    sees[:] = [None]
    photo = pooled()
    assert locate.locate_waiting(60) == 1
    assert now(photo) == (None, True, True)
    assert locate.locate_waiting(60) == 0


def test_it_looks_at_photos_in_the_pool_only(db: None, sees: list[Focus | None]) -> None:
    pooled(rights=Rights.STARTER)
    for status in set(Photo.Status) - {Photo.Status.POOLED}:
        photo = pooled()
        photo.status = status
        photo.save()
    assert locate.locate_waiting(60) == 0


def test_it_works_through_many_in_batches(db: None, sees: list[Focus | None]) -> None:
    photos = [pooled() for _ in range(locate.BATCH + 3)]
    assert locate.locate_waiting(60) == len(photos)
    assert not Photo.objects.awaiting_focus().exists()


def test_files_that_cannot_be_read_hold_nobody_up(db: None, sees: list[Focus | None]) -> None:
    lost, broken, fine = pooled(file=False), pooled(file=False), pooled()
    default_storage.save(broken.storage_name, ContentFile(b"\xff\xd8\xff no photo"))
    assert locate.locate_waiting(60) == 1
    assert [now(photo)[1] for photo in (lost, broken, fine)] == [False, False, True]


def test_it_stops_when_its_time_is_up(db: None, sees: list[Focus | None]) -> None:
    photo = pooled()
    assert locate.locate_waiting(0) == 0
    assert not now(photo)[1]


def test_one_process_at_a_time(
    db: None, sees: list[Focus | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, wanted = pooled(), []

    class Busy:
        def __init__(self, lock: Lock) -> None:
            wanted.append(lock)

        def __enter__(self) -> bool:
            return False

        def __exit__(self, *args: object) -> None:
            pass

    monkeypatch.setattr(locate, "try_lock", Busy)
    assert locate.locate_waiting(60) == 0
    assert wanted == [Lock.LOCATING]
    assert not now(photo)[1]


def test_without_torch_it_says_so_once_and_renditions_stay(
    db: None,
    sees: list[Focus | None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    photo = pooled()
    with caplog.at_level(logging.WARNING):
        tasks.locate_waiting()
        tasks.locate_waiting()
    (record,) = caplog.records
    assert record.getMessage() == (
        "torch is not installed here, so photos are cropped around their middle, wherever the "
        "animal is: run make install"
    )
    assert now(photo) == (None, False, True)


def test_without_photos_nothing_is_loaded(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise AssertionError

    monkeypatch.setattr(engine, "missing", fail)
    assert locate.locate_waiting(60) == 0
