"""A host's server redeems a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from challenges import signing, state
from challenges.flows.answer import TOKEN_SECONDS
from challenges.flows.durability import committed
from challenges.models import Outcome, Site, SiteSecret

MAX_LENGTH: Final = 2048


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the host's server learns. `outcome` is there only when `success` is."""

    success: bool
    error_codes: list[str] = field(default_factory=list)
    challenge_ts: datetime | None = None
    hostname: str = ""
    action: str = ""
    cdata: str = ""


def _refused(*codes: str) -> Verdict:
    return Verdict(success=False, error_codes=list(codes))


def siteverify(secret: str, response: str, sitekey: str = "") -> Verdict:
    """Redeem the token `response`, at most once, for the site that `secret` belongs to.

    The error codes are those that every CAPTCHA client knows. A token that is unknown, forged,
    or another site's is `invalid-input-response`, and is not used up by asking.
    """
    missing = [
        f"missing-input-{name}"
        for name, value in (("secret", secret), ("response", response))
        if not value
    ]
    if missing:
        return _refused(*missing)
    site = site_of(secret)
    if site is None:
        return _refused("invalid-input-secret")
    if sitekey and sitekey != site.sitekey:
        return _refused("sitekey-secret-mismatch")
    return redeem(site, response)


def site_of(secret: str) -> Site | None:
    """Return the site that this secret belongs to, found by the secret's indexed digest."""
    if len(secret) > MAX_LENGTH or not secret.isascii():
        return None
    valid = Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())
    found = (
        SiteSecret.objects.filter(valid, digest=signing.digest(secret), site__active=True)
        .select_related("site")
        .first()
    )
    return found.site if found else None


def redeem(site: Site, token: str) -> Verdict:
    """Redeem a token of this site: the redeem that counts is one conditional UPDATE."""
    if not signing.is_token(token, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]):
        return _refused("invalid-input-response")
    digest = signing.digest(token)
    if _known_spent(site, digest):
        return _refused("timeout-or-duplicate")
    now = timezone.now()
    of_site = Outcome.objects.filter(site=site, token_digest=digest)
    with committed(at_once=True):
        redeemed = of_site.filter(
            redeemed_at__isnull=True, answered_at__gt=now - timedelta(seconds=TOKEN_SECONDS)
        ).update(redeemed_at=now)
        # Read before the commit: afterwards nothing may fail any more.
        outcome = of_site.first()
    if outcome is None:
        return _refused("invalid-input-response")
    if redeemed != 1:
        return _refused("timeout-or-duplicate")
    _remember_spent(site, digest)
    return Verdict(
        success=True,
        challenge_ts=outcome.issued_at,
        hostname=outcome.hostname,
        action=outcome.action,
        cdata=outcome.cdata,
    )


def _known_spent(site: Site, digest: str) -> bool:
    """Return whether Redis knows the token as spent; without Redis, PostgreSQL will say it."""
    try:
        return state.is_spent(site.pk, digest)
    except state.Unreachable:
        return False


def _remember_spent(site: Site, digest: str) -> None:
    try:
        state.remember_spent(site.pk, digest, TOKEN_SECONDS)
    except state.Unreachable:
        return
