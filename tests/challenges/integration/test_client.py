"""The question to /siteverify: what is asked, what is understood, what counts as an outage."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from challenges.integration.client import UNREACHABLE, Verdict, verify
from tests.wire import Answer, Wire, breaks, in_turn, refuses, says

URL = "https://pawcha.example.org"
OUTAGE = Verdict(success=False, errors=(UNREACHABLE,), outage=True)


class TestQuestion:
    def test_it_posts_the_secret_and_the_token(self, wire: Wire) -> None:
        verify("a-token", "the-secret", f"{URL}/")
        (request,) = wire.requests
        assert (request.method, str(request.url)) == ("POST", f"{URL}/siteverify")
        (form,) = wire.forms
        assert (form["secret"], form["response"]) == ("the-secret", "a-token")
        assert uuid.UUID(form["idempotency_key"]).version == 4

    def test_each_question_has_its_own_key(self, wire: Wire) -> None:
        for _ in range(2):
            verify("a-token", "the-secret", URL)
        first, second = wire.forms
        assert first["idempotency_key"] != second["idempotency_key"]

    def test_the_key_may_be_ours(self, wire: Wire) -> None:
        verify("a-token", "the-secret", URL, idempotency_key="order-7")
        assert wire.forms[0]["idempotency_key"] == "order-7"

    @pytest.mark.parametrize(
        "token", ["x" * 2049, "\ud800abc", "größe", "a\0b", "a-token\n", "' OR 1=1 --"]
    )
    def test_what_is_no_token_is_refused_unsent_and_is_no_outage(
        self, wire: Wire, token: str
    ) -> None:
        verdict = verify(token, "the-secret", URL)
        assert verdict == Verdict(success=False, errors=("invalid-input-response",))
        assert wire.requests == []

    @pytest.mark.parametrize(
        ("address", "proxied"), [("https://pawcha.example.org", True), ("http://127.0.0.1", False)]
    )
    def test_a_proxy_of_the_environment_is_for_the_world_outside(
        self, wire: Wire, monkeypatch: pytest.MonkeyPatch, address: str, proxied: bool
    ) -> None:
        trusted: list[bool] = []
        made = httpx.Client.__init__

        def make(client: httpx.Client, **options: Any) -> None:
            trusted.append(options["trust_env"])
            made(client, **options)

        monkeypatch.setattr(httpx.Client, "__init__", make)
        verify("a-token", "the-secret", address)
        assert trusted == [proxied]


class TestAnswer:
    def test_it_understands_a_yes(self, wire: Wire) -> None:
        wire.answer = says(
            {
                "success": True,
                "error-codes": [],
                "hostname": "shop.example.org",
                "action": "signup",
                "cdata": "7",
                "challenge_ts": "2026-11-21T10:00:00+00:00",
                "new_field": 1,
            }
        )
        assert verify("a-token", "the-secret", URL) == Verdict(
            success=True,
            hostname="shop.example.org",
            action="signup",
            cdata="7",
            challenge_ts=datetime(2026, 11, 21, 10, tzinfo=UTC),
        )

    def test_it_understands_a_no(self, wire: Wire) -> None:
        wire.answer = refuses("timeout-or-duplicate")
        verdict = verify("a-token", "the-secret", URL)
        assert verdict == Verdict(success=False, errors=("timeout-or-duplicate",))

    @pytest.mark.parametrize("success", ["true", 1, None, [True]])
    def test_success_is_exactly_true(self, wire: Wire, success: Any) -> None:
        wire.answer = says({"success": success, "hostname": 7, "challenge_ts": "?"})
        assert verify("a-token", "the-secret", URL) == Verdict(success=False)

    @pytest.mark.parametrize(
        "answer",
        [
            breaks(httpx.ConnectError),
            breaks(httpx.ReadTimeout),
            lambda _request: httpx.Response(200, text="<html>hello"),
            says(["success"]),
            says({"success": True}, status=502),
            says({"success": True}, status=301),
            says({"success": True}, status=429),
            lambda _request: httpx.Response(429, text="slow down"),
        ],
        ids=["refused", "slow", "html", "list", "502", "301", "429 yes", "429 text"],
    )
    def test_anything_but_a_verdict_is_an_outage(self, wire: Wire, answer: Answer) -> None:
        wire.answer = answer
        assert verify("a-token", "the-secret", URL) == OUTAGE

    def test_too_many_wrong_secrets_are_a_no_and_no_outage(self, wire: Wire) -> None:
        reply = {"success": False, "error-codes": ["invalid-input-secret"]}
        wire.answer = says(reply, status=429)
        verdict = verify("a-token", "the-secret", URL)
        assert verdict == Verdict(success=False, errors=("invalid-input-secret",))

    def test_a_pawcha_that_cannot_know_is_an_outage(self, wire: Wire) -> None:
        wire.answer = refuses("internal-error")
        verdict = verify("a-token", "the-secret", URL)
        assert (verdict.outage, verdict.errors) == (True, ("internal-error",))

    @pytest.mark.parametrize("url", ["pawcha", "", "ftp://pawcha", "http://a:b", "https://[a"])
    def test_an_address_that_is_none_is_no_outage(self, url: str) -> None:
        with pytest.raises((httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError)):
            verify("a-token", "the-secret", url)

    def test_the_log_names_the_reason_and_keeps_the_secrets(
        self, wire: Wire, caplog: pytest.LogCaptureFixture
    ) -> None:
        wire.answer = says({}, status=502)
        with caplog.at_level(logging.DEBUG):
            verify("a-token", "the-secret", URL)
        assert "could not check a token: it answered with HTTP 502" in caplog.text
        assert "a-token" not in caplog.text
        assert "the-secret" not in caplog.text


class TestAgain:
    @pytest.mark.parametrize(
        "error",
        [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError],
    )
    def test_a_call_that_was_not_heard_is_made_once_more_with_the_same_key(
        self, wire: Wire, error: type[httpx.RequestError]
    ) -> None:
        wire.answer = in_turn(breaks(error), says({"success": True}))
        assert verify("a-token", "the-secret", URL).success
        first, second = wire.forms
        assert first == second

    def test_it_does_not_try_for_ever(self, wire: Wire) -> None:
        wire.answer = breaks(httpx.ReadTimeout)
        verify("a-token", "the-secret", URL)
        assert len(wire.requests) == 2

    def test_where_nobody_listens_it_asks_once(self, wire: Wire) -> None:
        wire.answer = breaks(httpx.ConnectError)
        verify("a-token", "the-secret", URL)
        assert len(wire.requests) == 1

    def test_a_no_is_a_no(self, wire: Wire) -> None:
        wire.answer = refuses("invalid-input-response")
        verify("a-token", "the-secret", URL)
        assert len(wire.requests) == 1
