"""People of each kind, for tests of who may what."""

from __future__ import annotations

import time
from typing import Any, Final

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.test import Client

PASSWORD: Final = "a good long password"
SIGN_IN: Final = "/accounts/login/"


def person(name: str, *groups: str, **fields: Any) -> User:
    """Return a person in these groups, who has a password."""
    made = User.objects.create_user(name, f"{name}@shelter.example.org", PASSWORD, **fields)
    made.groups.set(Group.objects.filter(name__in=groups))
    made.refresh_from_db()
    return made


def code(secret: str, ahead: int = 0) -> str:
    """Return what an authenticator app shows now, or so many steps of 30 seconds later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead)))


def sign_in(client: Client, who: User) -> Client:
    """Let the person sign in, a moment ago. `force_login` alone is a session found somewhere."""
    client.force_login(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client


def cookie(client: Any) -> str:
    """Return the session's cookie."""
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)
