"""The demo page: a host site like any other, from the form to its server's question."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from django.test import Client
from pytest_django import Settings

from tests.wire import Wire, breaks, refuses, says, wire

__all__ = ["wire"]

FORM = {"name": "Ada", "email": "ada@example.org", "pawcha-response": "a-token"}


@pytest.fixture
def keys(settings: Settings, tmp_path: Path) -> Path:
    """Write the keys of the demo site, and return their file."""
    settings.PAWCHA_VAR = tmp_path
    file = tmp_path / "keys" / "demo.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"sitekey": "the-key", "secret": "the-secret"}))
    return file


class TestPage:
    def test_it_shows_a_form_and_how_to_embed(self, client: Client, keys: Path) -> None:
        response = client.get("/")
        assert response.status_code == 200
        assert '<script src="/pawcha/api.js" async></script>' in response.text
        assert '<div class="pawcha" data-mode="inline" data-sitekey="the-key"' in response.text
        assert 'href="/demo/modes/"' in response.text
        assert 'href="/privacy/"' in response.text
        assert 'href="/api/docs/"' in response.text
        assert 'href="/report/"' in response.text
        assert 'href="/admin/"' in response.text
        assert "the-secret" not in response.text

    @pytest.mark.parametrize(
        "lines",
        [
            ("/pawcha/api.js", 'class="pawcha"', "pawcha-response", "/siteverify -d"),
            ("/1/api.js", 'class="h-captcha"', "h-captcha-response", "/siteverify -d"),
            ("/recaptcha/api.js", 'class="g-recaptcha"', "/recaptcha/api/siteverify -d"),
            ("/turnstile/v0/api.js", 'class="cf-turnstile"', "/turnstile/v0/siteverify -d"),
            ('PAWCHA_URL = "http://127.0.0.1:8000"', "cats = PawchaField()"),
        ],
        ids=["Pawcha", "hCaptcha", "reCAPTCHA", "Turnstile", "Django"],
    )
    def test_it_shows_snippets_with_its_address_and_site_key(
        self, client: Client, keys: Path, lines: tuple[str, ...]
    ) -> None:
        shown = re.findall(r"<details.*?</details>", client.get("/").text, re.DOTALL)
        (snippet,) = [text for text in map(unescape, shown) if all(line in text for line in lines)]
        assert "http://127.0.0.1:8000" in snippet
        assert "the-key" in snippet
        assert "the-secret" not in snippet

    def test_without_javascript_there_is_a_frame_and_a_place_for_the_code(
        self, client: Client, keys: Path
    ) -> None:
        (plain,) = re.findall(r"<noscript>.*?</noscript>", client.get("/").text, re.DOTALL)
        assert '<iframe src="/fallback?k=the-key"' in plain
        assert '<textarea name="pawcha-response"' in plain

    @pytest.mark.parametrize("path", ["/", "/demo/modes/"])
    def test_it_allows_no_code_inside(self, client: Client, keys: Path, path: str) -> None:
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "script-src 'self'; frame-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy

    @pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"sitekey": "x"}', "{"])
    @pytest.mark.parametrize("path", ["/", "/demo/modes/"])
    def test_it_says_what_to_do_without_keys(
        self, client: Client, keys: Path, content: str | None, path: str
    ) -> None:
        keys.unlink()
        if content is not None:
            keys.write_text(content)
        response = client.get(path)
        assert response.status_code == 503
        assert "make run" in response.text


class TestSignUp:
    def test_it_asks_pawcha_as_any_host_would(self, client: Client, keys: Path, wire: Wire) -> None:
        response = client.post("/", FORM)
        assert response.status_code == 200
        assert "Welcome, Ada!" in response.text
        (asked,) = wire.requests
        assert (asked.method, str(asked.url)) == ("POST", "http://127.0.0.1:8000/siteverify")
        assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
        (form,) = wire.forms
        assert (form["secret"], form["response"]) == ("the-secret", "a-token")

    def test_it_asks_for_the_cats_first(self, client: Client, keys: Path, wire: Wire) -> None:
        response = client.post("/", {**FORM, "pawcha-response": ""})
        assert response.status_code == 400
        assert "Please pick the cats first." in response.text
        assert 'value="ada@example.org"' in response.text
        assert wire.requests == []

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ("expired-input-response", "That was a while ago. Please pick the cats once more."),
            ("already-seen-response", "That was a while ago. Please pick the cats once more."),
            ("invalid-input-response", "That did not work. Please pick the cats once more."),
        ],
    )
    def test_it_says_no_kindly_and_names_the_code(
        self, client: Client, keys: Path, wire: Wire, code: str, sentence: str
    ) -> None:
        wire.answer = refuses(code)
        response = client.post("/", FORM)
        assert response.status_code == 400
        assert sentence in response.text
        assert f"<code>{code}</code>" in response.text

    def test_success_is_exactly_true(self, client: Client, keys: Path, wire: Wire) -> None:
        wire.answer = says({"success": "yes"})
        assert client.post("/", FORM).status_code == 400

    def test_it_survives_an_outage(self, client: Client, keys: Path, wire: Wire) -> None:
        outages = [breaks(httpx.ConnectError), says({}, status=502), says(["success"])]
        for wire.answer in outages:
            response = client.post("/", FORM)
            assert response.status_code == 503
            assert "We could not check your cats just now." in response.text

    def test_a_mistake_in_the_form_costs_no_token(
        self, client: Client, keys: Path, wire: Wire
    ) -> None:
        response = client.post("/", {**FORM, "email": "nonsense"})
        assert response.status_code == 400
        assert "Enter a valid email address." in response.text
        assert wire.requests == []

    def test_it_refuses_a_forged_form(self, keys: Path, wire: Wire) -> None:
        response = Client(enforce_csrf_checks=True).post("/", FORM)
        assert response.status_code == 403
        assert wire.requests == []

    def test_it_escapes_what_it_was_told(self, client: Client, keys: Path, wire: Wire) -> None:
        wire.answer = refuses("<script>alert(1)</script>")
        response = client.post("/", {**FORM, "name": "<b>Ada"})
        assert "<script>alert" not in response.text
        assert "<b>Ada" not in response.text


class TestModes:
    def test_it_shows_every_mode_size_and_theme(self, client: Client, keys: Path) -> None:
        shown = client.get("/demo/modes/").text
        for option in (
            'data-mode="inline"', 'data-mode="invisible"',
            'data-size="compact"', 'data-size="flexible"',
            'data-theme="light"', 'data-theme="dark"', 'data-theme="contrast"', 'data-lang="ar"',
        ):  # fmt: skip
            assert f'data-sitekey="the-key" {option}' in shown
        assert "the-secret" not in shown
