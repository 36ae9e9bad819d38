"""/checksiteconfig, as hCaptcha's WordPress plugin asks it at set-up."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.db import OperationalError

from challenges.flows.sites import NewSite
from challenges.models import Site
from tests.conftest import Visitor


def ask(visitor: Visitor, method: str = "POST", **said: str) -> Any:
    """Ask as the plugin does: all in the query, and nothing in the body."""
    query = urlencode({**said, "sc": 1, "swa": 1, "spst": 0})
    reply = visitor.generic(method, f"/checksiteconfig?{query}")
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/json"
    return reply.json()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "host", ["shop.example.org", "www.example.net", "https://shop.example.org", "SHOP.example.org"]
)
def test_a_host_of_the_site_passes(
    site_owner: NewSite, visitor: Visitor, method: str, host: str
) -> None:
    told = ask(visitor, method, host=host, sitekey=site_owner.site.sitekey)
    assert told == {"pass": True, "features": {"fail_open": False}}


def test_it_says_that_the_owner_would_rather_let_visitors_pass(
    site_owner: NewSite, visitor: Visitor
) -> None:
    Site.objects.filter(pk=site_owner.site.pk).update(fail_open=True)
    told = ask(visitor, host="shop.example.org", sitekey=site_owner.site.sitekey)
    assert told == {"pass": True, "features": {"fail_open": True}}


@pytest.mark.parametrize(
    "host", ["blog.example.com", "example.net", "http://shop.example.org", "\0", "a b", "x" * 3000]
)
def test_another_host_does_not(site_owner: NewSite, visitor: Visitor, host: str) -> None:
    told = ask(visitor, host=host, sitekey=site_owner.site.sitekey)
    assert told["pass"] is False
    assert "is not among the hosts of this site" in told["error"]


@pytest.mark.parametrize("sitekey", ["", "nonsense", "\0", "pawcha-test-pass", "x" * 3000])
def test_an_unknown_key_does_not(db: None, visitor: Visitor, sitekey: str) -> None:
    told = ask(visitor, host="shop.example.org", sitekey=sitekey)
    assert told["pass"] is False
    assert "site key is not known" in told["error"]


def test_a_site_that_is_switched_off_does_not(site_owner: NewSite, visitor: Visitor) -> None:
    Site.objects.update(active=False)
    told = ask(visitor, host="shop.example.org", sitekey=site_owner.site.sitekey)
    assert told["pass"] is False


def test_it_says_that_the_host_is_missing(site_owner: NewSite, visitor: Visitor) -> None:
    assert "host is missing" in ask(visitor, sitekey=site_owner.site.sitekey)["error"]


def test_any_host_may_use_a_test_key(db: None, visitor: Visitor, settings: Any) -> None:
    settings.TEST_KEYS = True
    told = ask(visitor, host="anywhere.example", sitekey="10000000-ffff-ffff-ffff-000000000001")
    assert told == {"pass": True, "features": {"fail_open": False}}


def test_it_answers_200_whatever_happens(
    site_owner: NewSite, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with patch("challenges.flows.siteconfig.allows", side_effect=OperationalError("gone")):
        told = ask(visitor, host="shop.example.org", sitekey=site_owner.site.sitekey)
    assert told["pass"] is False
    assert "Please try again" in told["error"]
    assert "OperationalError" in caplog.text
    assert ask(visitor, "PUT")["pass"] is False
    assert "right form" in ask(visitor, "DELETE")["error"]
