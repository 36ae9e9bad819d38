"""Public test keys at work: off unless asked for, and apart from everything real.

A test site key gets a real challenge of starter pictures and ends in a dummy token; a test
secret knows dummy tokens only. No row ever holds the digest of one.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils import timezone

from challenges.hosts import NOT_PROVIDED, origin_host, without_port
from challenges.models import Site
from challenges.models.sites import TEST_SITE
from challenges.testkeys import SECRETS, SITEKEYS, TOKENS, Verify, Widget
from challenges.verdicts import Reason, Refused, Solved, Verdict

# What siteverify says instead of a host: a name that no host can have (RFC 6761).
HOSTNAME: Final = "test-key.invalid"


def is_on(sitekey: str) -> bool:
    """Return whether this is a public test key, and they are on."""
    return settings.TEST_KEYS and sitekey in SITEKEYS


def site_for(sitekey: str) -> Site | None:
    """Return the site behind all test keys, made when needed; None unless this is one, and on."""
    if not is_on(sitekey):
        return None
    site, _ = Site.objects.get_or_create(
        sitekey=TEST_SITE, defaults={"name": "Public test keys", "hosts": [], "reserved": True}
    )
    return site


def hostname(origin: str) -> str:
    """Return the host of the page with a test key: any page may have one."""
    host = origin_host(origin)[1]
    return without_port(host) if host else NOT_PROVIDED


def is_right(sitekey: str, *, graded: bool) -> bool:
    """Return whether an answer counts as right: most test keys do not care for the picks."""
    match SITEKEYS[sitekey]:
        case Widget.PASSES:
            return True
        case Widget.FAILS:
            return False
        case Widget.CHALLENGE:
            return graded


def is_dummy(token: str) -> bool:
    """Return whether this is one of the public dummy tokens."""
    return token in TOKENS


def verify(secret: str, response: str, sitekey: str = "") -> Verdict | None:
    """Return what a test secret says of this token; None when this is none, or they are off.

    Each of them takes the dummy tokens of all vendors: which goes with which is often mixed up.
    """
    if not settings.TEST_KEYS or secret not in SECRETS:
        return None
    if sitekey and sitekey not in SITEKEYS:
        return Refused((Reason.OTHER_SITEKEY,))
    if not is_dummy(response):
        return Refused((Reason.TEST_WITH_REAL,))
    match SECRETS[secret]:
        case Verify.FAILS:
            return Refused((Reason.RESPONSE_UNKNOWN,))
        case Verify.SPENT:
            return Refused((Reason.REDEEMED,))
        case Verify.PASSES:
            now = timezone.now()
            return Solved(handed_out_at=now, solved_at=now, hostname=HOSTNAME, test=True)
