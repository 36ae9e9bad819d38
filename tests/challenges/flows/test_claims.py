"""Two reviewers never get the same photo at the same time."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenges.flows import claims
from challenges.models import Claim, Photo
from challenges.models.photos import Animal
from tests import pets
from tests.challenges.flows.test_deciding import at_once, somebody, waiting


@pytest.fixture
def ann(db: None) -> User:
    return somebody("Ann")


@pytest.fixture
def ben(db: None) -> User:
    return somebody("Ben")


def test_doubted_ones_come_first_then_the_least_certain(ann: User) -> None:
    unseen = waiting("")
    sure, unsure = waiting(certainty=0.99), waiting(certainty=0.6)
    as_unsure = waiting(certainty=0.6)
    pooled = pets.photo(Animal.CAT)
    doubted = pets.photo(Animal.DOG)
    Photo.objects.filter(pk=doubted.pk).update(doubt="Look.", doubt_kind="missed")
    assert claims.claim(ann, 8) == [doubted, unsure, as_unsure, sure, unseen]
    assert not Claim.objects.filter(photo=pooled).exists()
    assert claims.left(ann) == 5


def test_nobody_gets_what_another_has(ann: User, ben: User) -> None:
    made = [waiting(certainty=number / 10) for number in range(5)]
    assert claims.claim(ann, 3) == made[:3]
    assert claims.claim(ben, 3) == made[3:]
    claims.release(ann, [made[0].pk, made[3].pk])
    assert claims.claim(ben, 3, [made[3].pk, made[4].pk]) == made[:1]


def test_a_lease_ends_unless_the_page_renews_it(ann: User, ben: User) -> None:
    kept, lost = waiting(certainty=0.1), waiting(certainty=0.2)
    assert claims.claim(ann, 8) == [kept, lost]
    late = timezone.now() - timedelta(seconds=1)
    assert claims.claim(ann, 0, [kept.pk]) == []
    Claim.objects.filter(photo=lost).update(until=late)
    assert claims.claim(ben, 8) == [lost]


def test_a_page_that_was_opened_anew_gets_its_photos_again(ann: User) -> None:
    made = waiting()
    assert claims.claim(ann, 8) == claims.claim(ann, 8) == [made]
    assert claims.claim(ann, 8, [made.pk]) == []


def test_nobody_holds_the_whole_queue(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "MOST", 2)
    made = [waiting(certainty=number / 10) for number in range(4)]
    assert claims.claim(ann, 8) == made[:2]
    assert claims.claim(ann, 8, [one.pk for one in made[:2]]) == []


@pytest.mark.django_db(transaction=True)
def test_many_who_claim_at_once_share_the_queue() -> None:
    people = [somebody(f"reviewer {number}") for number in range(6)]
    made = {waiting(certainty=number / 100).pk for number in range(40)}
    came = at_once(*[lambda person=person: claims.claim(person, 8) for person in people])
    keys = [photo.pk for photos in came for photo in photos]
    assert len(keys) == len(set(keys)) == 40
    assert set(keys) == made


def test_a_long_queue_is_walked_by_its_indexes(ann: User, ben: User) -> None:
    fill(100_000)
    claims.claim(ben, 100)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert len(claims.claim(ann, 8)) == 8
        claims.left(ann)
    walks = [one["sql"] for one in seen if "FOR UPDATE" in one["sql"]]
    assert len(walks) == 2
    for sql, index in zip(walks, ["photo_doubted", "photo_queue"], strict=True):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE) " + sql)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert f"Index Scan using {index}" in plan, plan
        assert "Sort" not in plan, plan
        print(plan.splitlines()[-1])


def fill(number: int) -> None:
    """Make so many photos, half of them waiting, in one statement."""
    batch = pets.batch()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO challenges_photo (sha256, width, height, phash, bands, "group", batch_id,
                rights, label, status, deal_order, fresh, located, pet_name, shelter, adoption_url,
                credit, licence, doubt, doubt_kind, p_cat, certainty, looked_by, seen, missed,
                scored, solved, mildness, created_at)
            SELECT %s || n, 400, 300, n, ARRAY[n], n, %s, 'cleared', 'cat',
                CASE WHEN n %% 2 = 0 THEN 'pooled' ELSE 'proposed' END, random(), false, true,
                '', '', '', '', '', '', '', random(), random(), 'net', 0, 0, 0, 0, 0, now()
            FROM generate_series(1, %s) AS n""",
            [secrets.token_hex(8), batch.pk, number],
        )
        cursor.execute("ANALYZE challenges_photo")
