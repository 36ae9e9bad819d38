"""What django-allauth asks us: who may sign in, from where, how often, and where they land."""

from __future__ import annotations

import time
from typing import Any, ClassVar, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from challenges import sealing
from challenges.budgets import Address, client_address
from challenges.exceptions import TooManyRequests
from challenges.flows import tries

# So long after signing in nobody is asked for the password again, in seconds.
FRESH: Final = 900
WRONG: Final = "This name and this password do not belong together. Please try again."
TOO_MANY_CODES: Final = (
    "Too many wrong codes. Please wait five minutes, or an hour after twenty wrong ones."
)


def address_of(request: HttpRequest) -> Address:
    """Return the visitor's address; forwarded ones are believed from listed proxies only."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up, and nobody guesses passwords."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "incorrect_password": "This is not your password. Please try again.",
        "enter_current_password": "This is not your password. Please try again.",
        "too_many_login_attempts": TOO_MANY_CODES,
        "rate_limited": TOO_MANY_CODES,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return no: an owner adds people."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address whose tries are counted."""
        return str(address_of(request))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take one try, before any password is looked at."""
        name = str(credentials.get("username") or credentials.get("email") or "")
        known = request.COOKIES.get(tries.COOKIE, "")
        try:
            self._try = tries.take(name, address_of(request), known)
        except TooManyRequests as error:
            wait = tries.wait_in_words(error.retry_after or 60)
            raise forms.ValidationError(
                f"Too many wrong passwords. Please wait {wait}, then try again."
            ) from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return who has this name and this password; a right one costs no try."""
        person: User | None = super().authenticate(request, **credentials)
        if person is not None:
            self._try.give_back()
        return person

    def post_login(self, request: HttpRequest, user: User, **said: Any) -> HttpResponse:
        """Remember this computer, so that strangers' wrong passwords do not lock it out."""
        response: HttpResponse = super().post_login(request, user, **said)
        response.set_cookie(
            tries.COOKIE,
            tries.known_cookie(user),
            max_age=tries.KNOWN_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
            path=resolve_url("account_home"),
        )
        return response

    def is_reauthentication_required(self, *, app: str, **said: Any) -> bool:
        """Return no to whoever signed in, or typed the password again, a moment ago."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] >= FRESH


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed with SECRET_KEY."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right. Please take the one that is shown now.",
    }

    def get_totp_label(self, user: User) -> str:
        """Return the name under which an app lists the account."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        """Seal a secret with the present key."""
        return sealing.seal(text, _keys())

    def decrypt(self, encrypted_text: str) -> str:
        """Open a secret that was sealed with the present key or an older one."""
        return sealing.unseal(encrypted_text, _keys())


def _keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
