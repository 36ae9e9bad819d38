"""How much api.js weighs, where it is served, and with which headers."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from challenges.widget_urls import SCRIPTS

MOST = 15_000


def test_it_is_small(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """As a web server compresses it: with the comments, for there is no build step."""
    script = client.get("/pawcha/api.js").content
    size = len(gzip.compress(script))
    with capsys.disabled():
        print(f"\napi.js: {len(script)} bytes, {size} gzipped (at most {MOST})")
    assert size <= MOST


@pytest.mark.parametrize("path", SCRIPTS)
def test_every_script_address_serves_it(client: Client, path: str) -> None:
    ours = client.get("/pawcha/api.js")
    reply = client.get(f"/{path}", {"onload": "go", "render": "explicit", "unknown": "1"})
    assert reply.status_code == 200
    assert reply.content == ours.content
    assert reply["Content-Type"] == "text/javascript; charset=utf-8"
    assert reply["Access-Control-Allow-Origin"] == "*"
    assert reply["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in reply


def test_the_types_are_served_beside_it(client: Client) -> None:
    reply = client.get("/pawcha/api.d.ts")
    assert reply.status_code == 200
    assert b"declare var pawcha: Pawcha.Api;" in reply.content
