"""Worn hardened renditions: they stay while the hardener lives, and the pool is never empty."""

from __future__ import annotations

import io
import logging
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from challenges import state
from challenges.flows import render, stock
from challenges.flows.sites import NewSite
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import EXPOSURES
from tests import pets

KEY = "12x1-public"
RIGHTS = [Rights.CLEARED]


def with_files(photos: list[Photo]) -> list[Photo]:
    """Store real pixels for the photos, in which the animal was looked for."""
    with io.BytesIO() as out:
        Image.effect_noise((200, 180), 60).convert("RGB").save(out, "JPEG")
        for photo in photos:
            default_storage.save(photo.storage_name, ContentFile(out.getvalue()))
    Photo.objects.update(located=True)
    return photos


def harden(photos: list[Photo], *, reserved: int = EXPOSURES) -> None:
    """Let the photos' renditions be hardened ones, in so many challenges by now."""
    shown = Rendition.objects.filter(photo__in=photos, retired_at=None)
    shown.update(recipe="fine", pushed=True, reserved=reserved)
    worn = reserved >= EXPOSURES
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(fresh=not worn)


def recipes() -> set[str]:
    """Return the recipes of what visitors get."""
    return set(Rendition.objects.filter(current_of__isnull=False).values_list("recipe", flat=True))


@pytest.fixture
def alive(db: None) -> None:
    """Have a hardener that did its work just now."""
    render.say_alive()


def test_a_worn_hardened_rendition_stays_while_the_hardener_lives(alive: None) -> None:
    harden(with_files([pets.rendered(Animal.CAT)]))
    assert render.render_some(9, RIGHTS) == 0
    assert recipes() == {"fine"}


def test_without_a_hardener_it_gives_way_to_a_plain_one(
    alive: None, settings: LazySettings
) -> None:
    harden(with_files([pets.rendered(Animal.CAT)]))
    settings.PAWCHA_HARDEN = "off"
    assert render.render_some(9, RIGHTS) == 1
    assert recipes() == {"plain"}


def test_a_hardener_that_did_nothing_for_an_hour_is_not_waited_for(alive: None) -> None:
    harden(with_files([pets.rendered(Animal.CAT)]))
    with time_machine.travel(timezone.now() + render.ALIVE - timedelta(minutes=1)):
        assert render.render_some(9, RIGHTS) == 0
    with time_machine.travel(timezone.now() + render.ALIVE):
        assert render.render_some(9, RIGHTS) == 1


def test_what_was_known_of_hardened_ones_does_not_hold_for_a_plain_one(db: None) -> None:
    (photo,) = with_files([pets.rendered(Animal.CAT)])
    harden([photo])
    Photo.objects.update(ease=0.6, taught_ease=0.7)
    assert render.render_some(9, RIGHTS) == 1
    photo.refresh_from_db()
    assert (photo.ease, photo.taught_ease) == (None, None)


def test_what_was_shown_far_too_often_gives_way_to_a_plain_one(alive: None) -> None:
    photos = with_files([pets.rendered(Animal.CAT) for _ in range(2)])
    harden(photos[:1], reserved=render.MOST_EXPOSURES)
    harden(photos[1:], reserved=render.MOST_EXPOSURES - 1)
    assert render.render_some(9, RIGHTS) == 1
    photos[0].refresh_from_db()
    assert photos[0].rendition is not None
    assert (photos[0].rendition.recipe, photos[0].fresh) == ("plain", True)


def test_those_that_stay_do_not_keep_others_from_getting_one(alive: None) -> None:
    photos = with_files([pets.rendered(Animal.CAT) for _ in range(5)])
    harden(photos)
    new = with_files([pets.photo(Animal.DOG)])[0]
    Photo.objects.filter(pk=new.pk).update(deal_order=99)
    plain = with_files([pets.rendered(Animal.DOG)])[0]
    Photo.objects.filter(pk=plain.pk).update(deal_order=98, fresh=False)
    assert render.render_some(2, RIGHTS) == 2
    assert Photo.objects.filter(fresh=True).count() == 2


