"""What requests to the desk go through: a bound on bodies, who it is, and a second factor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from pghistory.middleware import HistoryMiddleware

from challenges import bodies
from challenges.exceptions import TooLarge
from challenges.flows import people
from challenges.state import Unreachable

logger = logging.getLogger(__name__)

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
DESK: Final = ("/admin/", "/accounts/", "/api/v1/")
# Calls of visitors: nobody is signed in there, and they must not pay for the desk.
VISITORS: Final = "/api/v1/challenges"
# Nobody who is unknown sends more than that at once, in bytes.
LONGEST: Final = 1024 * 1024
# These see to it themselves: photos to be told apart, and replies that libraries understand.
OWN_BOUNDS: Final = frozenset(
    {
        "/classify/",
        "/siteverify",
        "/recaptcha/api/siteverify",
        "/turnstile/v0/siteverify",
    }
)
# Here people may go before they have set up the second factor that is required.
LEAVING: Final = ("/admin/logout/", "/admin/login/", "/admin/jsi18n/")

Next = Callable[[HttpRequest], HttpResponse]


def is_desk(path: str) -> bool:
    """Return whether this is for people who run a Pawcha."""
    if not path.startswith(DESK):
        return False
    return path != VISITORS and not path.startswith(f"{VISITORS}/")


class Bounded:
    """Lets nobody who is unknown fill the memory or the disk.

    Django reads a form, with its files, before it looks whether the form came from its own page.
    """

    def __init__(self, get_response: Next) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse what is too long, and pass over files, unless the sender is known.

        Raises RequestDataTooBig, which Django answers.
        """
        if request.method not in READS and not _is_free(request):
            try:
                bodies.prepare(request, LONGEST)
            except TooLarge as error:
                raise RequestDataTooBig("The body is too long for a stranger.") from error
        return self.get_response(request)


def _is_free(request: HttpRequest) -> bool:
    """Return whether the body may be as long as its view lets it be.

    The desk's REST calls look who it is before they read anything.
    """
    path = request.path
    if path in OWN_BOUNDS or (path.startswith("/api/v1/") and is_desk(path)):
        return True
    return path.startswith("/admin/") and bool(request.user.is_authenticated)


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
