"""Hardening as the service does it: spares, coins, rejections, and what it must never break."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from challenges import imaging
from challenges.flows import health, render
from challenges.locks import Lock
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import EXPOSURES
from classifier import tasks
from classifier.flows import harden, hardened, rotation
from classifier.hardening import coins, recipes
from classifier.hardening.recipes import Recipe
from classifier.models import Hardening, Rotation
from tests import pets
from tests.classifier.hardening.surrogates import reader
from tests.drawn import picture

QUICK = [Recipe("quick", 1, 16 / 255, 16 / 255, 4.0), Recipe("soft", 1, 8 / 255, 8 / 255, 8.0)]


@pytest.fixture(autouse=True)
def _quick(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harden by two quick recipes against a small network."""
    small = reader()
    monkeypatch.setattr(hardened, "surrogates", lambda: [small])
    drawn = [recipe.to_json() for recipe in QUICK]
    Rotation.objects.create(recipes=drawn, digest=rotation.digest(drawn))


def photo(animal: Animal = Animal.CAT, seed: int = 1, *, rendition: bool = True) -> Photo:
    """Return a pooled photo with a file, in which the animal was looked for."""
    made = pets.rendered(animal) if rendition else pets.photo(animal)
    Photo.objects.filter(pk=made.pk).update(located=True)
    default_storage.save(made.storage_name, ContentFile(imaging.strip(picture(seed))))
    made.refresh_from_db()
    return made


def photos(each: int) -> list[Photo]:
    """Return as many cats as dogs."""
    return [photo(animal, seed) for animal in (Animal.CAT, Animal.DOG) for seed in range(each)]


def in_use() -> list[Rendition]:
    """Return the hardened renditions that visitors get, or will get next."""
    return list(Rendition.objects.exclude(recipe="plain").filter(retired_at=None))


def test_a_hardened_rendition_takes_the_plain_one_s_place_and_another_is_laid_aside() -> None:
    one = photo()
    plain = one.rendition
    assert harden.harden_waiting(250) == 2
    one.refresh_from_db()
    assert plain is not None
    plain.refresh_from_db()
    assert plain.retired_at is not None
    assert one.rendition is not None
    assert one.spare is not None
    for made in (one.rendition, one.spare):
        assert made.recipe in {"quick", "soft"}
        assert made.pushed in {True, False}
        assert made.distance is not None
        assert made.distance <= recipes.MOST_DISTANCE
        assert 0 < made.strength <= 1
        with default_storage.open(made.name) as file:
            data = file.read()
        assert len(data) == imaging.PICTURE_BYTES
        assert Image.open(io.BytesIO(data)).size == (250, 250)
    assert harden.harden_waiting(250) == 0


def test_a_worn_rendition_gives_way_to_the_spare_and_the_spare_is_made_anew() -> None:
    one = photo()
    harden.harden_waiting(250)
    one.refresh_from_db()
    spare = one.spare
    Photo.objects.filter(pk=one.pk).update(fresh=False)
    assert render.render_some(5, [Rights.CLEARED]) == 1
    one.refresh_from_db()
    assert (one.rendition, one.spare, one.fresh) == (spare, None, True)
    assert harden.harden_waiting(250) == 1


def test_a_worn_rendition_without_a_spare_gives_way_to_a_plain_one() -> None:
    one = photo()
    Photo.objects.filter(pk=one.pk).update(fresh=False)
    assert render.render_some(5, [Rights.CLEARED]) == 1
    one.refresh_from_db()
    assert one.rendition is not None
    assert (one.rendition.recipe, one.rendition.pushed) == ("plain", None)
    assert (one.rendition.retired_at, one.fresh) == (None, True)


def wear_out(one: Photo) -> None:
    """Put the photo's rendition into as many challenges as it should be in."""
    Rendition.objects.filter(current_of=one).update(reserved=EXPOSURES)
    Photo.objects.filter(pk=one.pk).update(fresh=False)


def test_worn_hardened_renditions_wait_for_a_hardener_that_lives() -> None:
    one = photo()
    harden.harden_waiting(250)
    for _ in range(3):
        wear_out(one)
        if render.render_some(5, [Rights.CLEARED]):
            wear_out(one)
        assert render.render_some(5, [Rights.CLEARED]) == 0
        one.refresh_from_db()
        assert one.rendition is not None
        assert one.rendition.recipe != "plain"
        assert harden.harden_waiting(250) == 1
        assert render.render_some(5, [Rights.CLEARED]) == 1


def test_a_hardener_that_has_nothing_to_do_lives(settings: LazySettings) -> None:
    assert not render.is_alive()
    harden.harden_waiting(250)
    assert render.is_alive()
    settings.PAWCHA_HARDEN = "off"
    assert not render.is_alive()


def test_starter_pictures_and_photos_that_nobody_looked_at_are_left_alone() -> None:
    pets.rendered(Animal.CAT, Rights.STARTER)
    Photo.objects.update(located=True)
    pets.rendered(Animal.DOG)
    assert harden.harden_waiting(250) == 0


