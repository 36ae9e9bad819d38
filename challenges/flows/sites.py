"""Making sites and their secrets, and changing them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from challenges import signing
from challenges.hosts import parse_host, validate_contact
from challenges.models import Site, SiteSecret

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
# What a site's owner may choose, beside its name, its hosts and its contact.
POLICY: Final = (
    "pictures",
    "rounds",
    "tolerance",
    "challenge_seconds",
    "token_seconds",
    "theme",
    "fail_open",
    "test_mode",
    "probes",
    "attack_budget",
    "taught_budget",
    "over_budget",
    "accepts_unknown_host",
    "allows_fallback",
    "when_worn_out",
    "active",
)
MOST_SECRETS: Final = 2
# An old secret that ends "tomorrow" is valid for so long.
GRACE: Final = timedelta(hours=24)


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


def create_site(name: str, hosts: list[str], contact: str = "", **policy: Any) -> NewSite:
    """Make a site that these hosts may embed, with the address of its help if it has one.

    `policy` holds fields of POLICY; the others have their defaults. Raises ValidationError with
    what to write instead.
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
    site = Site(name=name.strip(), hosts=clean, contact=contact, **_known(policy))
    check_policy(site)
    with transaction.atomic():
        site.save(force_insert=True)
        return NewSite(site, add_secret(site))


def check_policy(site: Site) -> None:
    """Raise ValidationError, by field, with what to choose instead, unless the policy can be."""
    names = {field.name for field in Site._meta.fields}
    site.clean_fields(exclude=names - set(POLICY))


def _known(policy: dict[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(policy) - set(POLICY))
    if unknown:
        raise ValidationError(f"A site has no {', '.join(unknown)}. It has: {', '.join(POLICY)}.")
    return policy


def switch(sites: list[int], *, on: bool) -> int:
    """Switch these sites on or off; return how many were the other way before."""
    return Site.objects.filter(pk__in=sites, reserved=False, active=not on).update(active=on)


def add_secret(site: Site) -> str:
    """Give the site one more secret and return it; only its digest is kept.

    Raises ValidationError when it has two already: then one has to end first.
    """
    secret = signing.new_secret()
    with transaction.atomic():
        _lock(site)
        if site.secrets.valid().count() >= MOST_SECRETS:
            raise ValidationError(
                f"{site.name} has two secrets already. End the one that your server no longer "
                "uses, then ask again."
            )
        SiteSecret.objects.create(site=site, digest=signing.digest(secret))
    return secret


def end_secret(site: Site, secret: int, *, grace: timedelta = timedelta(0)) -> SiteSecret:
    """End one of the site's secrets, now or after `grace`; return it as it is then.

    Raises ValidationError when no other secret would be left, or when it has ended already.
    """
    with transaction.atomic():
        _lock(site)
        now = timezone.now()
        found = site.secrets.valid().filter(pk=secret).first()
        if found is None:
            raise ValidationError("This secret has ended already.")
        ends = now + grace
        if not _stays(site, found):
            raise ValidationError(
                f"This is the last secret of {site.name}: without one your server could verify "
                "nothing. Give it a second one first."
            )
        if found.ends_at is None or found.ends_at > ends:
            found.ends_at = ends
            found.save(update_fields=["ends_at"])
    return found


def _stays(site: Site, secret: SiteSecret) -> bool:
    """Return whether the site keeps a secret, of which no end is known, without this one."""
    return site.secrets.filter(ends_at__isnull=True).exclude(pk=secret.pk).exists()


def _lock(site: Site) -> None:
    """Let one at a time change the site's secrets; challenges are handed out meanwhile."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)


def ensure_demo(keys: Path) -> DemoKeys:
    """Return the demo site's keys from keys/demo.json, made anew when they do not fit."""
    file = keys / "demo.json"
    known = _read_demo(file)
    if known is not None:
        secret = SiteSecret.objects.valid().filter(
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
