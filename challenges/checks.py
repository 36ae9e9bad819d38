"""Operators' mistakes as system checks, each with an id and a hint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from challenges.flows import poolcare


@register(Tags.database)
def check_pool(*, databases: Sequence[str] | None = None, **said: Any) -> list[CheckMessage]:
    """Look at the pictures in the pool. Quiet when the database is away or still empty."""
    if "default" not in (databases or ()):
        return []
    try:
        found: list[CheckMessage] = [
            Warning(concern.text, hint=concern.hint, id=concern.code)
            for concern in poolcare.concerns()
        ]
        if settings.PRODUCTION and poolcare.has_trial_photos():
            trial = poolcare.TRIAL
            found.append(Error(trial.text, hint=trial.hint, id=trial.code))
    except DatabaseError:
        return []
    return found


@register(Tags.security)
def check_test_keys(**said: Any) -> list[CheckMessage]:
    """See that public test keys are on in production only where somebody wants just that."""
    if not settings.PRODUCTION:
        return []
    if settings.TEST_KEYS:
        return [
            Warning(
                "Public test keys are on in production: with them anybody passes any site that "
                "verifies with a test secret.",
                hint="Leave PAWCHA_TEST_KEYS out when your tests are over.",
                id="challenges.W003",
            )
        ]
    if settings.PAWCHA_TEST_KEYS == "yes":
        return [
            Error(
                "PAWCHA_TEST_KEYS is yes, but PRODUCTION is on, too: the test keys stay off.",
                hint="Leave PAWCHA_TEST_KEYS out, or write PAWCHA_TEST_KEYS=production if you do "
                "want keys in production that everybody knows.",
                id="challenges.E005",
            )
        ]
    return []


@register(Tags.security)
def check_secret_key(**said: Any) -> list[CheckMessage]:
    """See that there is a key to sign with."""
    try:
        settings.SECRET_KEY  # noqa: B018 (Django raises when it is empty)
    except ImproperlyConfigured:
        return [
            Error(
                "There is no SECRET_KEY, so nothing can be signed.",
                hint="make run makes one in var/keys/. Elsewhere set SECRET_KEY, or "
                "SECRET_KEY_FILE to a file with at least 50 random characters.",
                id="challenges.E002",
            )
        ]
    return []


@register(Tags.security)
def check_production(**said: Any) -> list[CheckMessage]:
    """See that production is not set up as for trying out."""
    found: list[CheckMessage] = []
    if settings.PRODUCTION and settings.DEBUG:
        found.append(
            Error(
                "PRODUCTION and DEBUG are both on: error pages would show secrets.",
                hint="Set DEBUG=no.",
                id="challenges.E003",
            )
        )
    if settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        found.append(
            Error(
                f"PUBLIC_URL is {settings.PUBLIC_URL}: in production browsers need https.",
                hint="Set PUBLIC_URL to the https address at which visitors reach this service.",
                id="challenges.E004",
            )
        )
    return found
