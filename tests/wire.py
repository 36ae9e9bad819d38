"""What lies between a host's server and Pawcha, for tests that have only one of the two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

Answer = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Notes what every httpx client sends, and answers it."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Answer = says({"success": True})

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Note the request and answer it."""
        request.read()
        self.requests.append(request)
        return self.answer(request)

    @property
    def forms(self) -> list[dict[str, str]]:
        """The forms that were sent."""
        sent = (parse_qs(request.content.decode()) for request in self.requests)
        return [{name: values[0] for name, values in form.items()} for form in sent]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Return the wire of every httpx client."""
    made = Wire()

    def handle(_transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return made.handle(request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    return made


def says(reply: Any, status: int = 200) -> Answer:
    """Return a service that always answers with this JSON."""
    return lambda _request: httpx.Response(status, json=reply)


def refuses(*codes: str) -> Answer:
    """Return a service that says no, with these codes."""
    return says({"success": False, "error-codes": codes})


def breaks(error: type[httpx.RequestError]) -> Answer:
    """Return a service that cannot be reached, in this way."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise error("broken", request=request)

    return fail


def in_turn(*answers: Answer) -> Answer:
    """Return a service that answers in these ways, one after the other."""
    left = iter(answers)
    return lambda request: next(left)(request)
