"""Who may pool a photo, and what a person's word does."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from challenges.flows import review
from challenges.flows.review import Accepted, NoSuchBatch
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from tests import pets


def photo(status: Photo.Status, label: str = "", batch: str = "shelter") -> Photo:
    """Return a photo in this status."""
    made = pets.photo(Animal.CAT)
    made.status, made.label = status, label
    made.batch = pets.batch(Rights.CLEARED, batch)
    made.save()
    return made


def now(made: Photo) -> tuple[str, str]:
    """Return the photo's status and label as they are now."""
    made.refresh_from_db()
    return made.status, made.label


def test_it_pools_what_a_person_confirms(reviewer: User) -> None:
    cat, dog = photo(Photo.Status.PROPOSED, "cat"), photo(Photo.Status.PROPOSED, "dog")
    assert review.accept([cat.pk, dog.pk], reviewer) == Accepted(2, 0, 0)
    assert now(cat) == ("pooled", "cat")
    assert now(dog) == ("pooled", "dog")
    said = Label.objects.get(photo=dog)
    assert (said.source, said.person, said.label) == (Label.Source.PERSON, reviewer, "dog")


def test_it_confirms_nothing_that_was_not_proposed(reviewer: User) -> None:
    photos = [
        photo(Photo.Status.UNLABELLED),
        photo(Photo.Status.REJECTED, "cat"),
        photo(Photo.Status.RETIRED, "cat"),
    ]
    assert review.accept([made.pk for made in photos], reviewer) == Accepted(0, 0, 3)
    assert [now(made)[0] for made in photos] == ["unlabelled", "rejected", "retired"]
    assert not Label.objects.exists()


@pytest.mark.parametrize("status", Photo.Status)
def test_a_person_s_own_word_counts_whatever_the_status(
    reviewer: User, status: Photo.Status
) -> None:
    made = photo(status, "cat")
    assert review.accept([made.pk], reviewer, Animal.DOG) == Accepted(1, 0, 0)
    assert now(made) == ("pooled", "dog")


def test_neither_rejects(reviewer: User) -> None:
    proposed, pooled = photo(Photo.Status.PROPOSED, "neither"), photo(Photo.Status.POOLED, "cat")
    assert review.accept([proposed.pk], reviewer) == Accepted(0, 1, 0)
    assert review.accept([pooled.pk], reviewer, Animal.NEITHER) == Accepted(0, 1, 0)
    assert now(proposed) == now(pooled) == ("rejected", "neither")


def test_who_joins_the_pool_joins_the_round_that_is_dealt(reviewer: User) -> None:
    pooled = photo(Photo.Status.POOLED, "dog")
    Photo.objects.filter(pk=pooled.pk).update(deal_order=70.25)
    made = photo(Photo.Status.PROPOSED, "dog")
    review.accept([made.pk, pooled.pk], reviewer, Animal.DOG)
    made.refresh_from_db()
    pooled.refresh_from_db()
    assert 70 <= made.deal_order < 71
    assert pooled.deal_order == 70.25


def test_a_corrected_photo_changes_decks(reviewer: User) -> None:
    other = photo(Photo.Status.POOLED, "dog")
    Photo.objects.filter(pk=other.pk).update(deal_order=9.5)
    made = photo(Photo.Status.POOLED, "cat")
    review.accept([made.pk], reviewer, Animal.DOG)
    made.refresh_from_db()
    assert 9 <= made.deal_order < 10


def test_it_rejects(reviewer: User) -> None:
    photos = [photo(status, "cat") for status in Photo.Status]
    others = len(photos) - 1
    assert review.reject([made.pk for made in photos], reviewer) == others
    assert {now(made) for made in photos} == {("rejected", "cat")}
    assert Label.objects.filter(label="", person=reviewer).count() == others


def test_it_retires_only_from_the_pool(reviewer: User) -> None:
    photos = [photo(status, "cat") for status in Photo.Status]
    assert review.retire([made.pk for made in photos], reviewer) == 1
    assert sum(now(made)[0] == "retired" for made in photos) == 2


def test_a_batch_is_accepted_as_a_whole(reviewer: User) -> None:
    mine = [
        photo(Photo.Status.PROPOSED, "cat"),
        photo(Photo.Status.PROPOSED, "neither"),
        photo(Photo.Status.UNLABELLED),
        photo(Photo.Status.REJECTED, "dog"),
    ]
    other = photo(Photo.Status.PROPOSED, "cat", batch="another")
    assert review.accept_batch("shelter", reviewer) == Accepted(1, 1, 1)
    assert [now(made)[0] for made in mine] == ["pooled", "rejected", "unlabelled", "rejected"]
    assert now(other)[0] == "proposed"


def test_a_command_speaks_as_the_owner(db: None) -> None:
    made = photo(Photo.Status.PROPOSED, "cat")
    review.accept_batch("shelter", None)
    said = made.labels.get()
    assert (said.source, said.person) == (Label.Source.COMMAND, None)


def test_an_unknown_batch_is_named_with_those_there_are(db: None) -> None:
    pets.batch(name="spring")
    with pytest.raises(NoSuchBatch) as error:
        review.accept_batch("sprong", None)
    assert str(error.value) == "There is no batch 'sprong'. The latest batches: 'spring'."


def test_accepting_many_photos_takes_few_statements(
    reviewer: User, django_assert_max_num_queries: object
) -> None:
    keys = [photo(Photo.Status.PROPOSED, "cat").pk for _ in range(40)]
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        review.accept(keys, reviewer)


@pytest.mark.parametrize(
    ("status", "label", "trusted", "after"),
    [
        (Photo.Status.UNLABELLED, "cat", False, ("proposed", "cat")),
        (Photo.Status.UNLABELLED, "neither", True, ("proposed", "neither")),
        (Photo.Status.UNLABELLED, "cat", True, ("pooled", "cat")),
        (Photo.Status.PROPOSED, "cat", False, ("proposed", "dog")),
        (Photo.Status.PROPOSED, "cat", True, ("pooled", "cat")),
        (Photo.Status.POOLED, "cat", True, ("pooled", "dog")),
        (Photo.Status.REJECTED, "cat", True, ("rejected", "dog")),
        (Photo.Status.RETIRED, "cat", True, ("retired", "dog")),
    ],
)
def test_a_proposal_never_overrules_anybody(
    db: None, status: Photo.Status, label: str, trusted: bool, after: tuple[str, str]
) -> None:
    made = photo(status, "" if status == Photo.Status.UNLABELLED else "dog")
    changed = review.propose(made, label, trusted=trusted)
    assert now(made) == after
    assert changed is (after[1] == label)
