"""How often people correct the network."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from challenges.flows import review
from challenges.models import Label, Photo
from challenges.models.photos import Animal
from classifier.flows import drift, versions
from classifier.models import ModelVersion
from tests import pets


@pytest.fixture(autouse=True)
def _version(db: None) -> None:
    version = ModelVersion.objects.create(
        name="net-2", sha256="a" * 64, size=1, arch="pawnet", status="active"
    )
    when(version, 12)


def when(row: ModelVersion | Label, day: int) -> None:
    """Set the day of November on which it was made."""
    type(row).objects.filter(pk=row.pk).update(created_at=datetime(2026, 11, day, 12, tzinfo=UTC))


def proposed(by: str = "net-2") -> Photo:
    """Return a photo that a network called a cat."""
    photo = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(status="proposed")
    Label.objects.create(photo=photo, label="cat", source="cnn", model=by, p_cat=0.9)
    return photo


def judged(photo: Photo, label: Animal, day: int = 17) -> None:
    """Have a person say what the photo shows."""
    review.accept([photo.pk], None, label)
    said = photo.labels.latest("id")
    Label.objects.filter(pk=said.pk).update(source="person")
    when(said, day)


def test_corrections_are_counted_with_how_sure_one_may_be() -> None:
    for number in range(40):
        judged(proposed(), Animal.DOG if number < 3 else Animal.CAT)
    found = drift.of_active()
    assert (found.corrected, found.judged) == (3, 40)
    assert found.interval == pytest.approx((0.0157, 0.2039), abs=1e-4)
    assert found.sentence == (
        "Reviewers corrected 3 of 40 proposals of net-2 (7.5 %, 1.6 to 20.4 %) since 12 November "
        "2026."
    )


def test_only_what_a_person_said_after_this_network_counts() -> None:
    proposed()  # Nobody has looked at it.
    judged(proposed(by="net-1"), Animal.DOG)
    by_command = proposed()
    review.accept([by_command.pk], None, Animal.DOG)
    before = pets.photo(Animal.DOG)
    Label.objects.create(photo=before, label="dog", source="person")
    Label.objects.create(photo=before, label="cat", source="cnn", model="net-2")
    assert drift.of_active().judged == 0
    assert drift.of_active().sentence == "Nobody has judged a label of net-2 yet."


def test_neither_is_a_correction_and_a_rejection_for_other_reasons_is_none() -> None:
    judged(proposed(), Animal.NEITHER)
    thrown_out = proposed()
    Label.objects.create(photo=thrown_out, label="", source="person")
    found = drift.of_active()
    assert (found.corrected, found.judged) == (1, 1)


def test_a_person_s_last_word_counts() -> None:
    photo = proposed()
    judged(photo, Animal.DOG)
    judged(photo, Animal.CAT)
    found = drift.of_active()
    assert (found.corrected, found.judged) == (0, 1)


def test_it_is_shown_week_by_week_without_gaps() -> None:
    for label, day in ((Animal.DOG, 2), (Animal.CAT, 4), (Animal.CAT, 18)):
        judged(proposed(), label, day)
    weeks = [(week.monday.day, week.judged, week.share) for week in drift.of_active().weeks]
    assert weeks == [(2, 2, 0.5), (9, 0, 0.0), (16, 1, 0.0)]


def test_without_a_version_it_is_the_shipped_model_s(monkeypatch: pytest.MonkeyPatch) -> None:
    ModelVersion.objects.update(status="retired")
    monkeypatch.setattr(versions, "SHIPPED", Path("nowhere"))
    judged(proposed(by="shipped"), Animal.CAT)
    assert drift.of_active().sentence.startswith("Reviewers corrected 0 of 1 proposals of shipped")
