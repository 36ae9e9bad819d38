"""Which photos train and which test, for ever."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from challenges.flows import review
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from classifier.flows import frozen
from classifier.models import PhotoUse
from tests import pets


def reviewed(count: int = 1, group: int | None = None, by: str = "person") -> list[Photo]:
    """Return pooled cats that somebody has called cats."""
    photos = [pets.photo(Animal.CAT, group=group) for _ in range(count)]
    Label.objects.bulk_create([Label(photo=one, label="cat", source=by) for one in photos])
    return photos


def keys(photos: QuerySet[Photo]) -> set[int]:
    """Return which photos these are."""
    return set(photos.values_list("pk", flat=True))


def sides() -> tuple[set[int], set[int]]:
    """Return what may be trained on, and what is tested on, as decided now."""
    frozen.assign()
    return keys(frozen.trainable()), keys(frozen.tests())


@pytest.mark.parametrize(
    ("source", "counts"),
    [("person", 1), ("command", 1), ("folder", 1), ("filename", 1), ("cnn", 0), ("starter", 0)],
)
def test_only_what_somebody_has_said_is_reviewed(db: None, source: str, counts: int) -> None:
    reviewed(by=source)
    assert frozen.reviewed().count() == counts


def test_a_label_that_was_corrected_counts_as_it_is_now(db: None) -> None:
    (photo,) = reviewed(by="folder")
    review.accept([photo.pk], None, Animal.DOG)
    assert frozen.count(frozen.reviewed()) == frozen.Counts(cats=0, dogs=1)


def test_starter_pictures_and_photos_outside_the_pool_are_left_out(db: None) -> None:
    drawn = pets.photo(Animal.CAT, Rights.STARTER)
    Label.objects.create(photo=drawn, label="cat", source="person")
    (rejected, retired) = reviewed(2)
    review.reject([rejected.pk], None)
    review.retire([retired.pk], None)
    assert not frozen.reviewed().exists()


def test_about_a_fifth_is_kept_for_testing_and_nothing_is_on_both_sides(db: None) -> None:
    reviewed(300)
    train, test = sides()
    assert not train & test
    assert len(train | test) == 300
    assert 30 <= len(test) <= 95


def test_the_test_set_stays_as_the_pool_grows(db: None) -> None:
    reviewed(100)
    train, test = sides()
    reviewed(100)
    grown_train, grown_test = sides()
    assert train < grown_train
    assert test < grown_test


def test_near_duplicates_are_on_one_side(db: None) -> None:
    for group in range(9000, 9040):
        reviewed(2, group=group)
    frozen.assign()
    # And so are those that come later.
    for group in range(9000, 9040):
        reviewed(1, group=group)
    train, test = sides()
    groups = dict(Photo.objects.values_list("pk", "group"))
    assert not {groups[pk] for pk in train} & {groups[pk] for pk in test}
    assert len(train | test) == 120


def test_groups_that_are_joined_across_the_sides_are_used_no_more(db: None) -> None:
    reviewed(60)
    train, test = sides()
    one, other = Photo.objects.get(pk=min(train)), Photo.objects.get(pk=min(test))
    # A photo came in that is near to both, as intake does it.
    Photo.objects.filter(pk=other.pk).update(group=one.group)
    (between,) = reviewed(1, group=one.group)
    assert sides() == (train - {one.pk}, test - {other.pk})
    assert not {between.pk} & (train | test)


def test_a_use_is_never_changed(db: None) -> None:
    reviewed(30)
    frozen.assign()
    before = dict(PhotoUse.objects.values_list("photo_id", "test"))
    Photo.objects.update(group=7)
    assert frozen.assign() == 0
    assert dict(PhotoUse.objects.values_list("photo_id", "test")) == before


def test_what_was_kept_stays_out_of_training_when_it_leaves_the_pool(db: None) -> None:
    reviewed(60)
    _, test = sides()
    gone = Photo.objects.get(pk=min(test))
    review.retire([gone.pk], None)
    (twin,) = reviewed(1, group=gone.group)
    train, _ = sides()
    assert twin.pk not in train
