"""A site's secret is replaced by another, without a gap."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection

from challenges.flows import sites
from challenges.flows.sites import NewSite
from challenges.models import Site
from tests.conftest import Visitor


def codes(visitor: Visitor, made: NewSite, secret: str) -> list[str]:
    """Return what siteverify has against this secret, with a fresh token."""
    reply = visitor.verify(secret, visitor.solve(made.site.sitekey)).json()
    return list(reply.get("error-codes", []))


def oldest(site: Site) -> int:
    """Return the number of the site's first secret."""
    return int(site.secrets.earliest("pk").pk)


def test_both_are_valid_until_the_old_one_is_ended(stocked: NewSite, visitor: Visitor) -> None:
    second = sites.add_secret(stocked.site)
    assert codes(visitor, stocked, stocked.secret) == []
    assert codes(visitor, stocked, second) == []
    sites.end_secret(stocked.site, oldest(stocked.site))
    assert codes(visitor, stocked, stocked.secret) == ["invalid-input-secret"]
    assert codes(visitor, stocked, second) == []


def test_an_old_one_may_end_in_a_day(site_owner: NewSite, visitor: Visitor) -> None:
    site = site_owner.site
    now = datetime.now(UTC)
    sites.add_secret(site)
    sites.end_secret(site, oldest(site), grace=sites.GRACE)

    def said() -> list[str]:
        return list(visitor.verify(site_owner.secret, "no-token").json()["error-codes"])

    assert said() == ["invalid-input-response"]
    with time_machine.travel(now + timedelta(hours=23, minutes=59)):
        assert said() == ["invalid-input-response"]
    with time_machine.travel(now + timedelta(hours=24, minutes=1)):
        assert said() == ["invalid-input-secret"]


def test_ending_later_never_prolongs(site_owner: NewSite) -> None:
    site = site_owner.site
    sites.add_secret(site)
    first = sites.end_secret(site, oldest(site), grace=timedelta(minutes=5)).ends_at
    assert sites.end_secret(site, oldest(site), grace=sites.GRACE).ends_at == first


def test_a_third_is_refused(site_owner: NewSite) -> None:
    sites.add_secret(site_owner.site)
    with pytest.raises(ValidationError, match="Shop has two secrets already"):
        sites.add_secret(site_owner.site)
    assert site_owner.site.secrets.count() == 2


def test_the_last_one_stays(site_owner: NewSite, visitor: Visitor) -> None:
    site = site_owner.site
    with pytest.raises(ValidationError, match="This is the last secret of Shop"):
        sites.end_secret(site, oldest(site))
    sites.add_secret(site)
    sites.end_secret(site, oldest(site), grace=sites.GRACE)
    # The other one ends tomorrow, so it does not count.
    with pytest.raises(ValidationError, match="This is the last secret of Shop"):
        sites.end_secret(site, int(site.secrets.latest("pk").pk), grace=sites.GRACE)


def test_another_site_s_secret_is_not_ended(site_owner: NewSite, other_site: NewSite) -> None:
    sites.add_secret(other_site.site)
    with pytest.raises(ValidationError, match="has ended already"):
        sites.end_secret(site_owner.site, oldest(other_site.site))


def _at_once(*calls: Callable[[], object]) -> list[bool]:
    """Do these at one time; return which were not refused."""

    def one(call: Callable[[], object]) -> bool:
        try:
            call()
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(one, calls))


@pytest.mark.django_db(transaction=True)
def test_two_clicks_make_one_secret() -> None:
    site = sites.create_site("Shop", ["localhost"]).site
    assert _at_once(*[lambda: sites.add_secret(site)] * 2) == [False, True]
    assert site.secrets.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_end_both() -> None:
    site = sites.create_site("Shop", ["localhost"]).site
    sites.add_secret(site)
    first, second = site.secrets.values_list("pk", flat=True)
    ends = [lambda: sites.end_secret(site, first), lambda: sites.end_secret(site, second)]
    assert _at_once(*ends) == [False, True]
    assert site.secrets.valid().count() == 1
