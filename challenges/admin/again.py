"""Asking for the password again, so that a session alone does not become more than it is."""

from __future__ import annotations

from typing import Final

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.http import HttpRequest

# What is sent while the question is asked waits in the session, but never these.
_UNKEPT: Final = ("password",)


def ask_again(request: HttpRequest) -> None:
    """Go on when the person signed in, or typed the password again, within the last 15 minutes.

    Raises allauth's ReauthenticationRequired: its middleware asks, and what was sent goes on
    afterwards by itself.
    """
    if request.method == "POST" and any(name in request.POST for name in _UNKEPT):
        kept = request.POST.copy()
        for name in _UNKEPT:
            kept.pop(name, None)
        said = request.POST
        request.POST = kept  # type: ignore[assignment]
        raise_if_reauthentication_required(request, app="challenges")
        request.POST = said
        return
    raise_if_reauthentication_required(request, app="challenges")
