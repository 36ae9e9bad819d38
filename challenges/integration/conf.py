"""Where Pawcha is and with which keys: arguments first, then the settings, read when needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from challenges.integration import testing

NAMES: Final = {"url": "PAWCHA_URL", "sitekey": "PAWCHA_SITEKEY", "secret": "PAWCHA_SECRET"}
_WHERE: Final = {
    "url": "the address of your Pawcha, such as https://pawcha.example.org",
    "sitekey": "the site key that `manage.py create_site` printed",
    "secret": "the secret that `manage.py create_site` printed",
}


def is_testing() -> bool:
    """Return whether tokens are judged here, by the public test keys (PAWCHA_TESTING = True)."""
    return getattr(settings, "PAWCHA_TESTING", False) is True


def is_exposed() -> bool:
    """Return whether the public test keys judge tokens where DEBUG is off: everybody gets in.

    Django's test runner turns DEBUG off, too, and gives `mail` an outbox.
    """
    return is_testing() and not settings.DEBUG and not hasattr(mail, "outbox")


def setting(name: str) -> str:
    """Return the setting behind url, sitekey or secret, or an empty text when it is not set."""
    return str(getattr(settings, NAMES[name], "") or "").strip()


@dataclass(frozen=True, slots=True)
class Service:
    """A Pawcha and our keys for it. What is empty here is taken from the settings."""

    given_url: str = ""
    given_internal_url: str = ""
    given_sitekey: str = ""
    given_secret: str = ""

    @property
    def url(self) -> str:
        """Where browsers reach it, without a slash at the end. Given as "/": where the page is."""
        standing_in = testing.URL if is_testing() else ""
        return (self.given_url or setting("url") or standing_in or _missing("url")).rstrip("/")

    @property
    def internal_url(self) -> str:
        """Where this server reaches it: PAWCHA_INTERNAL_URL, or the same address as everybody.

        Raises ImproperlyConfigured when it is no http(s) address.
        """
        elsewhere = str(getattr(settings, "PAWCHA_INTERNAL_URL", "") or "").strip()
        address = self.given_internal_url or elsewhere or self.url
        if not address.startswith(("https://", "http://")):
            raise ImproperlyConfigured(
                f"This server cannot ask Pawcha at {address or '/'!r}. Put an address that starts "
                "with https:// or http:// into PAWCHA_INTERNAL_URL, or pass internal_url=..."
            )
        return address.rstrip("/")

    @property
    def sitekey(self) -> str:
        """The public key."""
        if is_testing():
            return testing.SITEKEY
        return self.given_sitekey or setting("sitekey") or _missing("sitekey")

    @property
    def secret(self) -> str:
        """The key that stays on this server."""
        if is_testing():
            wished = self.given_secret or setting("secret")
            return wished if wished in testing.SECRETS else testing.PASSING_SECRET
        return self.given_secret or setting("secret") or _missing("secret")


def _missing(name: str) -> str:
    raise ImproperlyConfigured(
        f"{NAMES[name]} is not set. Put {_WHERE[name]}, into the settings, or pass {name}=..."
    )
