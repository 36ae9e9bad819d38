"""The demo page: a host site like any other, from the form to its server's question."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

FORM = {"name": "Ada", "email": "ada@example.org", "pawcha-response": "a-token"}
Answer = Callable[[httpx.Request], httpx.Response]


class Transport:
    """What lies between the demo's server and Pawcha."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Answer = lambda _request: httpx.Response(200, json={"success": True})

    def handle(self, _transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        """Note the request and answer it."""
        request.read()
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> Transport:
    """Return the wire of every httpx client."""
    wire = Transport()

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return wire.handle(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    return wire


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """Write the keys of the demo site, and return their file."""
    settings.PAWCHA_VAR = tmp_path
    file = tmp_path / "keys" / "demo.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"sitekey": "the-key", "secret": "the-secret"}))
    return file


def refused(*codes: str) -> Answer:
    """Return a service that says no, with these codes."""
    return lambda _request: httpx.Response(200, json={"success": False, "error-codes": codes})


class TestPage:
    def test_it_shows_a_form_and_how_to_embed(self, client: Client, keys: Path) -> None:
        response = client.get("/")
        assert response.status_code == 200
        assert '<div class="pawcha" data-sitekey="the-key"></div>' in response.text
        assert "&lt;script src=&quot;" not in response.text
        assert 'src="http://127.0.0.1:8000/pawcha/api.js" async' in response.text
        assert "/siteverify" in response.text
        assert 'href="/api/docs/"' in response.text
        assert 'href="/admin/"' in response.text
        assert "the-secret" not in response.text

    def test_it_allows_no_code_inside(self, client: Client, keys: Path) -> None:
        policy = client.get("/").headers["Content-Security-Policy"]
        assert "script-src 'self'; frame-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"sitekey": "x"}', "{"])
    def test_it_says_what_to_do_without_keys(
        self, client: Client, keys: Path, content: str | None
    ) -> None:
        keys.unlink()
        if content is not None:
            keys.write_text(content)
        response = client.get("/")
        assert response.status_code == 503
        assert "make run" in response.text


class TestSignUp:
    def test_it_asks_pawcha_as_any_host_would(
        self, client: Client, keys: Path, transport: Transport
    ) -> None:
        response = client.post("/", FORM)
        assert response.status_code == 200
        assert "Welcome, Ada!" in response.text
        (asked,) = transport.requests
        assert (asked.method, str(asked.url)) == ("POST", "http://127.0.0.1:8000/siteverify")
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        said = {"secret": ["the-secret"], "response": ["a-token"]}
        assert parse_qs(asked.content.decode()) == said

    def test_it_asks_for_the_cats_first(
        self, client: Client, keys: Path, transport: Transport
    ) -> None:
        response = client.post("/", {**FORM, "pawcha-response": ""})
        assert response.status_code == 400
        assert "Please pick the cats first." in response.text
        assert 'value="ada@example.org"' in response.text
        assert transport.requests == []

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ("timeout-or-duplicate", "That was a while ago. Please pick the cats once more."),
            ("invalid-input-response", "That did not work. Please pick the cats once more."),
        ],
    )
    def test_it_says_no_kindly_and_names_the_code(
        self, client: Client, keys: Path, transport: Transport, code: str, sentence: str
    ) -> None:
        transport.answer = refused(code)
        response = client.post("/", FORM)
        assert response.status_code == 400
        assert sentence in response.text
        assert f"<code>{code}</code>" in response.text

    def test_success_is_exactly_true(
        self, client: Client, keys: Path, transport: Transport
    ) -> None:
        transport.answer = lambda _request: httpx.Response(200, json={"success": "yes"})
        assert client.post("/", FORM).status_code == 400

    def test_it_survives_an_outage(self, client: Client, keys: Path, transport: Transport) -> None:
        def fail(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        outages: list[Answer] = [
            fail,
            lambda _request: httpx.Response(502, text="<html>bad gateway"),
            lambda _request: httpx.Response(200, json=["success"]),
        ]
        for transport.answer in outages:
            response = client.post("/", FORM)
            assert response.status_code == 503
            assert "We could not check your cats just now." in response.text

    def test_a_mistake_in_the_form_costs_no_token(
        self, client: Client, keys: Path, transport: Transport
    ) -> None:
        response = client.post("/", {**FORM, "email": "nonsense"})
        assert response.status_code == 400
        assert "Enter a valid email address." in response.text
        assert transport.requests == []

    def test_it_refuses_a_forged_form(self, keys: Path, transport: Transport) -> None:
        response = Client(enforce_csrf_checks=True).post("/", FORM)
        assert response.status_code == 403
        assert transport.requests == []

    def test_it_escapes_what_it_was_told(
        self, client: Client, keys: Path, transport: Transport
    ) -> None:
        transport.answer = refused("<script>alert(1)</script>")
        response = client.post("/", {**FORM, "name": "<b>Ada"})
        assert "<script>alert" not in response.text
        assert "<b>Ada" not in response.text
