"""What every host site does with a token: ask Pawcha's /siteverify, from server to server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

import httpx
from django.conf import settings

PATIENCE: Final = 5.0
UNREACHABLE: Final = "service-unreachable"


@dataclass(frozen=True)
class Keys:
    """The demo site's pair: the site key is public, the secret stays on the server."""

    sitekey: str
    secret: str


@dataclass(frozen=True)
class Verdict:
    """What Pawcha said about a token."""

    success: bool
    errors: tuple[str, ...] = ()


def read_keys() -> Keys | None:
    """Return the demo site's keys, or None before `make run` has written them."""
    try:
        stored = json.loads((settings.PAWCHA_VAR / "keys" / "demo.json").read_text())
        return Keys(sitekey=stored["sitekey"], secret=stored["secret"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def verify(token: str, secret: str) -> Verdict:
    """Return whether the token is good; a service that cannot be reached is a no."""
    # A proxy of the environment is for the world outside, not for a service on this machine.
    with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
        try:
            response = client.post(
                f"{settings.PUBLIC_URL}/siteverify", data={"secret": secret, "response": token}
            )
            reply = response.json()
        except (httpx.HTTPError, ValueError):
            return Verdict(success=False, errors=(UNREACHABLE,))
    if not isinstance(reply, dict):
        return Verdict(success=False, errors=(UNREACHABLE,))
    codes = reply.get("error-codes") or []
    return Verdict(success=reply.get("success") is True, errors=tuple(str(code) for code in codes))
