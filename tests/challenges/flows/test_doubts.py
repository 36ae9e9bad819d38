"""The gate by which visitors and machines put photos in doubt: who may pass, and how many."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection

from challenges.flows import doubts, review
from challenges.models import Photo
from challenges.models.photos import Animal
from tests import pets

MISSED, NETWORK, MACHINES = Photo.Doubt.MISSED, Photo.Doubt.NETWORK, Photo.Doubt.MACHINES
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def cats(number: int) -> list[Photo]:
    """Return so many pooled cats."""
    return [pets.photo(Animal.CAT) for _ in range(number)]


def doubt(photos: list[Photo], kind: Photo.Doubt = MISSED) -> int:
    """Put these photos in doubt, as far as there is room."""
    return doubts.raise_doubts(kind, {photo.pk: f"Look at {photo.pk}." for photo in photos})


def doubted() -> list[int]:
    """Return the ids of the photos in doubt."""
    return sorted(Photo.objects.in_doubt().values_list("pk", flat=True))


def test_a_doubted_photo_stays_as_it_is_but_for_the_doubt(db: None) -> None:
    photo = cats(1)[0]
    assert doubt([photo]) == 1
    photo.refresh_from_db()
    assert (photo.status, photo.label, photo.rights) == ("pooled", "cat", "cleared")
    assert (photo.doubt, photo.doubt_kind) == (f"Look at {photo.pk}.", "missed")


def test_the_worst_come_first_whatever_their_numbers(db: None) -> None:
    photos = cats(8)
    assert doubt([photos[6], photos[1], photos[4], photos[0]]) == doubts.LEAST
    assert doubted() == sorted(photo.pk for photo in (photos[6], photos[1], photos[4]))


@pytest.mark.parametrize("status", [one for one in Photo.Status if one != "pooled"])
def test_only_a_pooled_photo_comes_into_doubt(db: None, status: Photo.Status) -> None:
    photo = cats(1)[0]
    Photo.objects.filter(pk=photo.pk).update(status=status)
    assert doubt([photo]) == 0
    assert doubted() == []


def test_a_photo_in_doubt_keeps_its_sentence_and_takes_no_place(db: None) -> None:
    photos = cats(4)
    Photo.objects.filter(pk=photos[0].pk).update(doubt="3 visitors reported it.")
    assert doubt(photos) == 3
    photos[0].refresh_from_db()
    assert photos[0].doubt == "3 visitors reported it."


def test_nothing_to_doubt_is_nothing(db: None) -> None:
    assert doubts.raise_doubts(MISSED, {}) == 0
    assert doubts.raise_doubts(MISSED, {999: "It is gone."}) == 0


def test_of_a_large_pool_two_in_a_hundred_may_come(db: None) -> None:
    photos = cats(210)
    assert doubt(photos) == 4


def test_how_many_is_the_operators_choice(db: None, settings: LazySettings) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "DOUBTS_MOST_PERCENT": 10}
    assert doubt(cats(60)) == 6


def test_each_reason_has_its_own_room(db: None) -> None:
    photos = cats(10)
    assert (doubt(photos[:5]), doubt(photos, NETWORK)) == (3, 3)
    assert Photo.objects.in_doubt().filter(doubt_kind="network").count() == 3


def test_what_machines_solve_comes_only_where_the_operator_wants_it(
    db: None, settings: LazySettings
) -> None:
    photos = cats(210)
    assert doubt(photos, MACHINES) == 0
    settings.PAWCHA = {**settings.PAWCHA, "ALWAYS_SOLVED_PERCENT": 1}
    assert doubt(photos, MACHINES) == 3
    settings.PAWCHA = {**settings.PAWCHA, "ALWAYS_SOLVED_PERCENT": 100}
    assert doubt(photos, MACHINES) == 1


def test_while_they_wait_no_more_come_on_any_day(db: None) -> None:
    photos = cats(20)
    for day in range(4):
        with time_machine.travel(NOON + timedelta(days=day)):
            assert doubt(photos) == (3 if day == 0 else 0)
    assert len(doubted()) == 3


def test_when_a_person_has_looked_more_come_the_next_day_only(db: None, reviewer: User) -> None:
    photos = cats(20)
    with time_machine.travel(NOON):
        assert doubt(photos[:2]) == 2
        review.accept(doubted(), reviewer)
        assert doubt(photos[2:]) == 1
        review.accept(doubted(), reviewer)
        assert doubt(photos[5:]) == 0
    with time_machine.travel(NOON + timedelta(hours=12)):
        assert doubt(photos[5:]) == 3


def test_what_waits_since_yesterday_takes_its_place_today(db: None) -> None:
    photos = cats(20)
    with time_machine.travel(NOON):
        doubt(photos[:2])
    with time_machine.travel(NOON + timedelta(days=1)):
        assert doubt(photos[2:]) == 1


@pytest.mark.parametrize("seed", range(5))
def test_whatever_comes_in_whatever_order_the_bounds_hold(
    db: None, reviewer: User, seed: int
) -> None:
    chance = random.Random(seed)
    photos = cats(30)
    came = dict.fromkeys(range(3), 0)
    for day in came:
        for _ in range(6):
            with time_machine.travel(NOON + timedelta(days=day)):
                came[day] += doubt(chance.sample(photos, chance.randint(1, 9)))
                assert len(doubted()) <= 3
                if chance.random() < 0.5:
                    review.accept(doubted()[: chance.randint(1, 3)], reviewer)
    assert all(number <= 3 for number in came.values())
    assert Photo.objects.pooled().filter(label="cat").count() == 30


@pytest.mark.django_db(transaction=True)
def test_those_who_come_at_once_do_not_get_more() -> None:
    photos = cats(24)

    def knock(number: int) -> int:
        try:
            return doubt(photos[number::8])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(knock, range(8))) == 3
    assert len(doubted()) == 3


def test_a_person_who_settles_it_lets_the_count_begin_anew(db: None, reviewer: User) -> None:
    settled, kept = cats(2)
    Photo.objects.update(seen=40, missed=14, scored=6, solved=6)
    doubt([settled])
    review.accept([settled.pk, kept.pk], reviewer)
    counts = ("seen", "missed", "scored", "solved")
    assert Photo.objects.filter(pk=settled.pk).values_list(*counts).get() == (0, 0, 0, 0)
    # Nobody doubted the other: what is known of it stays.
    assert Photo.objects.filter(pk=kept.pk).values_list(*counts).get() == (40, 14, 6, 6)


def test_another_label_lets_the_count_begin_anew(db: None, reviewer: User) -> None:
    photo = cats(1)[0]
    Photo.objects.update(seen=40, missed=14)
    review.accept([photo.pk], reviewer, Animal.DOG)
    photo.refresh_from_db()
    assert (photo.label, photo.seen, photo.missed) == ("dog", 0, 0)
