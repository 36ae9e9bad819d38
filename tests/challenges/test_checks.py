"""System checks, each by its id."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import checks
from django.db import OperationalError

from challenges.checks import check_pool, check_production, check_secret_key, check_test_keys
from challenges.flows import poolcare
from challenges.flows.sites import NewSite, create_site
from challenges.models import Batch, Site
from challenges.models.photos import Animal, Rights
from challenges.selection import ENOUGH_OF_OWN
from tests import pets


def ids(found: list[checks.CheckMessage]) -> list[str | None]:
    """Return the ids; every message has a hint."""
    assert all(message.hint for message in found)
    return [message.id for message in found]


def pool_ids() -> list[str | None]:
    """Return what is found about the pool."""
    return ids(check_pool(databases=["default"]))


def test_an_empty_pool_is_fine(db: None) -> None:
    assert pool_ids() == []


def test_w001_starter_pictures_in_the_pool(site_owner: NewSite) -> None:
    pets.photo(Animal.CAT, Rights.STARTER)
    assert pool_ids() == ["challenges.W001"]


def test_w001_goes_once_there_are_enough_of_the_owner_s_own(site_owner: NewSite) -> None:
    pets.photo(Animal.CAT, Rights.STARTER)
    for animal in (Animal.CAT, Animal.DOG):
        for _ in range(ENOUGH_OF_OWN):
            pets.photo(animal)
    assert pool_ids() == []


def test_w002_a_public_set_in_the_pool(site_owner: NewSite) -> None:
    pets.photo(Animal.CAT)
    Batch.objects.update(well_known=True)
    assert pool_ids() == ["challenges.W002"]


def test_w002_counts_only_what_is_shown(site_owner: NewSite) -> None:
    pets.photo(Animal.CAT, Rights.TRIAL)
    Batch.objects.update(well_known=True)
    assert pool_ids() == []
    create_site("Here", ["localhost"])
    assert pool_ids() == ["challenges.W002"]


def test_w004_a_site_in_test_mode_in_production(site_owner: NewSite, settings: Any) -> None:
    pets.photo(Animal.CAT, Rights.STARTER)
    Site.objects.filter(pk=site_owner.site.pk).update(test_mode=True)
    # Here it shows starter pictures on purpose.
    assert pool_ids() == []
    settings.PRODUCTION = True
    found = check_pool(databases=["default"])
    assert ids(found) == ["challenges.W004"]
    assert "In test mode, in production: Shop." in found[0].msg
    Site.objects.filter(pk=site_owner.site.pk).update(active=False)
    assert "challenges.W004" not in pool_ids()


def test_e001_trial_photos_in_production(db: None, settings: Any) -> None:
    pets.photo(Animal.CAT, Rights.TRIAL)
    assert pool_ids() == []
    settings.PRODUCTION = True
    assert pool_ids() == ["challenges.E001"]


def test_the_pool_is_looked_at_only_with_the_database() -> None:
    assert check_pool(databases=None) == []
    assert check_pool(databases=["other"]) == []


def test_a_database_that_is_away_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(poolcare, "concerns", away)
    assert check_pool(databases=["default"]) == []


def test_e002_no_secret_key(settings: Any) -> None:
    assert check_secret_key() == []
    settings.SECRET_KEY = ""
    assert ids(check_secret_key()) == ["challenges.E002"]


def test_e003_production_with_debug(settings: Any) -> None:
    settings.PRODUCTION = settings.DEBUG = True
    settings.PUBLIC_URL = "https://pawcha.example.org"
    assert ids(check_production()) == ["challenges.E003"]


def test_e004_production_without_https(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.PUBLIC_URL = "http://pawcha.example.org"
    found = check_production()
    assert ids(found) == ["challenges.E004"]
    assert found[0].msg.startswith("PUBLIC_URL is http://pawcha.example.org:")


def test_e005_test_keys_that_are_on_by_mistake_stay_off(settings: Any) -> None:
    settings.PRODUCTION, settings.PAWCHA_TEST_KEYS = True, "yes"
    found = check_test_keys()
    assert ids(found) == ["challenges.E005"]
    assert "stay off" in found[0].msg
    assert "PAWCHA_TEST_KEYS=production" in str(found[0].hint)


def test_w003_test_keys_in_production(settings: Any) -> None:
    settings.PRODUCTION, settings.PAWCHA_TEST_KEYS = True, "production"
    settings.TEST_KEYS = True
    assert ids(check_test_keys()) == ["challenges.W003"]


def test_trying_out_is_no_finding(settings: Any) -> None:
    settings.DEBUG = settings.TEST_KEYS = True
    settings.PAWCHA_TEST_KEYS = "yes"
    assert check_production() == []
    assert check_test_keys() == []


def test_they_are_registered(db: None, settings: Any) -> None:
    settings.PRODUCTION, settings.PAWCHA_TEST_KEYS = True, "yes"
    pets.photo(Animal.CAT, Rights.TRIAL)
    found = {message.id for message in checks.run_checks(databases=["default"])}
    assert {"challenges.E001", "challenges.E004", "challenges.E005"} <= found
