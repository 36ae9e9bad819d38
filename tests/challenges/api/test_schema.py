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
        "/api/v1/challenges/{challenge_id}/extend",
        "/api/v1/challenges/{challenge_id}/report",
        "/siteverify",
        "/recaptcha/api/siteverify",
        "/turnstile/v0/siteverify",
        "/checksiteconfig",
        "/healthz",
        "/readyz",
    } <= set(schema["paths"])
    issued = schema["components"]["schemas"]["ChallengeReply"]["properties"]
    shape = {"columns", "count", "rounds", "per_round"}
    assert set(issued) == {"id", "prompt", "expires_at", "pictures", "session", "test"} | shape


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


def test_the_schema_tells_what_each_dialect_says(visitor: Visitor) -> None:
    schema = yaml.safe_load(visitor.get("/api/schema/").content)
    common = {"success", "challenge_ts", "hostname", "action", "test", "error-codes"}
    for place, more in (
        ("/siteverify", {"cdata", "credit"}),
        ("/recaptcha/api/siteverify", {"score"}),
        ("/turnstile/v0/siteverify", {"cdata", "metadata"}),
    ):
        said = schema["paths"][place]["post"]["responses"]["200"]["content"]["application/json"]
        name = said["schema"]["$ref"].rpartition("/")[2]
        assert set(schema["components"]["schemas"][name]["properties"]) == common | more
    assert "get" in schema["paths"]["/recaptcha/api/siteverify"]
    assert "get" not in schema["paths"]["/siteverify"]
