"""manage.py create_site"""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from challenges.models import Site


def test_it_prints_the_keys_once(db: None) -> None:
    out = io.StringIO()
    call_command("create_site", "Shop", "--host", "shop.example.org", stdout=out)
    assert f"sitekey  {Site.objects.get().sitekey}" in out.getvalue()
    assert "secret   pws_" in out.getvalue()
    assert "It is not shown again." in out.getvalue()


def test_it_prints_json_for_programs(db: None) -> None:
    out = io.StringIO()
    call_command("create_site", "Shop", "--host", "a.example", "--host", "b.example", "--json",
                 stdout=out)  # fmt: skip
    assert json.loads(out.getvalue())["sitekey"] == Site.objects.get().sitekey
    assert Site.objects.get().hosts == ["a.example", "b.example"]


def test_it_says_what_is_wrong_with_a_host(db: None) -> None:
    with pytest.raises(CommandError, match="write the host only"):
        call_command("create_site", "Shop", "--host", "https://shop.example.org")
