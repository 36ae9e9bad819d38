"""Which versions of the network say that they have learned from a photo that is deleted."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from challenges.flows import forgetting
from challenges.models import Photo, Upload
from challenges.models.photos import Animal
from classifier.flows.versions import DIGITS
from classifier.models import ModelVersion, PhotoUse
from tests import pets


def version(name: str, **more: Any) -> ModelVersion:
    """Return a version of this name."""
    return ModelVersion.objects.create(
        name=name, sha256=name.ljust(64, "0"), size=1, arch="pawnet", **more
    )


def said(photo: Photo, person: User) -> list[str]:
    """Delete the photo and return the versions that are named."""
    (made,) = forgetting.forget([photo.pk], person)
    return [one.split()[3] for one in made.held_by if one.startswith("The model version")]


def test_versions_that_name_its_pixels_or_file_are_named(db: None, reviewer: User) -> None:
    photo = pets.photo(Animal.CAT)
    Upload.objects.create(batch=photo.batch, name="a", sha256="f" * 64, photo=photo)
    version("by-pixels", learned={"sha256": [photo.sha256[:DIGITS]], "phash": []})
    version("by-file", learned={"sha256": ["a" * DIGITS, "f" * DIGITS], "phash": []})
    version("other", learned={"sha256": ["b" * DIGITS], "phash": []})
    assert said(photo, reviewer) == ["by-pixels", "by-file"]


def test_versions_trained_on_the_pool_since_it_was_for_training_are_named(
    db: None, reviewer: User
) -> None:
    photo, tested = pets.photo(Animal.CAT), pets.photo(Animal.CAT)
    before = version("before")
    ModelVersion.objects.filter(pk=before.pk).update(created_at=timezone.now())
    PhotoUse.objects.create(photo=photo, test=False)
    PhotoUse.objects.create(photo=tested, test=True)
    version("after")
    assert said(photo, reviewer) == ["after"]
    assert said(tested, reviewer) == []


def test_a_photo_that_no_version_saw_is_named_by_none(db: None, reviewer: User) -> None:
    version("pool")
    assert said(pets.photo(Animal.CAT), reviewer) == []
