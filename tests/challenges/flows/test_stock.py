"""Keeping challenges ready."""

from __future__ import annotations

import io
import logging
import time
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from challenges import state
from challenges.flows import stock
from challenges.flows.sites import NewSite
from challenges.imaging import PICTURE_BYTES
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import Audience
from tests import pets

KEY = "12x1-public"


def with_a_file(photo: Photo) -> Photo:
    """Store real pixels for the photo."""
    with io.BytesIO() as out:
        Image.effect_noise((200, 180), 60).convert("RGB").save(out, "JPEG")
        default_storage.save(photo.storage_name, ContentFile(out.getvalue()))
    return photo


def test_it_renders_and_composes_until_the_queue_is_full(site_owner: NewSite) -> None:
    for animal in (Animal.CAT, Animal.DOG):
        for _ in range(12):
            with_a_file(pets.photo(animal))
    stock.keep_stocked(30)
    assert Photo.objects.filter(fresh=True, rendition__isnull=False).count() == 24
    assert state.ready_depth(KEY, "fresh") == 4
    names = Rendition.objects.values_list("name", flat=True)
    assert {default_storage.size(name) for name in names} == {PICTURE_BYTES}


def test_a_photo_is_in_two_waiting_challenges_on_average(
    site_owner: NewSite, pool: list[Photo]
) -> None:
    stock.keep_stocked(5)
    assert state.ready_depth(KEY, "fresh") == 2 * len(pool) // 12


def test_a_worn_rendition_is_replaced_by_a_new_one(site_owner: NewSite, pool: list[Photo]) -> None:
    worn = with_a_file(pool[0])
    Photo.objects.filter(pk=worn.pk).update(fresh=False)
    stock.keep_stocked(5)
    photo = Photo.objects.get(pk=worn.pk)
    assert photo.fresh
    assert photo.rendition_id != worn.rendition_id
    assert worn.rendition is not None
    assert Rendition.objects.get(pk=worn.rendition.pk).retired_at is not None


def test_a_photo_whose_file_is_lost_does_not_stop_the_others(
    site_owner: NewSite, pool: list[Photo], caplog: pytest.LogCaptureFixture
) -> None:
    lost = pets.photo(Animal.CAT)
    good = with_a_file(pets.photo(Animal.DOG))
    Photo.objects.filter(pk=lost.pk).update(deal_order=-1)
    with caplog.at_level(logging.ERROR):
        stock.keep_stocked(1)
    assert f"Photo {lost.pk} cannot be read" in caplog.text
    assert Photo.objects.get(pk=good.pk).fresh
    assert state.ready_depth(KEY, "fresh") > 0


def test_a_pool_with_one_animal_ends_with_a_sentence_and_no_loop(
    site_owner: NewSite, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(30):
        pets.rendered(Animal.CAT)
    started = time.monotonic()
    with caplog.at_level(logging.WARNING):
        stock.keep_stocked(30)
    assert time.monotonic() - started < 5
    assert "the pool has none of dogs" in caplog.text
    assert state.ready_depth(KEY, "fresh") == 0


def test_it_drops_starter_challenges_when_own_photos_suffice(
    site_owner: NewSite, caplog: pytest.LogCaptureFixture
) -> None:
    pets.pool(30, Rights.STARTER)
    stock.keep_stocked(5)
    assert {draft.pool for draft in state.ready_drafts(KEY, "fresh")} == {"cleared+starter"}
    pets.pool(100, Rights.CLEARED)
    stock.keep_stocked(5)
    assert {draft.pool for draft in state.ready_drafts(KEY, "fresh")} == {"cleared"}
    starters = Rendition.objects.filter(photo__rights=Rights.STARTER)
    assert set(starters.values_list("reserved", flat=True)) == {0}


def test_it_makes_old_challenges_anew(site_owner: NewSite, pool: list[Photo]) -> None:
    stock.keep_stocked(5)
    before = {draft.id for draft in state.ready_drafts(KEY, "fresh")}
    with time_machine.travel(timedelta(seconds=stock.KEEPS + 1)):
        stock.keep_stocked(5)
    after = {draft.id for draft in state.ready_drafts(KEY, "fresh")}
    assert after
    assert not before & after


def test_it_fills_the_queue_again_when_redis_lost_it(stocked: NewSite) -> None:
    state.client().flushdb()
    stock.keep_stocked(5)
    assert state.ready_depth(KEY, "fresh") > 0


def test_fresh_pictures_that_ran_out_raise_one_alarm(
    site_owner: NewSite, pool: list[Photo], caplog: pytest.LogCaptureFixture
) -> None:
    Photo.objects.update(fresh=False)
    with caplog.at_level(logging.WARNING):
        stock.keep_stocked(1)
        stock.keep_stocked(1)
    assert caplog.text.count("Fresh pictures ran out for public sites") == 1
    assert state.ready_depth(KEY, "worn") > 0


def test_its_status_counts_the_pool_and_the_queue(stocked: NewSite) -> None:
    status = stock.status(Audience.PUBLIC)
    assert (status.cats, status.dogs) == (30, 30)
    assert status.ready == state.ready_depth(KEY, "fresh")
    assert status.missing == (
        "Starter pictures stay in the pool until there are 70 more cats and 70 more dogs."
    )


@pytest.mark.parametrize(
    "change",
    [
        {"status": Photo.Status.REJECTED},
        {"status": Photo.Status.RETIRED},
        {"label": Animal.DOG},
        {"label": Animal.NEITHER},
    ],
)
def test_a_photo_that_was_withdrawn_or_relabelled_leaves_the_ready_queue(
    site_owner: NewSite, pool: list[Photo], change: dict[str, str]
) -> None:
    stock.keep_stocked(5)
    cat = pool[0]
    assert cat.rendition is not None
    holding = [
        draft for draft in state.ready_drafts(KEY, "fresh") if cat.rendition.pk in draft.renditions
    ]
    assert holding
    Photo.objects.filter(pk=cat.pk).update(**change)
    stock.keep_stocked(5)
    waiting = {draft.id for draft in state.ready_drafts(KEY, "fresh")}
    assert not waiting & {draft.id for draft in holding}


def test_photos_that_turn_out_to_be_alike_are_not_shown_together(
    site_owner: NewSite, pool: list[Photo]
) -> None:
    stock.keep_stocked(5)
    first = state.ready_drafts(KEY, "fresh")[0]
    Photo.objects.filter(rendition__in=first.renditions[:2]).update(group=77)
    stock.keep_stocked(5)
    assert first.id not in {draft.id for draft in state.ready_drafts(KEY, "fresh")}
