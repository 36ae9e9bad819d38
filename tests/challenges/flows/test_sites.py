"""Making sites."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from challenges.flows.sites import add_secret, create_site, end_secret, ensure_demo
from challenges.models import Site, SiteSecret
from challenges.signing import digest


def test_it_makes_a_site_and_shows_its_secret_once(db: None) -> None:
    made = create_site(" Shop ", ["Shop.Example.org", "shop.example.org", "*.example.org"])
    assert made.site.name == "Shop"
    assert made.site.hosts == ["shop.example.org", "*.example.org"]
    assert SiteSecret.objects.get().digest == digest(made.secret)


@pytest.mark.parametrize(
    ("name", "hosts", "sentence"),
    [
        ("", ["a.example"], "The site needs a name."),
        ("x" * 101, ["a.example"], "The name is too long"),
        ("Shop", [], "The site needs at least one host"),
        ("Shop", ["https://a.example"], "write the host only"),
    ],
)
def test_it_says_what_is_wrong(db: None, name: str, hosts: list[str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        create_site(name, hosts)
    assert not Site.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("pictures", 8), ("pictures", 17), ("rounds", 0), ("rounds", 4), ("tolerance", 2),
     ("challenge_seconds", 29), ("token_seconds", 601), ("theme", "pink"), ("rounds", "x")],
)  # fmt: skip
def test_it_refuses_a_policy_that_cannot_be(db: None, field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        create_site("Shop", ["a.example"], **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert not Site.objects.exists()


def test_it_names_what_a_site_does_not_have(db: None) -> None:
    with pytest.raises(ValidationError, match="A site has no photos"):
        create_site("Shop", ["a.example"], photos=12)


def test_a_demo_secret_that_has_ended_is_replaced(db: None, tmp_path: Path) -> None:
    first = ensure_demo(tmp_path)
    site = Site.objects.get()
    add_secret(site)
    end_secret(site, site.secrets.earliest("pk").pk)
    assert ensure_demo(tmp_path) != first


def test_it_keeps_the_demo_sites_keys(db: None, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    first = ensure_demo(keys)
    assert ensure_demo(keys) == first
    assert Site.objects.count() == 1
    assert stat.S_IMODE((keys / "demo.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"sitekey": "x"}'])
def test_it_makes_the_demo_site_anew_when_its_keys_are_lost(
    db: None, tmp_path: Path, broken: str
) -> None:
    first = ensure_demo(tmp_path)
    (tmp_path / "demo.json").write_text(broken)
    assert ensure_demo(tmp_path) != first
