"""What each request to the desk goes through: the history learns who it is, and a second factor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from pghistory.middleware import HistoryMiddleware

from challenges.flows import people
from challenges.state import Unreachable

logger = logging.getLogger(__name__)

DESK: Final = ("/admin/", "/accounts/", "/api/v1/")
# Calls of visitors: nobody is signed in there, and they must not pay for the desk.
VISITORS: Final = "/api/v1/challenges"
# Here people may go before they have set up the second factor that is required.
LEAVING: Final = ("/admin/logout/", "/admin/login/", "/admin/jsi18n/")

Next = Callable[[HttpRequest], HttpResponse]


def is_desk(path: str) -> bool:
    """Return whether this is for people who run a Pawcha."""
    if not path.startswith(DESK):
        return False
    return path != VISITORS and not path.startswith(f"{VISITORS}/")


class History(HistoryMiddleware):
    """Each change that a request makes is written down with its person."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Open a context for the desk's requests; leave all others alone."""
        if is_desk(request.path):
            answer: HttpResponse = super().__call__(request)  # type: ignore[no-untyped-call]
            return answer
        passed: HttpResponse = self.get_response(request)
        return passed

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return who it is. An API token's person is known later, and noted then."""
        return {"user": request.user.pk}


class SecondFactor:
    """Leads people who need a second factor and have none to where they set it up.

    It also says so plainly when tries at the sign-in cannot be counted.
    """

    def __init__(self, get_response: Next) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at who comes to the admin, then go on."""
        if _is_to_be_led(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a sign-in whose tries cannot be counted: nobody gets in unthrottled."""
        if not isinstance(error, Unreachable) or not request.path.startswith("/accounts/"):
            return None
        logger.error("Nobody can sign in: %s: %s", type(error).__name__, error)
        page = render(request, "account/unavailable.html", status=503)
        page["Retry-After"] = "5"
        return page


def _is_to_be_led(request: HttpRequest) -> bool:
    if settings.PAWCHA_TWO_FACTOR != "required" or not request.path.startswith("/admin/"):
        return False
    if request.path in LEAVING or not request.user.is_authenticated:
        return False
    return lacks_second_factor(request.user)


def lacks_second_factor(user: Any) -> bool:
    """Return whether a second factor is required of this person, who has none."""
    return settings.PAWCHA_TWO_FACTOR == "required" and not people.has_second_factor(user)
