"""Where the animal is, and the renditions that follow from it."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from challenges import imaging
from challenges.flows import focus, render
from challenges.imaging import Focus
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from tests import pets
from tests.drawn import picture


@pytest.fixture
def photo(db: None) -> Photo:
    """Return a photo in the pool, with its file, and with a fresh rendition."""
    made = pets.rendered(Animal.CAT)
    default_storage.save(made.storage_name, ContentFile(imaging.strip(picture(1))))
    return made


def test_only_the_first_word_counts(photo: Photo) -> None:
    assert focus.keep(photo.pk, (0.2, 0.3))
    assert not focus.keep(photo.pk, (0.7, 0.7))
    assert not focus.keep(photo.pk, None)
    photo.refresh_from_db()
    assert (photo.focus, photo.located) == ((0.2, 0.3), True)


def test_an_animal_in_the_middle_costs_no_rendition(photo: Photo) -> None:
    before = photo.rendition
    assert focus.keep(photo.pk, (0.55, 0.45))
    assert render.render_some(9, list(Rights)) == 0
    photo.refresh_from_db()
    assert (photo.rendition, photo.fresh) == (before, True)


def test_a_new_rendition_is_made_around_the_animal(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, asked = photo.rendition, []

    def rendered(image: object, random: object, around: Focus | None) -> bytes:
        asked.append(around)
        return b"picture"

    monkeypatch.setattr(imaging, "render", rendered)
    focus.keep(photo.pk, (0.8, 0.5))
    photo.refresh_from_db()
    # Until the new one is made, the old one is there for when nothing else is left.
    assert (photo.rendition, photo.fresh) == (before, False)
    assert render.render_some(9, list(Rights)) == 1
    photo.refresh_from_db()
    assert asked == [(0.8, 0.5)]
    assert photo.fresh
    assert photo.rendition != before


def test_a_rendition_of_before_is_not_taken_when_the_animal_was_found_meanwhile(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = photo.rendition, imaging.render
    Photo.objects.filter(pk=photo.pk).update(fresh=False)

    def slow(*given: object) -> bytes:
        focus.keep(photo.pk, (0.8, 0.5))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(imaging, "render", slow)
    render.render_some(9, list(Rights))
    photo.refresh_from_db()
    assert (photo.rendition, photo.fresh) == (before, False)
    assert Rendition.objects.latest("pk").retired_at
