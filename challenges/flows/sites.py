"""Making sites and their secrets."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from challenges import signing
from challenges.hosts import parse_host, validate_contact
from challenges.models import Site, SiteSecret

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


@dataclass(frozen=True, slots=True)
class NewSite:
    """A site that was just made, with its secret: the only time that the secret can be seen."""

    site: Site
    secret: str


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """The keys of the demo site."""

    sitekey: str
    secret: str


def create_site(name: str, hosts: list[str], contact: str = "") -> NewSite:
    """Make a site that these hosts may embed, with the address of its help if it has one.

    Raises ValidationError with what to write instead.
    """
    if not name.strip():
        raise ValidationError("The site needs a name.")
    if len(name.strip()) > 100:
        raise ValidationError("The name is too long: 100 characters at most.")
    clean = list(dict.fromkeys(parse_host(host) for host in hosts))
    if not clean:
        raise ValidationError("The site needs at least one host, such as shop.example.org.")
    if contact:
        validate_contact(contact)
    with transaction.atomic():
        site = Site.objects.create(name=name.strip(), hosts=clean, contact=contact)
        return NewSite(site, add_secret(site))


def add_secret(site: Site) -> str:
    """Give the site one more secret and return it; only its digest is kept."""
    secret = signing.new_secret()
    SiteSecret.objects.create(site=site, digest=signing.digest(secret))
    return secret


def ensure_demo(keys: Path) -> DemoKeys:
    """Return the demo site's keys from keys/demo.json, made anew when they do not fit."""
    file = keys / "demo.json"
    known = _read_demo(file)
    if known is not None:
        secret = SiteSecret.objects.filter(
            digest=signing.digest(known.secret), site__sitekey=known.sitekey
        )
        if secret.exists():
            return known
    made = create_site("Demo", LOOPBACK)
    demo = DemoKeys(made.site.sitekey, made.secret)
    _write_demo(file, demo)
    return demo


def _read_demo(file: Path) -> DemoKeys | None:
    try:
        fields = json.loads(file.read_text())
        return DemoKeys(str(fields["sitekey"]), str(fields["secret"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_demo(file: Path, demo: DemoKeys) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump({"sitekey": demo.sitekey, "secret": demo.secret}, out)
    part.replace(file)