def test_one_that_has_a_spare_is_replaced_at_once(alive: None) -> None:
    photo = with_files([pets.rendered(Animal.CAT)])[0]
    harden([photo])
    photo.refresh_from_db()
    assert render.offer(photo, b"x", recipe="bands", pushed=False, strength=0.5, distance=0.1)
    assert render.render_some(9, RIGHTS) == 1
    assert recipes() == {"bands"}


def test_one_that_must_be_made_anew_for_another_reason_does_not_stay(alive: None) -> None:
    harden(with_files([pets.rendered(Animal.CAT)]), reserved=3)
    Photo.objects.update(fresh=False)
    assert render.render_some(9, RIGHTS) == 1


def test_a_pool_that_a_few_networks_wore_out_stays_hardened_and_full(
    alive: None, site_owner: NewSite, pool: list[Photo]
) -> None:
    harden(with_files(pool))
    stock.keep_stocked(3)
    assert state.ready_depth(KEY, "worn") > 0
    assert recipes() == {"fine"}
    assert all(draft.risk > 1 for draft in state.ready_drafts(KEY, "worn"))
    assert state.alarm_since(f"{stock.WORN_OUT}:{KEY}") is not None


def test_when_the_hardened_ones_wait_the_plain_ones_are_not_dealt_alone(
    alive: None, site_owner: NewSite, pool: list[Photo]
) -> None:
    # Twelve cats and twelve dogs would be enough for challenges of plain ones only.
    harden(with_files([*pool[:18], *pool[30:48]]))
    hardened = set(Rendition.objects.filter(recipe="fine").values_list("pk", flat=True))
    stock.keep_stocked(3)
    assert state.ready_depth(KEY, "fresh") == 0
    drafts = state.ready_drafts(KEY, "worn")
    assert drafts
    dealt = [key for draft in drafts for key in draft.renditions]
    assert 0.4 < len(hardened.intersection(dealt)) / len(set(dealt)) < 0.8


def test_a_few_that_wait_change_nothing(
    alive: None, site_owner: NewSite, pool: list[Photo]
) -> None:
    harden(with_files(pool), reserved=0)
    harden([*pool[:3], *pool[30:33]])
    stock.keep_stocked(3)
    assert state.ready_depth(KEY, "fresh") > 0
    assert state.ready_depth(KEY, "worn") == 0


def test_a_pool_that_becomes_plain_raises_one_alarm(
    alive: None, site_owner: NewSite, pool: list[Photo], caplog: pytest.LogCaptureFixture
) -> None:
    harden(with_files(pool), reserved=0)
    stock.keep_stocked(0)
    assert state.alarm_since(render.SHOWN_PLAIN) is None
    harden(pool[:13], reserved=render.MOST_EXPOSURES)
    state.client().flushdb()
    with caplog.at_level(logging.WARNING):
        stock.keep_stocked(3)
        assert render.plain_again() == (13, 60)
        state.leave_note(render.SHOWN_PLAIN, "", 0.001)
        for _ in range(2):
            stock.keep_stocked(0)
    assert state.alarm_since(render.SHOWN_PLAIN) is not None
    assert caplog.text.count("13 of 60 photos that should be hardened are shown plain") == 1


def test_photos_that_were_never_hardened_raise_no_alarm(alive: None, pool: list[Photo]) -> None:
    with_files(pool)
    assert render.plain_again() == (0, 0)


def test_a_dead_hardener_is_told_after_its_renditions_are_forgotten(
    alive: None, pool: list[Photo], settings: LazySettings
) -> None:
    with_files(pool)
    pets.pool(2, Rights.STARTER)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert render.plain_again() == (60, 60)
        settings.PAWCHA_HARDEN = "off"
        assert render.plain_again() == (0, 0)


def test_where_nothing_was_ever_hardened_there_is_no_alarm(pool: list[Photo]) -> None:
    with_files(pool)
    assert render.plain_again() == (0, 0)
