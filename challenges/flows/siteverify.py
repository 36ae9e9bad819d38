"""A host's server redeems a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from challenges import signing, state
from challenges.budgets import Address, Budget, prefix_hashes
from challenges.exceptions import TooManyRequests
from challenges.flows import refusals, testkeys
from challenges.flows.durability import committed
from challenges.models import Outcome, Site, SiteSecret
from challenges.models.outcomes import ATTACK
from challenges.verdicts import Reason, Refused, Solved, Verdict

MAX_LENGTH: Final = 2048


@dataclass(frozen=True, slots=True)
class Claim:
    """What a host's server says: all of it text, none of it believed.

    `sitekey`, if given, must be that of the secret's site. With one `idempotency_key` (a UUID)
    the same token may be verified again while it lives.
    """

    secret: str
    response: str
    sitekey: str = ""
    idempotency_key: str = ""


def siteverify(claim: Claim, address: Address | None = None) -> Verdict:
    """Redeem the token of the claim, at most once, for the site that its secret belongs to.

    A token that is unknown, forged, or another site's is not used up by asking. Who asks with
    secrets that nobody has spends the tries of its address prefix; known secrets have no limit.
    """
    missing = [
        reason
        for value, reason in (
            (claim.secret, Reason.SECRET_MISSING),
            (claim.response, Reason.RESPONSE_MISSING),
        )
        if not value
    ]
    if missing:
        return Refused(tuple(missing))
    tested = testkeys.verify(claim.secret, claim.response, claim.sitekey)
    if tested is not None:
        return tested
    site = site_of(claim.secret)
    if site is None:
        return _unknown_secret(address)
    if claim.sitekey and claim.sitekey != site.sitekey:
        return refusals.verified(site.pk, Refused((Reason.OTHER_SITEKEY,)))
    verdict = redeem(site, claim.response, _uuid(claim.idempotency_key))
    return refusals.verified(site.pk, verdict)


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


def _unknown_secret(address: Address | None) -> Refused:
    """Refuse, and count it; without Redis nobody is limited."""
    rules = settings.PAWCHA
    budget = Budget(rules["UNKNOWN_SECRET_BURST"], rules["UNKNOWN_SECRET_PER_MINUTE"])
    now = timezone.now().timestamp()
    # Those whose address cannot be read share their tries.
    prefix = prefix_hashes(address, settings.SECRET_KEY, now)[0] if address else ""
    wait = None
    try:
        state.spend({f"secret:prefix:{prefix}": budget})
    except TooManyRequests as spent:
        wait = spent.retry_after
    except state.Unreachable:
        pass
    return Refused((Reason.SECRET_UNKNOWN,), retry_after=wait)


def _uuid(key: str) -> str:
    """Return the idempotency key in one spelling; what is no UUID counts as none."""
    try:
        return str(UUID(key))
    except ValueError:
        return ""


def redeem(site: Site, token: str, key: str = "") -> Verdict:
    """Redeem a token of this site: the redeem that counts is one conditional UPDATE.

    It also lets through who comes again with the same idempotency `key` (a UUID, or nothing). A
    token of an attack of ours is refused as a test's: hosts let in whoever is a success.
    """
    if testkeys.is_dummy(token):
        return Refused((Reason.TEST_WITH_REAL,))
    if not signing.is_token(token, [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]):
        return Refused((Reason.RESPONSE_UNKNOWN,))
    digest = signing.digest(token)
    # The note does not know with which key it was redeemed.
    if not key and _known_spent(site, digest):
        return Refused((Reason.REDEEMED,))
    of_site = Outcome.objects.filter(site=site, token_digest=digest)
    with committed(at_once=True):
        visitors = of_site.exclude(door=ATTACK)
        redeemed = _redeem_row(visitors, key, timezone.now(), site.token_seconds)
        # Read before the commit: afterwards nothing may fail any more.
        outcome = of_site.first()
    if outcome is None or outcome.answered_at is None:
        return Refused((Reason.RESPONSE_UNKNOWN,))
    if outcome.door == ATTACK:
        return Refused((Reason.TEST_WITH_REAL,))
    if not redeemed:
        return Refused((Reason.REDEEMED if outcome.redeemed_at else Reason.EXPIRED,))
    _remember_spent(site, digest)
    return Solved(
        handed_out_at=outcome.issued_at,
        solved_at=outcome.answered_at,
        hostname=outcome.hostname,
        action=outcome.action,
        cdata=outcome.cdata,
        test=outcome.test_mode or site.test_mode,
    )


def _redeem_row(rows: QuerySet[Outcome], key: str, now: datetime, seconds: int) -> bool:
    """Mark the row as redeemed; return whether it was free, or is the key's own.

    Of two that come at once PostgreSQL lets the second look again at what the first one wrote,
    so there is one key, or none, with which a token was redeemed.
    """
    free = Q(redeemed_at__isnull=True)
    mine = free | Q(redeem_key=key) if key else free
    alive = rows.filter(mine, answered_at__gt=now - timedelta(seconds=seconds))
    return alive.update(redeemed_at=Coalesce("redeemed_at", now), redeem_key=key) == 1


def _known_spent(site: Site, digest: str) -> bool:
    """Return whether Redis knows the token as spent; without Redis, PostgreSQL will say it."""
    try:
        return state.is_spent(site.pk, digest)
    except state.Unreachable:
        return False


def _remember_spent(site: Site, digest: str) -> None:
    try:
        state.remember_spent(site.pk, digest, site.token_seconds)
    except state.Unreachable:
        return
