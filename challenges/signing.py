"""Secrets, challenge ids and tokens: how they are made, recognised and kept. Pure.

A session handle is the id of a visitor's own bucket and its signature: nobody can make one up, and
whoever sends it is the one it counts for.

A token is 72 random bytes and 16 bytes of HMAC-SHA-256 over them, base64url without padding: 118
characters. The tag lets a made-up token be refused without asking the database. Only digests of
tokens and secrets are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Final

_RANDOM: Final = 72
_TAG: Final = 16
_SESSION: Final = 18
TOKEN_LENGTH: Final = 118


def new_challenge_id() -> str:
    """Return an unguessable address of a challenge: 192 random bits, URL-safe."""
    return secrets.token_urlsafe(24)


def new_session(key: str) -> str:
    """Return a new visitor's handle: a random id of 144 bits, signed with the key."""
    return session_handle(secrets.token_urlsafe(_SESSION), key)


def session_handle(session: str, key: str) -> str:
    """Return the handle of the session with this id; empty when there is none."""
    return f"{session}.{_session_tag(session, key)}" if session else ""


def read_session(value: str, keys: list[str]) -> str:
    """Return the id in a handle; empty unless we signed it with one of the keys."""
    session, _, tag = value.partition(".")
    if not session or not value.isascii():
        return ""
    known = any(hmac.compare_digest(tag, _session_tag(session, key)) for key in keys)
    return session if known else ""


def _session_tag(session: str, key: str) -> str:
    tag = hmac.digest(b"pawcha.session." + key.encode(), session.encode(), "sha256")[:_TAG]
    return base64.urlsafe_b64encode(tag).decode().rstrip("=")


def new_secret() -> str:
    """Return a new site secret: 256 random bits, URL-safe, with a prefix that scanners know."""
    return f"pws_{secrets.token_urlsafe(32)}"


def digest(value: str) -> str:
    """Return the SHA-256 of a token or secret, 64 hex digits.

    They are long and random, so a plain digest can be looked up but not reversed.
    """
    return hashlib.sha256(value.encode()).hexdigest()


def _tag(random: bytes, key: str) -> bytes:
    return hmac.digest(b"pawcha.token." + key.encode(), random, "sha256")[:_TAG]


def new_token(key: str) -> str:
    """Return a new token, signed with the key."""
    random = secrets.token_bytes(_RANDOM)
    return base64.urlsafe_b64encode(random + _tag(random, key)).decode().rstrip("=")


def is_token(value: str, keys: list[str]) -> bool:
    """Return whether we made this token with one of the keys (old ones count for a while)."""
    if len(value) != TOKEN_LENGTH or not value.isascii():
        return False
    try:
        raw = base64.b64decode(value + "==", altchars=b"-_", validate=True)
    except binascii.Error:
        return False
    # A character's spare bits would let one token be written in several ways.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != value:
        return False
    random, tag = raw[:_RANDOM], raw[_RANDOM:]
    return any(hmac.compare_digest(tag, _tag(random, key)) for key in keys)
