"""HTTP exchanges with one service of ours, each with all that shows from outside."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from classifier.doors.own import check_stays
from classifier.exceptions import ClassifierError

# The service knows from it that the challenge is for an attack of the operator's own.
TICKET: Final = "X-Pawcha-Attack"
PATIENCE: Final = 30.0


class Unreachable(ClassifierError):
    """Nobody answers at the address, or what answers is no Pawcha."""


class Refused(Exception):
    """The service does not do what it was asked. `wait`: for so many seconds, if that helps."""

    def __init__(self, code: str, got: Got) -> None:
        """Keep the stable code and the reply."""
        super().__init__(code)
        self.code = code
        self.got = got
        self.wait = _seconds(got.header("Retry-After"))


@dataclass(frozen=True, slots=True)
class Got:
    """A reply as it can be seen from outside; `seconds` from asking until its last byte."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Return the value of a header, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def said(self) -> dict[str, Any]:
        """Return the JSON object of the body. Raises Unreachable when there is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise Unreachable(f"What answers there ({self.status}) does not speak Pawcha's API.")
        return said


class Wire:
    """A line to one origin. It follows no redirect, and asks no proxy of the environment."""

    def __init__(self, origin: str, client: httpx.Client, ticket: Callable[[], str]) -> None:
        """Speak to `origin`; `ticket` returns what proves that this is an attack of our own."""
        self.origin = origin
        self._client = client
        self._ticket = ticket

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Got:
        """Send one request and return the reply, whatever its status.

        Raises NotOurs for a redirect, or Unreachable.
        """
        sent = {**(headers or {}), **({TICKET: ticket} if (ticket := self._ticket()) else {})}
        began = time.perf_counter()
        try:
            response = self._client.request(method, self.origin + path, headers=sent, **more)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(
                f"{self.origin} does not answer: {str(error) or type(error).__name__}."
            ) from error
        took = time.perf_counter() - began
        if response.is_redirect or 300 <= response.status_code < 400:
            check_stays(self.origin, response.headers.get("Location", ""))
        headers_seen = tuple((key, value) for key, value in response.headers.multi_items())
        return Got(response.status_code, headers_seen, response.content, took)


@contextlib.contextmanager
def line(origin: str, ticket: Callable[[], str]) -> Iterator[Wire]:
    """Give a line to an origin that `own.named` returned, and hang up at the end."""
    logger = logging.getLogger("httpx")
    level = logger.level
    # A line for each of thousands of requests helps nobody.
    logger.setLevel(logging.WARNING)
    try:
        with httpx.Client(timeout=PATIENCE, trust_env=False, follow_redirects=False) as client:
            yield Wire(origin, client, ticket)
    finally:
        logger.setLevel(level)


def _seconds(value: str) -> float | None:
    return float(value) if value.isdecimal() else None
