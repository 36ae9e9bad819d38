"""Hosts of a site: parsing, matching an origin, and frame-ancestors. Pure."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

NOT_PROVIDED: Final = "not-provided"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(\*\.)?(?:{_LABEL}\.)*{_LABEL}(:\d{{1,5}})?|\[[0-9a-f:.]+\](:\d{{1,5}})?")
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


def parse_host(value: str) -> str:
    """Return the host in its normal form: lower case, ASCII, with the port if one was given.

    Raises ValidationError with what to write instead.
    """
    host = value.strip().lower().rstrip(".")
    if "://" in host or "/" in host:
        raise ValidationError(f"{value!r}: write the host only, such as shop.example.org.")
    if not host.isascii():
        host = _punycode(host, value)
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValidationError(
            f"{value!r} is not a host. Write shop.example.org, *.example.org or localhost."
        )
    if host.startswith("*.") and (host.count(".") < 2 or _is_address(host[2:])):
        raise ValidationError(f"{value!r}: a wildcard needs a domain, such as *.example.org.")
    port = _port(host)
    if port is not None and not 0 < port < 65536:
        raise ValidationError(f"{value!r}: a port is a number from 1 to 65535.")
    return host


def validate_host(value: str) -> None:
    """Raise ValidationError, with what to write instead, unless this is a host."""
    parse_host(value)


def validate_contact(value: str) -> None:
    """Raise ValidationError unless this is an e-mail address or an https address."""
    try:
        if "://" in value:
            URLValidator(schemes=["https"])(value)
        else:
            validate_email(value)
    except ValidationError as error:
        raise ValidationError(
            f"{value!r} is neither an e-mail address nor an address that starts with https://."
        ) from error


def _punycode(host: str, value: str) -> str:
    star = "*." if host.startswith("*.") else ""
    try:
        return star + host.removeprefix("*.").encode("idna").decode()
    except UnicodeError as error:
        raise ValidationError(f"{value!r} is not a host name.") from error


def _is_address(host: str) -> bool:
    try:
        ip_address(host.split(":")[0])
    except ValueError:
        return False
    return True


def _port(host: str) -> int | None:
    tail = host.rsplit("]", 1)[-1].rpartition(":")[2] if ":" in host.rsplit("]", 1)[-1] else ""
    return int(tail) if tail else None


def without_port(host: str) -> str:
    """Return the host's name alone."""
    return host if _port(host) is None else host.rpartition(":")[0]


def is_loopback(host: str) -> bool:
    """Return whether the host is this very machine."""
    return without_port(host) in _LOOPBACK_NAMES


def origin_host(origin: str) -> tuple[str, str]:
    """Return scheme and host (with its port, if not the scheme's own) of an origin.

    Both are empty when it is no web origin, such as the "null" of a sandboxed page.
    """
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "", ""
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return "", ""
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.lower()
    # What follows ends up in rows and replies: it has to be a plain host.
    if name.startswith("*") or not _HOST.fullmatch(name) or len(name) > 253:
        return "", ""
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, name if port in {None, default} else f"{name}:{port}"


def referring_origin(referer: str) -> str:
    """Return the origin of a Referer header: empty without one, "null" when it names none."""
    if not referer:
        return ""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "null"
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "null"


def allows(hosts: list[str], origin: str) -> bool:
    """Return whether a page of this origin may embed a site with these hosts.

    Origins are https and exact; a wildcard stands for exactly one leading label; loopback hosts
    may use http and any port.
    """
    scheme, host = origin_host(origin)
    if not host:
        return False
    return any(_matches(allowed, scheme, host) for allowed in hosts)


def _matches(allowed: str, scheme: str, host: str) -> bool:
    if is_loopback(allowed):
        same = without_port(host) == without_port(allowed)
        return same and (_port(allowed) is None or _port(allowed) == _port(host))
    if scheme != "https":
        return False
    if allowed.startswith("*."):
        _, _, parent = host.partition(".")
        return parent == allowed[2:]
    return host == allowed


def frame_ancestors(hosts: list[str]) -> str:
    """Return the sources of a frame-ancestors directive (CSP level 3) for these hosts.

    CSP cannot say "one leading label", so the handshake's own check stays the stricter one; nor
    can it name an IPv6 address, so a page at [::1] is not shown the frame.
    """
    sources: list[str] = []
    for host in hosts:
        if host.startswith("["):
            continue
        if is_loopback(host):
            place = host if _port(host) is not None else f"{host}:*"
            sources += [f"http://{place}", f"https://{place}"]
        else:
            sources.append(f"https://{host}")
    return " ".join(sources) or "'none'"
