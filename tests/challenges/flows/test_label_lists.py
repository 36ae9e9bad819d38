"""Lists of labels: what each row would do, and that all of it counts or nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from challenges.flows import forgetting, label_lists, review
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from tests import pets


def waiting(label: str = "cat", rights: Rights = Rights.CLEARED) -> Photo:
    """Return a photo that waits for a person."""
    made = pets.photo(Animal.CAT, rights)
    made.status, made.label = Photo.Status.PROPOSED, label
    made.save()
    return made


def said(row: dict[str, object]) -> tuple[str, str]:
    """Return what one row would do, and its sentence."""
    (one,) = label_lists.judge([row])
    return one.kind, one.sentence


def test_a_list_counts_as_the_person_s_word(db: None, reviewer: User) -> None:
    cat, dog, neither = waiting(), waiting(), waiting()
    rows = [
        {"number": str(cat.pk), "label": "Cats"},
        {"sha256": dog.sha256.upper(), "label": " dog "},
        {"number": f"{neither.pk}.0", "sha256": neither.sha256, "label": "both"},
    ]
    judged = label_lists.apply(rows, reviewer)
    assert [one.kind for one in judged] == ["change"] * 3
    for photo in (cat, dog, neither):
        photo.refresh_from_db()
    assert (cat.status, cat.label) == ("pooled", "cat")
    assert (dog.status, dog.label) == ("pooled", "dog")
    assert (neither.status, neither.label) == ("rejected", "neither")
    word = Label.objects.get(photo=dog)
    assert (word.source, word.person, word.label) == ("import", reviewer, "dog")


def test_with_one_wrong_row_nothing_changes(db: None, reviewer: User) -> None:
    photo = waiting()
    judged = label_lists.apply(
        [{"number": str(photo.pk), "label": "cat"}, {"number": "999999", "label": "cat"}], reviewer
    )
    assert [one.kind for one in judged] == ["change", "wrong"]
    photo.refresh_from_db()
    assert photo.status == Photo.Status.PROPOSED
    assert not Label.objects.exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"number": "999999", "label": "cat"}, "There is no photo with the number 999999: "),
        ({"number": "99999999999999", "label": "cat"}, "There is no photo with the number 9999"),
        ({"number": "=5", "label": "cat"}, "'=5' is no number of a photo."),
        ({"sha256": "abc", "label": "cat"}, "'abc' is no sha256: "),
        ({"sha256": "a" * 64, "label": "cat"}, "There is no photo with the sha256 aaaaaaaaaaaa..."),
        ({"label": "cat"}, "It names no photo: write its number or its sha256."),
    ],
)
def test_each_wrong_row_gets_a_sentence(db: None, row: dict[str, object], sentence: str) -> None:
    kind, text = said(row)
    assert kind == "wrong"
    assert text.startswith(sentence)


def test_an_unknown_label_is_named(db: None) -> None:
    photo = waiting()
    assert said({"number": str(photo.pk), "label": "hamster"}) == (
        "wrong",
        "The label 'hamster' is not known: write cat, dog or neither, or leave it empty.",
    )


def test_a_label_of_a_deleted_photo_is_named(db: None, reviewer: User) -> None:
    photo = waiting()
    forgetting.forget([photo.pk], reviewer)
    for row in ({"number": str(photo.pk)}, {"sha256": photo.sha256}):
        kind, text = said({**row, "label": "cat"})
        assert kind == "wrong"
        assert text.startswith(f"Photo {photo.pk} was deleted for good on ")


def test_number_and_digest_of_different_photos_are_refused(db: None) -> None:
    one, other = waiting(), waiting()
    kind, text = said({"number": str(one.pk), "sha256": other.sha256, "label": "cat"})
    assert (kind, "leave one of them empty" in text) == ("wrong", True)


def test_rows_that_contradict_each_other_are_refused(db: None) -> None:
    photo = waiting()
    row = {"number": str(photo.pk), "label": "cat"}
    judged = label_lists.judge([row, {**row, "label": "dog"}, row])
    assert [one.kind for one in judged] == ["change", "wrong", "same"]
    assert judged[1].sentence.startswith(f"Row 1 says that photo {photo.pk} is a cat, this one")


def test_an_export_taken_in_again_changes_nothing_that_is_settled(db: None, reviewer: User) -> None:
    pooled, rejected, retired = waiting(), waiting(), waiting()
    review.accept([pooled.pk, retired.pk], reviewer)
    review.reject([rejected.pk], reviewer)
    review.retire([retired.pk], reviewer)
    photos = label_lists.exported(Photo.objects.order_by("pk"))
    judged = label_lists.apply([label_lists.cells(photo) for photo in photos], reviewer)
    assert [one.kind for one in judged] == ["same"] * 3
    assert sorted(Photo.objects.values_list("status", flat=True)) == [
        "pooled",
        "rejected",
        "retired",
    ]


def test_an_empty_label_changes_nothing(db: None) -> None:
    assert said({"number": "", "label": ""})[0] == "same"


def test_without_a_stated_right_it_waits(db: None) -> None:
    photo = waiting(rights=Rights.UNSTATED)
    _, text = said({"number": str(photo.pk), "label": "dog"})
    assert text == (
        f"Photo {photo.pk} is a dog (it was a cat): it waits until its right to be shown is stated."
    )


def test_an_export_tells_the_last_word_of_a_person(db: None, reviewer: User) -> None:
    photo = waiting()
    review.accept([photo.pk], reviewer)
    Label.objects.create(photo=photo, label="dog", source="cnn")
    Label.objects.create(
        photo=photo, label="dog", source="person", person=reviewer, undone_at=timezone.now()
    )
    (row,) = map(label_lists.cells, label_lists.exported(Photo.objects.all()))
    assert tuple(row) == label_lists.COLUMNS
    assert (row["number"], row["label"], row["said_by"]) == (str(photo.pk), "cat", "reviewer")
    assert row["said_at"].startswith(f"{timezone.now():%Y-}")
