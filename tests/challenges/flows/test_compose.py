"""Composing: fair places, no near-duplicates, every photo in its turn, never a loop."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from challenges.drafts import Draft
from challenges.exceptions import NotEnoughPhotos
from challenges.flows import compose
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import EXPOSURES, Audience, Profile
from tests import pets

PUBLIC = Profile(12, Audience.PUBLIC)
LOOPBACK = Profile(12, Audience.LOOPBACK)


def photos_of(draft: Draft) -> list[Photo]:
    """Return the photos in the order shown."""
    by_rendition = {photo.rendition_id: photo for photo in Photo.objects.all()}
    return [by_rendition[rendition] for rendition in draft.renditions]


def test_the_answer_is_what_the_photos_show(pool: list[Photo]) -> None:
    draft = compose.compose(PUBLIC, "fresh")
    labels = [photo.label for photo in photos_of(draft)]
    assert labels == ["cat" if draft.cats >> place & 1 else "dog" for place in range(12)]


def test_no_challenge_holds_two_near_duplicates(db: None) -> None:
    for animal in (Animal.CAT, Animal.DOG):
        for group in range(100, 111):
            for _ in range(3):
                pets.rendered(animal, group=group + (1000 if animal == Animal.DOG else 0))
    for _ in range(20):
        draft = compose.compose(PUBLIC, "fresh")
        assert len(set(draft.groups)) == 12


def test_a_cat_and_a_dog_of_one_group_are_not_shown_together(pool: list[Photo]) -> None:
    Photo.objects.filter(pk__in=[pool[0].pk, pool[-1].pk]).update(group=5, deal_order=-1)
    for _ in range(10):
        draft = compose.compose(PUBLIC, "fresh")
        assert draft.groups.count("5") <= 1


def test_it_deals_every_photo_before_any_photo_twice(pool: list[Photo]) -> None:
    dealt: Counter[int] = Counter()
    while max(dealt.values(), default=0) < 2:
        dealt.update(photo.pk for photo in photos_of(compose.compose(PUBLIC, "fresh")))
    cats = [dealt[photo.pk] for photo in pool if photo.label == Animal.CAT]
    dogs = [dealt[photo.pk] for photo in pool if photo.label == Animal.DOG]
    # One of the two decks has started its second round: it was dealt whole.
    assert min(cats) >= 1 or min(dogs) >= 1


def test_a_rendition_is_put_in_eight_challenges_and_then_replaced(db: None) -> None:
    pets.pool(11)

    def compose_all() -> None:
        for _ in range(100):
            compose.compose(PUBLIC, "fresh")

    with pytest.raises(NotEnoughPhotos):
        compose_all()
    reserved = Rendition.objects.values_list("reserved", flat=True)
    assert max(reserved) == EXPOSURES
    worn = Photo.objects.filter(rendition__reserved=EXPOSURES)
    assert set(worn.values_list("fresh", flat=True)) == {False}


def test_when_fresh_ones_run_out_the_least_shown_come_with_a_raised_risk(db: None) -> None:
    pets.pool(11)
    Photo.objects.update(fresh=False)
    Rendition.objects.update(reserved=EXPOSURES)
    with pytest.raises(NotEnoughPhotos):
        compose.compose(PUBLIC, "fresh")
    draft = compose.compose(PUBLIC, "worn")
    assert draft.risk == (EXPOSURES + 1) / EXPOSURES


def test_the_risk_is_how_worn_the_most_shown_picture_is(pool: list[Photo]) -> None:
    assert compose.compose(PUBLIC, "fresh").risk == 1 / EXPOSURES


@pytest.mark.parametrize(("present", "missing"), [(Animal.CAT, "dog"), (Animal.DOG, "cat")])
def test_it_refuses_a_pool_with_one_animal_with_a_sentence(
    db: None, present: Animal, missing: str
) -> None:
    for _ in range(40):
        pets.rendered(present)
    for queue in ("fresh", "worn"):
        with pytest.raises(NotEnoughPhotos) as refused:
            compose.compose(PUBLIC, queue)
        assert f"the pool has none of {missing}s" in str(refused.value)
        assert f"manage.py import_photos PATH --label {missing}" in str(refused.value)


def test_it_refuses_an_empty_pool_with_a_sentence(db: None) -> None:
    with pytest.raises(NotEnoughPhotos, match="the pool has none of cats"):
        compose.compose(PUBLIC, "fresh")


def test_it_needs_as_many_of_each_as_the_most_lopsided_draw(db: None) -> None:
    for _ in range(10):
        pets.rendered(Animal.CAT)
    for _ in range(30):
        pets.rendered(Animal.DOG)
    with pytest.raises(NotEnoughPhotos, match="the pool has 10 of cats"):
        compose.compose(PUBLIC, "fresh")


@pytest.mark.parametrize(
    "status", [Photo.Status.PROPOSED, Photo.Status.REJECTED, Photo.Status.UNLABELLED]
)
def test_no_picture_is_shown_before_a_person_has_accepted_it(
    pool: list[Photo], status: Photo.Status
) -> None:
    hidden = pets.rendered(Animal.CAT)
    Photo.objects.filter(pk=hidden.pk).update(status=status, deal_order=-5)
    for _ in range(5):
        assert hidden.rendition_id not in compose.compose(PUBLIC, "fresh").renditions


def test_starters_leave_when_both_animals_have_a_hundred_own_photos(db: None) -> None:
    pets.pool(100, Rights.STARTER)
    for animal, number in ((Animal.CAT, 100), (Animal.DOG, 99)):
        for _ in range(number):
            pets.photo(animal, Rights.CLEARED)
    assert Rights.STARTER in Photo.objects.rights_for(Audience.PUBLIC)
    assert compose.missing(Audience.PUBLIC) == (
        "Starter pictures stay in the pool until there are 1 more dogs."
    )
    pets.photo(Animal.DOG, Rights.CLEARED)
    assert Photo.objects.rights_for(Audience.PUBLIC) == [Rights.CLEARED]
    assert compose.missing(Audience.PUBLIC) is None


def test_trial_photos_count_and_show_for_loopback_sites_only(db: None) -> None:
    pets.pool(100, Rights.TRIAL)
    pets.pool(12, Rights.STARTER)
    assert Photo.objects.rights_for(Audience.LOOPBACK) == [Rights.CLEARED, Rights.TRIAL]
    assert Photo.objects.rights_for(Audience.PUBLIC) == [Rights.CLEARED, Rights.STARTER]
    shown = photos_of(compose.compose(PUBLIC, "fresh"))
    assert {photo.rights for photo in shown} == {Rights.STARTER}


def test_production_shows_trial_photos_to_nobody(db: None, settings: Any) -> None:
    pets.pool(100, Rights.TRIAL)
    settings.PRODUCTION = True
    with pytest.raises(NotEnoughPhotos):
        compose.compose(LOOPBACK, "fresh")


def test_it_gives_back_the_showings_of_a_draft_that_is_dropped(pool: list[Photo]) -> None:
    draft = compose.compose(PUBLIC, "fresh")
    compose.release(draft)
    assert set(Rendition.objects.values_list("reserved", flat=True)) == {0}
    assert not Photo.objects.filter(fresh=False).exists()


def test_its_queries_do_not_grow_with_the_pool(
    pool: list[Photo], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(9):
        compose.compose(PUBLIC, "fresh")
    pets.pool(40)
    with django_assert_num_queries(9):
        compose.compose(PUBLIC, "fresh")


@pytest.mark.django_db(transaction=True)
def test_it_locks_renditions_in_the_order_of_their_keys_so_that_nobody_deadlocks() -> None:
    pets.pool(11)
    # The deck deals the highest keys first, the other way round than they must be locked.
    Photo.objects.update(deal_order=-F("id"))
    cats = list(Rendition.objects.filter(photo__label=Animal.CAT).order_by("pk"))

    def compose_elsewhere() -> None:
        compose.compose(PUBLIC, "fresh")
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            held = Rendition.objects.filter(pk__in=[cat.pk for cat in cats[:-1]])
            list(held.select_for_update())
            composing = thread.submit(compose_elsewhere)
            wait_until_somebody_waits(composing)
            # Who waits for a lower key holds no higher one.
            Rendition.objects.select_for_update(nowait=True).get(pk=cats[-1].pk)
        composing.result(timeout=20)


def wait_until_somebody_waits(work: Future[None]) -> None:
    """Wait until a transaction waits for a lock, or the work is done without."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not work.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
