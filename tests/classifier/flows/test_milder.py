"""Photos that people miss become milder; a thousand lying bots move nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from challenges.flows.sites import NewSite
from challenges.models import Miss, Photo, Site
from challenges.models.photos import Animal
from classifier.flows import milder
from tests import pets
from tests.challenges.flows.answers import answered


@pytest.fixture
def site(site_owner: NewSite) -> Site:
    """Return a site that real people visit."""
    return site_owner.site


@pytest.fixture
def photos(db: None) -> list[Photo]:
    """Return a pool of which people have seen every photo, and missed none."""
    made = pets.pool(10)
    Photo.objects.update(seen=40)
    return made


def missed(photo: Photo, networks: int, site: Site, *, passed: bool, seen: int = 40) -> None:
    """Let so many networks miss the photo, and pass or not soon after."""
    names = [f"{photo.pk}-{number}".ljust(16, ".") for number in range(networks)]
    Miss.objects.bulk_create([Miss(photo=photo, prefix=name) for name in names])
    Photo.objects.filter(pk=photo.pk).update(missed=networks, seen=max(seen, networks))
    if passed:
        for name in names:
            answered(site, [photo], prefix=name, at=timezone.now())


def mildness(photo: Photo) -> float:
    """Return how much milder it is hardened now."""
    photo.refresh_from_db()
    return photo.mildness


def test_a_photo_that_people_miss_becomes_milder_step_by_step(
    site: Site, photos: list[Photo]
) -> None:
    missed(photos[0], 20, site, passed=False)
    assert milder.soften_missed() == 0
    for number in range(7):
        answered(
            site, [photos[0]], prefix=f"{photos[0].pk}-{number}".ljust(16, "."), at=timezone.now()
        )
    assert milder.soften_missed() == 1
    assert mildness(photos[0]) == 0.25
    assert milder.soften_missed() == 0


def test_a_thousand_bots_that_do_not_pass_move_nothing(site: Site, photos: list[Photo]) -> None:
    missed(photos[0], 1000, site, passed=False)
    assert milder.soften_missed() == 0
    assert {one.mildness for one in Photo.objects.all()} == {0.0}


def test_a_thousand_bots_that_lie_about_every_photo_move_nothing(
    site: Site, photos: list[Photo]
) -> None:
    for photo in photos:
        missed(photo, 50, site, passed=True, seen=200)
    assert milder.soften_missed() == 0
    assert {one.mildness for one in Photo.objects.all()} == {0.0}


def test_bots_that_pass_move_a_few_photos_a_day_and_none_below_the_floor(
    site: Site, photos: list[Photo]
) -> None:
    for photo in photos[:6]:
        missed(photo, 60, site, passed=True, seen=70)
    assert milder.soften_missed() == milder.FEW
    assert milder.soften_missed() == 0
    found = sorted(one.mildness for one in Photo.objects.all())
    assert found == [0.0] * 17 + [milder.MOST] * 3


def test_tests_and_attacks_do_not_count_as_a_pass(site: Site, photos: list[Photo]) -> None:
    missed(photos[0], 20, site, passed=True)
    site.outcomes.update(door="attack")
    assert milder.credible(photos[0].pk) == 0
    site.outcomes.update(door="widget")
    assert milder.credible(photos[0].pk) == 20
    Site.objects.filter(pk=site.pk).update(test_mode=True)
    assert milder.credible(photos[0].pk) == 0
    assert photos[0].label == Animal.CAT
