"""What every host site does with a token: ask Pawcha's /siteverify, from server to server."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

logger = logging.getLogger(__name__)

PATIENCE: Final = 5.0
# What a token looks like. Anything else is refused here: a visitor must not choose what a proxy
# stumbles over, or what cannot be sent at all, and have that taken for an outage.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{0,2048}")
UNREACHABLE: Final = "service-unreachable"
# Pawcha answered that it cannot know right now: the token is still good.
_CANNOT_KNOW: Final = "internal-error"
_ANSWERS: Final = frozenset({httpx.codes.OK, httpx.codes.TOO_MANY_REQUESTS})
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Pawcha said about a token.

    `outage` means that nobody said anything: the token was neither accepted nor refused.
    """

    success: bool
    errors: tuple[str, ...] = ()
    outage: bool = False
    hostname: str = ""
    action: str = ""
    cdata: str = ""
    challenge_ts: datetime | None = None


class _NoAnswerError(Exception):
    """Pawcha did not say yes or no. The text says what happened, without the secret."""


def verify(
    token: str, secret: str, url: str, *, idempotency_key: str = "", timeout: float = PATIENCE
) -> Verdict:
    """Redeem the token, which works once, at the Pawcha at `url`, and return what it says.

    An outage is a Verdict, too: nobody could be reached, or what answered was no Pawcha. A call
    that timed out or broke off is made once more, with the same idempotency key, so that a token
    whose redeeming was not heard is not lost. Give a key of your own (a UUID) to be able to ask
    again later. `timeout` is in seconds a call.

    Raises httpx.UnsupportedProtocol, httpx.InvalidURL or ValueError when `url` is no http(s)
    address: that is no outage, and would never end.
    """
    if not _TOKEN.fullmatch(token):
        return Verdict(success=False, errors=("invalid-input-response",))
    data = {
        "secret": secret,
        "response": token,
        "idempotency_key": idempotency_key or str(uuid.uuid4()),
    }
    try:
        return _verdict(_asked(f"{url.rstrip('/')}/siteverify", data, timeout))
    except _NoAnswerError as reason:
        logger.warning("Pawcha at %s could not check a token: %s", url, reason)
        return Verdict(success=False, errors=(UNREACHABLE,), outage=True)


def _asked(address: str, data: dict[str, str], timeout: float) -> Mapping[str, Any]:
    # A proxy of the environment is for the world outside, not for a service on this machine.
    outside = urlsplit(address).hostname not in _LOOPBACK
    try:
        with httpx.Client(timeout=timeout, trust_env=outside) as client:
            response = _post_again(client, address, data)
    except httpx.UnsupportedProtocol:
        raise
    except httpx.RequestError as error:
        raise _NoAnswerError(f"{type(error).__name__}: {error}") from error
    reply = _read(response) if response.status_code in _ANSWERS else None
    # Too many wrong secrets are a 429 with a verdict, which is never a yes.
    if not isinstance(reply, dict) or (reply.get("success") and not response.is_success):
        raise _NoAnswerError(f"it answered with HTTP {response.status_code} and no verdict")
    return reply


def _post_again(client: httpx.Client, address: str, data: dict[str, str]) -> httpx.Response:
    """Post, and once more when it is not known whether the first one arrived."""
    try:
        return client.post(address, data=data)
    except (httpx.TimeoutException, httpx.ReadError, httpx.RemoteProtocolError):
        return client.post(address, data=data)


def _read(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None


def _verdict(reply: Mapping[str, Any]) -> Verdict:
    said = reply.get("error-codes")
    errors = tuple(str(code) for code in said) if isinstance(said, list) else ()
    return Verdict(
        success=reply.get("success") is True,
        errors=errors,
        outage=_CANNOT_KNOW in errors,
        hostname=_text(reply, "hostname"),
        action=_text(reply, "action"),
        cdata=_text(reply, "cdata"),
        challenge_ts=_time(_text(reply, "challenge_ts")),
    )


def _text(reply: Mapping[str, Any], name: str) -> str:
    value = reply.get(name)
    return value if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
