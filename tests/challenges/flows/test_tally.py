"""People's misses: what counts, that each answer counts once, and which photos come back."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError, connections
from django.utils import timezone

from challenges.flows import doubts, review, sweep, tally
from challenges.flows.sites import NewSite
from challenges.locks import Lock
from challenges.models import Mark, Miss, Outcome, Photo, Rendition, Site
from challenges.models.photos import Animal
from tests import pets
from tests.challenges.flows.answers import AGO, answered


@pytest.fixture
def site(site_owner: NewSite) -> Site:
    """Return a site that real people visit."""
    return site_owner.site


@pytest.fixture
def twelve(db: None) -> list[Photo]:
    """Return the photos of a challenge: six cats, then six dogs."""
    return pets.pool(6)


def counts(photo: Photo) -> tuple[int, int]:
    """Return in how many answers the photo was judged, and how many networks missed it."""
    return Photo.objects.values_list("seen", "missed").get(pk=photo.pk)


def test_it_counts_who_saw_a_photo_and_who_missed_it(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve)
    answered(site, twelve, [3])
    answered(site, twelve, [3, 8])
    assert tally.count_misses(9) == 3
    assert [counts(photo) for photo in twelve] == [
        (3, {3: 2, 8: 1}.get(place, 0)) for place in range(12)
    ]


def test_it_goes_on_where_it_stopped(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve, [0])
    tally.count_misses(9)
    assert tally.count_misses(9) == 0
    answered(site, twelve, [0])
    assert tally.count_misses(9) == 1
    assert counts(twelve[0]) == (2, 2)


def test_it_works_through_many_of_one_moment_in_portions(
    site: Site, twelve: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "PORTION", 3)
    moment = timezone.now() - AGO
    for _ in range(10):
        answered(site, twelve, [1], at=moment)
    assert tally.count_misses(9) == 10
    assert counts(twelve[1]) == (10, 10)


def test_an_answer_that_may_not_be_committed_yet_waits(site: Site, twelve: list[Photo]) -> None:
    now = timezone.now()
    answered(site, twelve, at=now - timedelta(seconds=tally.LAG - 20))
    assert tally.count_misses(9) == 0
    with time_machine.travel(now + timedelta(seconds=21)):
        assert tally.count_misses(9) == 1


def test_an_answer_that_was_committed_late_is_counted(site: Site, twelve: list[Photo]) -> None:
    now = timezone.now()
    answered(site, twelve, at=now)
    with time_machine.travel(now + timedelta(seconds=tally.LAG - 5)):
        assert tally.count_misses(9) == 0
        # It began before the other one and took its time.
        answered(site, twelve, at=now - timedelta(seconds=1))
    with time_machine.travel(now + timedelta(seconds=tally.LAG + 1)):
        assert tally.count_misses(9) == 2


@pytest.mark.parametrize("where", ["_add", "_new_misses"])
def test_killed_in_the_middle_it_counts_everything_once(
    site: Site, twelve: list[Photo], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(tally, "PORTION", 4)
    for number in range(10):
        answered(site, twelve, [number % 2], at=timezone.now() - AGO + timedelta(seconds=number))
    real, calls = getattr(tally, where), []

    def dies(*args: Any) -> Any:
        calls.append(args)
        done = real(*args)
        if len(calls) in {2, 3, 5}:
            raise OperationalError("the worker was killed")
        return done

    with patch.object(tally, where, dies):
        for _ in range(3):
            with pytest.raises(OperationalError):
                tally.count_misses(9)
        tally.count_misses(9)
    assert [counts(photo) for photo in twelve[:3]] == [(10, 5), (10, 5), (10, 0)]
    assert Miss.objects.count() == 10


def test_a_count_that_could_not_be_kept_leaves_its_mark_where_it_was(
    site: Site, twelve: list[Photo]
) -> None:
    answered(site, twelve)
    tally.count_misses(9)
    before = Mark.objects.get(name=tally.NAME)
    answered(site, twelve, [2])
    with (
        patch.object(Mark, "save", side_effect=OperationalError("gone")),
        pytest.raises(OperationalError),
    ):
        tally.count_misses(9)
    assert (counts(twelve[2]), Miss.objects.count()) == ((1, 0), 0)
    now = Mark.objects.get(name=tally.NAME)
    assert (now.at, now.number) == (before.at, before.number)


def test_one_process_counts_at_a_time(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [int(Lock.TALLY)])
            assert tally.count_misses(9) == 0
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", [int(Lock.TALLY)])
    finally:
        other.close()
    assert tally.count_misses(9) == 1


def test_a_network_misses_a_photo_once(site: Site, twelve: list[Photo]) -> None:
    for _ in range(3):
        answered(site, twelve, [5], prefix="a" * 32)
        tally.count_misses(9)
    answered(site, twelve, [5], prefix="a" * 32)
    answered(site, twelve, [5, 6], prefix="a" * 32)
    tally.count_misses(9)
    assert (counts(twelve[5]), counts(twelve[6])) == ((5, 1), (5, 1))


@pytest.mark.parametrize(
    ("wrong", "counted"), [([], True), ([1], True), ([1, 8], True), ([1, 2, 8], False)]
)
def test_of_wrong_answers_only_those_that_are_nearly_right_count(
    site: Site, twelve: list[Photo], wrong: list[int], counted: bool
) -> None:
    answered(site, twelve, wrong)
    tally.count_misses(9)
    assert counts(twelve[0])[0] == counted


def test_of_nine_pictures_one_may_be_wrong(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve[:9], [0, 1])
    tally.count_misses(9)
    assert counts(twelve[0]) == (0, 0)
    answered(site, twelve[:9], [0])
    tally.count_misses(9)
    assert counts(twelve[0]) == (1, 1)


def test_a_pass_with_a_picture_that_was_let_through_is_a_miss(
    site: Site, twelve: list[Photo]
) -> None:
    answered(site, twelve, [4], state=Outcome.State.PASSED, tolerance=1)
    tally.count_misses(9)
    assert counts(twelve[4]) == (1, 1)


def test_a_right_answer_counts_whether_or_not_it_passed(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve, [4], state=Outcome.State.MORE, tolerance=1)
    tally.count_misses(9)
    assert (counts(twelve[0]), counts(twelve[4])) == ((1, 0), (1, 1))


def test_an_attack_of_the_operator_s_own_is_no_visitor(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve, [4], door="attack")
    assert tally.count_misses(9) == 1
    assert counts(twelve[4]) == (0, 0)


def test_a_probe_is_neither_seen_nor_missed(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve, [4], state=Outcome.State.PASSED, probe=4)
    # With the probe left out it has one wrong of eleven, and that is a person's.
    answered(site, twelve, [4, 5], probe=4)
    tally.count_misses(9)
    assert (counts(twelve[4]), counts(twelve[5])) == ((0, 0), (2, 1))


@pytest.mark.parametrize("unreal", ["reserved", "simulated", "test_mode"])
def test_only_real_visitors_count(site: Site, twelve: list[Photo], unreal: str) -> None:
    Site.objects.update(**{unreal: True})
    answered(site, twelve, [1])
    assert tally.count_misses(9) == 1
    assert counts(twelve[1]) == (0, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"state": Outcome.State.EXPIRED, "picks": None, "answered_at": None},
        {"state": Outcome.State.FAILED, "picks": None},
    ],
)
def test_what_was_not_answered_is_not_counted(
    site: Site, twelve: list[Photo], other: dict[str, Any]
) -> None:
    answered(site, twelve, **other)
    tally.count_misses(9)
    assert counts(twelve[0]) == (0, 0)


def test_of_an_unknown_network_nothing_counts(site: Site, twelve: list[Photo]) -> None:
    answer = answered(site, twelve, [1])
    Outcome.objects.filter(pk=answer.pk).update(prefix="")
    tally.count_misses(9)
    assert counts(twelve[1]) == (0, 0)


def test_a_photo_that_got_another_label_since_is_left_out(
    site: Site, twelve: list[Photo], reviewer: User
) -> None:
    answered(site, twelve, [0])
    review.accept([twelve[0].pk], reviewer, Animal.DOG)
    tally.count_misses(9)
    assert (counts(twelve[0]), counts(twelve[1])) == ((0, 0), (1, 0))


def test_renditions_that_are_gone_stop_nothing(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve, [1])
    Rendition.objects.filter(photo=twelve[0]).delete()
    tally.count_misses(9)
    assert counts(twelve[1]) == (1, 1)


def test_what_is_older_than_a_day_when_counting_begins_is_left_out(
    site: Site, twelve: list[Photo]
) -> None:
    answered(site, twelve, [1], at=timezone.now() - timedelta(days=1, minutes=1))
    assert tally.count_misses(9) == 0


# --- what comes back -----------------------------------------------------------------------------


def missed(photo: Photo, missed: int, seen: int) -> None:
    """Let the photo have been missed by so many of those who saw it."""
    Photo.objects.filter(pk=photo.pk).update(missed=missed, seen=seen)


def test_the_photos_that_stand_out_come_back_the_worst_first(twelve: list[Photo]) -> None:
    Photo.objects.update(seen=1000, missed=10)
    for place, (wrong, seen) in enumerate([(5, 30), (14, 40), (40, 50), (9, 30), (4, 5)]):
        missed(twelve[place], wrong, seen)
    missed(twelve[11], 6, 6)
    assert tally.doubt_missed() == 3
    said = Photo.objects.in_doubt().order_by("pk").values_list("pk", "doubt", "doubt_kind")
    assert list(said) == [
        (twelve[1].pk, "Of 40 visitors 14 took it for a dog.", "missed"),
        (twelve[2].pk, "Of 50 visitors 40 took it for a dog.", "missed"),
        (twelve[11].pk, "Of 6 visitors 6 took it for a cat.", "missed"),
    ]


def test_where_nothing_is_missed_nothing_comes_back(twelve: list[Photo]) -> None:
    Photo.objects.update(seen=1000, missed=12)
    assert tally.doubt_missed() == 0


def test_counting_brings_a_photo_back(site: Site, twelve: list[Photo]) -> None:
    for number in range(20):
        answered(site, twelve, [2] if number < 8 else [])
    tally.count_misses(9)
    photo = Photo.objects.in_doubt().get()
    assert (photo.pk, photo.doubt) == (twelve[2].pk, "Of 20 visitors 8 took it for a dog.")
    assert (photo.status, photo.label) == ("pooled", "cat")


def test_a_settled_doubt_needs_new_misses_of_new_networks(
    site: Site, twelve: list[Photo], reviewer: User
) -> None:
    networks = [secrets.token_hex(16) for _ in range(8)]
    for prefix in networks:
        answered(site, twelve, [2], prefix=prefix)
    tally.count_misses(9)
    assert review.accept([twelve[2].pk], reviewer).pooled == 1
    # The same ones again, within two days.
    for prefix in networks:
        answered(site, twelve, [2], prefix=prefix)
    tally.count_misses(9)
    assert not Photo.objects.in_doubt().exists()
    assert counts(twelve[2]) == (8, 0)
    for _ in range(8):
        answered(site, twelve, [2])
    tally.count_misses(9)
    assert Photo.objects.in_doubt().get().doubt == "Of 16 visitors 8 took it for a dog."


def test_misses_are_forgotten_after_two_days_and_their_number_is_not(
    site: Site, twelve: list[Photo]
) -> None:
    answered(site, twelve, [2])
    tally.count_misses(9)
    with time_machine.travel(timedelta(days=1, hours=23)):
        sweep.forget_addresses()
        assert Miss.objects.count() == 1
    with time_machine.travel(timedelta(days=2, minutes=1)):
        sweep.forget_addresses()
    assert not Miss.objects.exists()
    assert counts(twelve[2]) == (1, 1)


def test_it_stops_when_its_time_is_over(site: Site, twelve: list[Photo]) -> None:
    answered(site, twelve)
    assert tally.count_misses(0) == 0
    assert doubts.room(Photo.Doubt.MISSED).left == 3
