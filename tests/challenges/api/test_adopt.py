"""Pets that look for a home: shown after the solve, never before, and then they retire."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from challenges import state
from challenges.flows import adoption, review, stock
from challenges.flows.sites import NewSite
from challenges.models import Photo
from challenges.models.photos import Rights
from tests import pets
from tests.conftest import Visitor, cats_of

SHELTER = "Tierheim <Süd>"
URL = "https://shelter.example/minka"


@pytest.fixture
def homeless(stocked: NewSite) -> NewSite:
    """Return a site in whose every photo is a pet that looks for a home."""
    Photo.objects.update(pet_name="Minka", shelter=SHELTER, adoption_url=URL)
    return stocked


def solve(visitor: Visitor, challenge: str) -> Any:
    """Look and pick the cats."""
    visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    return visitor.answer(challenge, cats_of(challenge))


def test_who_solved_sees_which_pets_look_for_a_home(stocked: NewSite, visitor: Visitor) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    renditions = state.peek(challenge).draft.renditions
    for place in (2, 7):
        Photo.objects.filter(rendition=renditions[place]).update(
            pet_name=f"Pet {place}", shelter=SHELTER, adoption_url=f"{URL}/{place}"
        )
    assert solve(visitor, challenge).json()["adopt"] == [
        {"picture": place, "name": f"Pet {place}", "shelter": SHELTER, "url": f"{URL}/{place}"}
        for place in (2, 7)
    ]
    shown = Photo.objects.exclude(link_shown_at=None).order_by("pk")
    assert set(shown.values_list("pet_name", flat=True)) == {"Pet 2", "Pet 7"}


def test_nobody_learns_of_it_before_the_solve(homeless: NewSite, visitor: Visitor) -> None:
    asked = visitor.ask(homeless.site.sitekey)
    path = f"/api/v1/challenges/{asked.json()['id']}"
    said = [
        asked,
        visitor.get(f"{path}/pictures"),
        visitor.get(f"{path}/pictures/0"),
        visitor.post(f"{path}/extend", {}, format="json"),
        visitor.post(f"{path}/report", {"picture": 0}, format="json"),
        visitor.answer(asked.json()["id"], "nonsense"),
        visitor.answer(asked.json()["id"], [0] if cats_of(asked.json()["id"]) != [0] else [1]),
    ]
    assert [reply.status_code for reply in said] == [201, 200, 200, 200, 202, 400, 422]
    for reply in said:
        assert not [word for word in (b"adopt", b"shelter", b"Minka") if word in reply.content]
    assert not Photo.objects.exclude(link_shown_at=None).exists()


def test_the_replies_before_it_look_the_same_with_links_and_without(
    homeless: NewSite, visitor: Visitor, bot: Visitor
) -> None:
    with_links = visitor.ask(homeless.site.sitekey)
    Photo.objects.update(adoption_url="")
    without = bot.ask(homeless.site.sitekey)
    assert set(with_links.json()) == set(without.json())
    assert len(with_links.content) == len(without.content)
    assert solve(bot, without.json()["id"]).json()["adopt"] == []


def test_the_clock_runs_from_the_first_time(homeless: NewSite, visitor: Visitor) -> None:
    challenge = visitor.ask(homeless.site.sitekey).json()["id"]
    long_ago = timezone.now() - timedelta(hours=5)
    seen = Photo.objects.filter(rendition__in=state.peek(challenge).draft.renditions[:6])
    seen.update(link_shown_at=long_ago)
    assert len(solve(visitor, challenge).json()["adopt"]) == 12
    assert Photo.objects.filter(link_shown_at=long_ago).count() == 6
    assert Photo.objects.exclude(link_shown_at=None).count() == 12


def test_a_pet_that_left_the_pool_meanwhile_is_not_shown(
    homeless: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(homeless.site.sitekey).json()["id"]
    Photo.objects.update(status=Photo.Status.PROPOSED)
    assert solve(visitor, challenge).json()["adopt"] == []


@pytest.mark.parametrize("kind", ["pass", "challenge"])
def test_a_public_test_key_shows_nobody(
    db: None, visitor: Visitor, settings: LazySettings, kind: str
) -> None:
    settings.TEST_KEYS = True
    pets.pool(30, Rights.STARTER)
    Photo.objects.update(pet_name="Minka", shelter=SHELTER, adoption_url=URL)
    visitor.ask(f"pawcha-test-{kind}")  # Makes the site behind the test keys.
    with patch("challenges.flows.stock.profiles", return_value=[_testing()]):
        stock.keep_stocked(5)
    reply = solve(visitor, visitor.ask(f"pawcha-test-{kind}").json()["id"])
    assert reply.json()["token"].startswith("PAWCHA.DUMMY")
    assert reply.json()["adopt"] == []
    assert not Photo.objects.exclude(link_shown_at=None).exists()


def _testing() -> Any:
    from challenges.models import Site
    from challenges.models.sites import TEST_SITE

    return Site.objects.get(sitekey=TEST_SITE).profile


def test_the_token_comes_even_when_the_links_cannot_be_read(
    homeless: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(homeless.site.sitekey).json()["id"]
    with patch("challenges.flows.adoption._show", side_effect=OperationalError("gone")):
        told = solve(visitor, challenge).json()
    assert len(told["token"]) == 118
    assert told["adopt"] == []


def test_a_photo_leaves_the_pool_three_days_after_its_link_was_first_shown(
    homeless: NewSite, visitor: Visitor
) -> None:
    solve(visitor, visitor.ask(homeless.site.sitekey).json()["id"])
    with time_machine.travel(timedelta(hours=71)):
        assert adoption.retire_shown() == 0
    with time_machine.travel(timedelta(hours=72, minutes=1)):
        assert adoption.retire_shown() == 12
        stock.keep_stocked(3)
        waiting = state.ready_drafts("12x1-public", "fresh")
    gone = set(
        Photo.objects.filter(status=Photo.Status.RETIRED).values_list("rendition", flat=True)
    )
    assert len(gone) == 12
    assert all(not gone & set(draft.renditions) for draft in waiting)


def test_a_photo_without_its_link_leaves_all_the_same(homeless: NewSite) -> None:
    photo = Photo.objects.all()[0]
    Photo.objects.filter(pk=photo.pk).update(
        adoption_url="", link_shown_at=timezone.now() - timedelta(days=4)
    )
    assert adoption.retire_shown() == 1


def test_a_person_may_bring_a_photo_back(homeless: NewSite, reviewer: User) -> None:
    photo = Photo.objects.all()[0]
    Photo.objects.filter(pk=photo.pk).update(link_shown_at=timezone.now() - timedelta(days=4))
    adoption.retire_shown()
    review.accept([photo.pk], reviewer, photo.label)  # type: ignore[arg-type]
    assert adoption.retire_shown() == 0
    photo.refresh_from_db()
    assert (photo.status, photo.link_shown_at) == ("pooled", None)
