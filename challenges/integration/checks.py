"""A site's mistakes as system checks, where "challenges.integration" is in INSTALLED_APPS."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from challenges.integration import conf, testing

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@register(Tags.security)
def check_settings(**said: Any) -> list[CheckMessage]:
    """Look at the settings of a site that embeds Pawcha."""
    if conf.is_testing():
        return [_testing()] if conf.is_exposed() else []
    found = [_missing(name) for name in conf.NAMES if not conf.setting(name)]
    if not settings.DEBUG and conf.setting("secret") in testing.SECRETS:
        found.append(_test_secret())
    url = urlsplit(conf.setting("url"))
    if not settings.DEBUG and url.scheme == "http" and url.hostname not in LOOPBACK:
        found.append(_plain(url.geturl()))
    return found


def _missing(name: str) -> CheckMessage:
    return Warning(
        f"{conf.NAMES[name]} is not set.",
        hint="Set it, or pass it to each Pawcha field and silence this check.",
        id=f"pawcha_integration.W00{list(conf.NAMES).index(name) + 1}",
    )


def _test_secret() -> CheckMessage:
    return Warning(
        "PAWCHA_SECRET is a public test secret: it protects nothing.",
        hint="Set the secret that `manage.py create_site` printed.",
        id="pawcha_integration.W004",
    )


def _testing() -> CheckMessage:
    return Error(
        "PAWCHA_TESTING is on: everybody who knows the public test token is let through.",
        hint="Set it in the settings of your tests only.",
        id="pawcha_integration.E005",
    )


def _plain(url: str) -> CheckMessage:
    return Warning(
        f"PAWCHA_URL is {url}: the secret and the tokens travel unencrypted.",
        hint="Use the https:// address of your Pawcha.",
        id="pawcha_integration.W006",
    )
