"""Accepting many at once: only after a sample was checked, and only what was counted."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from challenges.flows import review, sample
from challenges.flows.review import Word
from challenges.models import Photo
from tests.challenges.flows.test_deciding import now, somebody, waiting


@pytest.fixture
def ann(db: None) -> User:
    return somebody("Ann")


@pytest.fixture
def sure(db: None) -> list[Photo]:
    """Return 20 photos of which the network is very sure."""
    return [waiting("dog" if number % 2 else "cat", certainty=0.999) for number in range(20)]


def test_it_counts_what_is_sure_enough_and_in_no_doubt(ann: User, sure: list[Photo]) -> None:
    waiting(certainty=0.994)
    exact = waiting(certainty=0.995)
    waiting(certainty=0.999, doubt="Look.", doubt_kind="missed")
    made = sample.draw(ann, 0.995, 50)
    assert sorted(made.counted) == sorted([one.pk for one in sure] + [exact.pk])
    assert sorted(made.drawn) == sorted(made.counted)
    assert sample.counts() == {994: 1, 995: 1, 999: 20}


def test_it_is_drawn_once(ann: User, sure: list[Photo]) -> None:
    first = sample.draw(ann, 0.9, 5)
    assert len(first.drawn) == 5
    assert sample.draw(ann, 0.5, 10) == first == sample.current(ann)


def test_who_gives_up_a_sample_is_not_silent_about_it(ann: User, sure: list[Photo]) -> None:
    sample.draw(ann, 0.9, 5)
    sample.give_up(ann)
    sample.give_up(ann)
    made = sample.draw(ann, 0.9, 5)
    assert made.given_up == 1
    assert made.note == "accepted above 90 %, sample 0 of 5 wrong, 1 given up before"


def test_nothing_is_accepted_unchecked(ann: User, sure: list[Photo]) -> None:
    with pytest.raises(sample.NoSample):
        sample.accept(ann)
    sample.draw(ann, 0.9, 5)
    with pytest.raises(sample.NotChecked):
        sample.accept(ann)
    assert not Photo.objects.pooled().exists()


def test_it_accepts_what_was_counted_and_still_waits(ann: User, sure: list[Photo]) -> None:
    made = sample.draw(ann, 0.995, 10)
    later = waiting(certainty=0.999)
    wrong = Photo.objects.get(pk=made.drawn[0])
    other = Word.DOG if wrong.label == "cat" else Word.CAT
    elsewhere, doubted, gone = [one for one in sure if one.pk not in made.drawn][:3]
    review.decide(elsewhere.pk, somebody("Ben"), Word.NEITHER)
    Photo.objects.filter(pk=doubted.pk).update(doubt="Look.", doubt_kind="missed")
    Photo.objects.filter(pk=gone.pk).delete()

    checked = sample.check(ann, {wrong.pk: other, later.pk: Word.REJECT})
    assert checked.estimate.wrong == 1
    assert (checked.estimate.rest, checked.estimate.expected) == (10, 1)
    done = sample.accept(ann)
    assert (done.accepted, done.corrected, done.gone) == (16, 1, 3)
    assert now(wrong) == ("pooled", other)
    assert now(later) == ("proposed", "cat")
    assert now(elsewhere) == ("rejected", "neither")
    assert now(doubted)[0] == "proposed"
    note = Photo.objects.get(pk=made.drawn[1]).labels.get(person=ann).note
    assert note == "accepted above 99.5 %, sample 1 of 10 wrong"
    assert sample.current(ann) is None


def test_where_two_have_to_agree_an_owner_accepts(
    ann: User, reviewer: User, sure: list[Photo], settings: Any
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "REVIEWERS_AGREE": 2}
    with pytest.raises(sample.OnlyOwner):
        sample.draw(ann, 0.9, 5)
    sample.draw(reviewer, 0.9, 5)
    sample.check(reviewer, {})
    assert sample.accept(reviewer).accepted == 20


def test_odd_numbers_of_photos_are_passed_over(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    sent = {"do": "check", "fix-²": "cat", f"fix-{'9' * 900}": "cat", "fix-": "dog"}
    assert client.post("/admin/challenges/label/sample/", sent).status_code == 302