def test_it_does_nothing_where_it_is_switched_off(settings: LazySettings) -> None:
    settings.PAWCHA_HARDEN = "off"
    photo()
    assert harden.harden_waiting(250) == 0


def test_a_rejected_rendition_keeps_its_coin_and_its_recipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tossed: list[bool] = []

    def toss() -> bool:
        tossed.append(bool(secrets.randbits(1)))
        return tossed[-1]

    monkeypatch.setattr(coins, "toss", toss)
    monkeypatch.setattr(recipes, "MOST_DISTANCE", 0.0)
    photos(1)
    assert harden.harden_waiting(250) == 4
    assert [one.pushed for one in Rendition.objects.exclude(pushed=None).order_by("pk")] == tossed
    assert len(tossed) == 4
    row = Hardening.objects.get()
    assert (row.made, row.remade, row.softened, row.failed) == (4, 4, 4, 0)


def test_the_coins_that_are_served_are_fair_after_rejections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the stronger recipe makes is too far from its photo.
    monkeypatch.setattr(recipes, "MOST_DISTANCE", 0.06)
    photos(5)
    assert harden.harden_waiting(300) == 20
    found = harden.coins_served()
    assert {"all", "cat", "dog", "quick", "soft"} <= {one.group for one in found}
    assert all(one.fair for one in found)
    assert Hardening.objects.get().remade > 0


def test_planted_biased_coins_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coins, "toss", lambda: True)
    photos(8)
    harden.harden_waiting(300)
    assert {one.group for one in harden.coins_served() if not one.fair} >= {"all", "cat", "dog"}


def test_a_broken_hardener_leaves_the_pool_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*said: object) -> None:
        raise RuntimeError("out of memory")

    made = photos(3)
    before = [one.rendition_id for one in made]
    monkeypatch.setattr(hardened, "_make", broken)
    assert harden.harden_waiting(250) == 0
    assert [Photo.objects.get(pk=one.pk).rendition_id for one in made] == before
    assert Photo.objects.filter(fresh=True).count() == 6
    Photo.objects.update(fresh=False)
    assert render.render_some(9, [Rights.CLEARED]) == 6
    assert not render.is_alive()
    row = Hardening.objects.get()
    assert (row.made, row.failed, row.said) == (0, 6, "RuntimeError: out of memory")
    assert "plain renditions are shown instead" in caplog.text
    (alarm,) = (one for one in health.health().alarms if "cannot be done" in one.name)
    assert "Run manage.py harden" in alarm.advice


def test_photos_that_were_relabelled_meanwhile_do_not_get_it() -> None:
    one = photo()
    coin = render.coin(one, coins.toss)
    Photo.objects.filter(pk=one.pk).update(label=Animal.DOG)
    assert not render.offer(one, b"x", recipe="quick", pushed=coin, strength=0.5, distance=0.1)
    assert in_use() == []


def test_two_hardeners_do_not_work_at_once() -> None:
    from django.db import connections

    photo()
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [int(Lock.HARDENING)])
        assert harden.harden_waiting(250) == 0
        with pytest.raises(hardened.CannotHarden, match="Another process"):
            next(harden.harden_all())
    finally:
        other.close()


def test_what_people_miss_is_hardened_less() -> None:
    one = photo(rendition=False)
    other = photo(seed=1, rendition=False)
    Photo.objects.filter(pk=one.pk).update(mildness=0.5)
    harden.harden_waiting(250)
    mild = Rendition.objects.filter(photo=one, retired_at=None)
    usual = Rendition.objects.filter(photo=other, retired_at=None)
    assert max(row.strength for row in mild) < min(row.strength for row in usual)


def test_the_command_says_how_long_it_took_and_that_the_coins_are_fair(
    capsys: pytest.CaptureFixture[str],
) -> None:
    photos(1)
    call_command("harden")
    said = capsys.readouterr().out
    assert "4 renditions were hardened" in said
    assert "10,000 photos take" in said
    assert "fair, by animal and by recipe" in said


def test_recipes_are_drawn_anew_after_some_days(settings: LazySettings) -> None:
    before = Rotation.objects.get()
    assert rotation.current() == QUICK
    days = timedelta(days=settings.PAWCHA["ROTATE_DAYS"])
    Rotation.objects.update(begun_at=timezone.now() - days)
    drawn = rotation.current()
    assert [one.name for one in drawn] == [one.name for one in recipes.FAMILY]
    assert Rotation.objects.count() == 2
    assert Rotation.objects.latest("pk").digest != before.digest
    assert rotation.current() == drawn


def test_the_clock_s_task_hardens() -> None:
    one = photo()
    tasks.harden_waiting()
    one.refresh_from_db()
    assert one.spare is not None


def test_on_a_busy_machine_one_photo_is_hardened_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    photos(2)
    monkeypatch.setattr(harden, "PORTION_SECONDS", 0.0)
    assert {done.gone_through for done in harden.harden_all()} == {1}


def test_where_it_goes_quickly_more_are_hardened_together() -> None:
    photos(2)
    sizes = [done.gone_through for done in harden.harden_all()]
    assert sizes[0] == 1
    assert max(sizes) > 1
