"""A real server's logs: a query may hold a site's secret, and stands in none of them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.e2e.conftest import Service, somebody

PLACES = (
    "/recaptcha/api/siteverify",
    "/siteverify",
    "/turnstile/v0/siteverify",
    "/checksiteconfig",
    "/pawcha/frame",
    "/api/v1/challenges",
    "/no/such/place",
    "/admin/",
)


def test_no_log_of_the_service_holds_a_query(service: Service) -> None:
    secret = service.keys["secret"]
    query: dict[str, Any] = {"secret": secret, "response": "token", "sitekey": "x"}
    with httpx.Client(base_url=service.url, headers=somebody(), timeout=60) as client:
        for place in PLACES:
            for method in ("GET", "POST"):
                client.request(method, place, params=query)
        # An error of the kind that is logged, so that there is something to look at.
        assert client.get("/no/such/place").status_code == 404
    logs = [*(service.var / "log").iterdir(), service.var.with_name("said")]
    said = {log.name: log.read_text(errors="replace") for log in logs if log.is_file()}
    assert any("/no/such/place" in text for text in said.values())
    assert [name for name, text in said.items() if secret in text] == []
