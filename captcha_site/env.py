"""Typed readers of the environment. A bad value stops the start and names itself."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from celery.schedules import crontab

TRUE: Final = frozenset({"1", "true", "yes", "on"})
FALSE: Final = frozenset({"0", "false", "no", "off", ""})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
RHYTHMS: Final = {"daily": "0 3 * * *", "weekly": "0 3 * * 0", "monthly": "0 3 1 * *"}


def text(name: str, default: str = "") -> str:
    """Return the variable as text without surrounding space, or the default."""
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """Return the variable as a yes or no.

    Raises ImproperlyConfigured when it is neither.
    """
    value = text(name, "yes" if default else "no").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: write yes or no.")


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """Return the variable as one of the choices; the first is the default.

    Raises ImproperlyConfigured when it is something else.
    """
    value = text(name).lower() or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: write {' or '.join(choices)}.")
    return value


def whole(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """Return the variable as a whole number of at least `least`, and at most `most`.

    Raises ImproperlyConfigured when it is something else.
    """
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least or (most is not None and number > most):
        reach = "up" if most is None else f"to {most}"
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write a whole number from {least} {reach}."
        )
    return number


def rhythm(name: str) -> crontab | None:
    """Return when something is to be done again and again, None when never (empty, or off).

    daily, weekly (Sundays) and monthly (the first) are at three at night; else five fields as in a
    crontab: minute, hour, day of the month, month, day of the week. Times are UTC.
    Raises ImproperlyConfigured when it is something else.
    """
    from celery.schedules import crontab

    value = text(name).lower()
    if value in FALSE:
        return None
    fields = RHYTHMS.get(value, value).split()
    try:
        minute, hour, day, month, weekday = fields
        return crontab(minute, hour, weekday, day, month)
    except ValueError as error:  # Celery's ParseException is one, too.
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write daily, weekly, monthly, five fields as in a crontab, "
            "such as 0 3 * * 0, or nothing for never."
        ) from error


def path(name: str, default: Path) -> Path:
    """Return the variable as an absolute path."""
    return Path(text(name) or default).expanduser().absolute()


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return a comma-separated list of addresses or networks, such as 10.0.0.0/8.

    Raises ImproperlyConfigured when one of them is neither.
    """
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Write networks, such as 10.0.0.0/8, with commas between."
        ) from error


def origin(name: str, default: str) -> str:
    """Return the variable as a web origin: scheme, host and port, without a path.

    Raises ImproperlyConfigured when it is something else.
    """
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write scheme and host only, such as https://pawcha.example.org"
        )
    return value


def origins(name: str, default: str) -> list[str]:
    """Return a comma-separated list of web origins: each is scheme, host and port, without a path.

    Raises ImproperlyConfigured when one is something else.
    """
    found = [word.rstrip("/") for word in words(name, default)]
    for value in found:
        parts = urlsplit(value)
        plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise ImproperlyConfigured(
                f"{name} has {value!r}: write scheme and host only, such as "
                "https://pawcha.example.org, with commas between."
            )
    return found


def started_at(file: Path, default: str) -> str:
    """Return the origin that a quickstart noted in this file, else the default.

    Only one of this machine itself: nobody can make a stranger's address ours with a file.
    """
    try:
        noted = file.read_text(encoding="ascii").strip()
        parts = urlsplit(noted)
        host, port = parts.hostname, parts.port
    except (OSError, ValueError):
        return default
    if parts.scheme != "http" or host not in LOOPBACK or port is None:
        return default
    return noted if noted == f"http://{parts.netloc}" and "@" not in noted else default


def secret(name: str, file: Path) -> str:
    """Return a secret from the variable, from the file that NAME_FILE names, or from `file`.

    Returns an empty text when there is none: a system check says what to do then.
    """
    value = text(name)
    if value:
        return value
    place = path(f"{name}_FILE", file)
    try:
        return place.read_text().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ImproperlyConfigured(f"{place} cannot be read: {error.strerror}.") from error
