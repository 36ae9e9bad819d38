"""Where labelled photos come from."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from classifier.cnn.config import Preprocessing
from classifier.cnn.data import PhotoSet
from classifier.exceptions import BadData
from classifier.flows import frozen, photosets
from classifier.progress import Quiet
from tests.classifier.sets import class_folders, file_of, picture
from tests.pets import photo


def opened(data: Path | str, folder: Path) -> PhotoSet:
    """Return the photos of one source, at 32 pixels."""
    return photosets.open_data([str(data)], Preprocessing(size=32), folder / "run", Quiet())


def test_class_folders_may_have_any_names(tmp_path: Path) -> None:
    top = class_folders(tmp_path / "pets", {"cat": 3, "dog": 2, "rabbit": 4})
    (top / "dog").rename(top / "Dogs")
    made = opened(top, tmp_path)
    assert made.classes == ("cat", "dog", "rabbit")
    assert [sample.label for sample in made.samples].count(2) == 4
    assert made.pixels.shape == (9, 32, 32, 3)


def test_an_archive_is_read_as_imports_read_it(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "pets.tar.gz", "w:gz") as archive:
        for name, word in [("PetImages/Cat/1.png", "cat"), ("originals/dog.7.png", "dog")]:
            data = file_of(picture(word, 1))
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    made = opened(tmp_path / "pets.tar.gz", tmp_path)
    assert [made.classes[sample.label] for sample in made.samples] == ["cat", "dog"]


def test_the_pixels_are_those_of_the_photo(tmp_path: Path) -> None:
    made = opened(class_folders(tmp_path / "pets", {"cat": 2, "dog": 2}), tmp_path)
    for sample, pixels in zip(made.samples, made.pixels, strict=True):
        word = made.classes[sample.label]
        warm = pixels[..., 0].mean() > pixels[..., 2].mean()
        assert warm == (word == "cat")


def test_the_same_file_twice_is_one_photo(tmp_path: Path) -> None:
    top = class_folders(tmp_path / "pets", {"cat": 2, "dog": 2})
    (top / "cat" / "again.png").write_bytes((top / "cat" / "0.png").read_bytes())
    assert len(opened(top, tmp_path).samples) == 4


def test_broken_files_are_named_with_their_reason(tmp_path: Path) -> None:
    top = class_folders(tmp_path / "pets", {"cat": 2, "dog": 2})
    (top / "cat" / "cut.png").write_bytes((top / "cat" / "0.png").read_bytes()[:100])
    (top / "dog" / "page.jpg").write_bytes(b"<html>")
    made = opened(top, tmp_path)
    assert len(made.samples) == 4
    assert {broken.name.split("/")[-1] for broken in made.broken} == {"cut.png", "page.jpg"}
    assert all(broken.why.endswith(".") for broken in made.broken)


def reviewed(animal: Animal, rights: Rights = Rights.CLEARED) -> Photo:
    """Return a photo in the pool whose label a person has said; its file is missing."""
    made = photo(animal, rights)
    Label.objects.create(photo=made, label=animal, source=Label.Source.PERSON)
    return made


@pytest.mark.django_db
def test_the_pool_is_what_people_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen, "TEST_SHARE", 0.0)
    for animal in (Animal.CAT, Animal.DOG):
        for seed, rights in enumerate((Rights.CLEARED, Rights.CLEARED, Rights.STARTER)):
            one = reviewed(animal, rights)
            default_storage.save(one.storage_name, ContentFile(file_of(picture(animal, seed))))
    unseen = photo(Animal.DOG)
    default_storage.save(unseen.storage_name, ContentFile(file_of(picture("dog", 9))))
    lost = reviewed(Animal.CAT)
    made = opened("pool", tmp_path)
    assert len(made.samples) == 4
    assert [broken.name for broken in made.broken] == [lost.sha256]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "There is nothing at"),
        ("page.html", "is neither a folder nor an archive"),
        ("empty", "There are no labelled photos in"),
        ("cats", "are of one class, cat: two are needed"),
    ],
)
def test_what_will_not_do_is_said(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "page.html").write_text("<html>")
    (tmp_path / "empty").mkdir()
    class_folders(tmp_path / "cats", {"cat": 2})
    with pytest.raises(BadData, match=sentence):
        opened(tmp_path / name, tmp_path)
