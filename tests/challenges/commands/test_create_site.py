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


def test_it_takes_where_visitors_get_help(db: None) -> None:
    words = ["create_site", "Shop", "--host", "a.example", "--contact"]
    call_command(*words, "help@shop.example", stdout=io.StringIO())
    assert Site.objects.get().contact == "help@shop.example"
    with pytest.raises(CommandError, match="neither an e-mail address nor"):
        call_command(*words, "help")
    assert Site.objects.count() == 1
