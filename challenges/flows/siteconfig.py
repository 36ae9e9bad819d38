"""Would the widget work with this key on that host? hCaptcha's WordPress plugin asks at set-up."""

from __future__ import annotations

from dataclasses import dataclass

from challenges.exceptions import HostNotAllowed, InvalidRequest, UnknownSitekey
from challenges.flows import testkeys
from challenges.hosts import allows
from challenges.models import Site


@dataclass(frozen=True, slots=True)
class Features:
    """What a site's integration may want to know.

    `fail_open`: the owner would rather let visitors pass than lose them while Pawcha is down.
    """

    fail_open: bool = False


def check(sitekey: str, host: str) -> Features:
    """Return what the site is like when pages of this host may show the widget with this key.

    `host` is a name, perhaps with its port, or an origin. Pages anywhere may use a test key.

    Raises UnknownSitekey, InvalidRequest or HostNotAllowed.
    """
    if testkeys.is_on(sitekey):
        return Features()
    site = Site.objects.serving().filter(sitekey=sitekey.replace("\0", "")).first()
    if site is None:
        raise UnknownSitekey
    if not host:
        raise InvalidRequest("The host is missing: say host=shop.example.org, for instance.")
    if not allows(site.hosts, host if "://" in host else f"https://{host}"):
        raise HostNotAllowed(
            f"The host {host!r} is not among the hosts of this site. Its owner can add it."
        )
    return Features(fail_open=site.fail_open)
