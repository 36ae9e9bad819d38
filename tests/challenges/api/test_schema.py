"""The API describes itself, and its pages load from nobody else."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from django.core.management import call_command

from tests.conftest import Visitor


def test_the_schema_lists_every_call(visitor: Visitor) -> None:
    reply = visitor.get("/api/schema/")
    assert reply.status_code == 200
    schema = yaml.safe_load(reply.content)
    assert {
        "/api/v1/challenges",
        "/api/v1/challenges/{challenge_id}/pictures",
        "/api/v1/challenges/{challenge_id}/pictures/{index}",
        "/api/v1/challenges/{challenge_id}/answer",
        "/siteverify",
        "/healthz",
        "/readyz",
    } <= set(schema["paths"])
    issued = schema["components"]["schemas"]["ChallengeReply"]["properties"]
    assert set(issued) == {"id", "prompt", "columns", "count", "expires_at", "pictures"}


def test_the_page_of_the_schema_loads_from_this_server_only(visitor: Visitor) -> None:
    page = visitor.get("/api/docs/")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_the_schema_is_valid_and_complete(tmp_path: Path) -> None:
    out = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(out))
    assert out.stat().st_size > 0
