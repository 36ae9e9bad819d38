"""Secrets that have to be read again, such as those of second factors, sealed at rest. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Unreadable(ValueError):
    """The text was sealed with a key that is no longer known, or never was sealed."""


def seal(text: str, keys: Sequence[str]) -> str:
    """Return the text encrypted with the first key."""
    return _fernet(keys).encrypt(text.encode()).decode()


def unseal(sealed: str, keys: Sequence[str]) -> str:
    """Return the text again, whichever of the keys it was sealed with.

    Raises Unreadable.
    """
    try:
        return _fernet(keys).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("None of the keys fits. Was SECRET_KEY changed?") from error


def _fernet(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    # A key of its own: what else is signed with SECRET_KEY must not open it.
    digest = hashlib.blake2b(key.encode(), digest_size=32, person=b"pawcha.sealing").digest()
    return base64.urlsafe_b64encode(digest)
