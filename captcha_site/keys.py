"""The service's own secret key: made once, kept in var/keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from captcha_site.embedded.errors import ServerError, from_os

KEY_BYTES = 48


def ensure_keys(var: Path) -> str:
    """Return the secret key from var/keys/secret_key, which is made where there is none.

    Raises ServerError when it is empty, or cannot be read or written.
    """
    file = var / "keys" / "secret_key"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        if not file.exists():
            _write_once(file, secrets.token_urlsafe(KEY_BYTES))
        key = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            raise from_os(error, file) from error
        raise ServerError(_unusable(file, "is not text")) from error
    if not key:
        raise ServerError(_unusable(file, "is empty"))
    return key


def _unusable(file: Path, why: str) -> str:
    return (
        f"{file} {why}. Put the key back from a backup, or delete the file: a new one is made "
        "at the next start, and people sign in again."
    )


def _write_once(file: Path, text: str) -> None:
    """Write a private file that appears whole or not at all; one that is there stays."""
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(f"{text}\n")
            out.flush()
            os.fsync(out.fileno())
        # A link, unlike a rename, does not replace a key that another process made meanwhile.
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)
