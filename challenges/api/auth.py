"""Who may call the REST API of the desk: tokens of people, or their own session in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NoReturn

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication
from rest_framework import exceptions as drf
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from challenges import state
from challenges.api.views import NoStoreView, address_of
from challenges.budgets import Budget, prefix_hashes
from challenges.exceptions import NotAllowed, NotSignedIn, SecondFactorNeeded
from challenges.flows import people
from challenges.models import ApiToken

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# The last use of a token is written down this often at most.
USED: Final = timedelta(hours=1)
NO_SUCH: Final = (
    "This API token is not valid: it has ended, or it was not copied whole. Make a new one in the "
    "admin, under API tokens."
)


class DeskToken(TokenAuthentication):  # type: ignore[misc]
    """`Authorization: Token pawcha_...`: the token of a person. It may do what the person may."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the person and the token, or None where there is no token.

        Raises NotSignedIn for a bad one, and TooManyRequests for too many of these.
        """
        try:
            found: tuple[Any, Any] | None = super().authenticate(request)
        except (drf.AuthenticationFailed, UnicodeDecodeError) as error:
            _count_bad(request)
            raise NotSignedIn(NO_SUCH) from error
        if found is not None:
            _note_use(found[1])
        return found


class DeskSession(SessionAuthentication):
    """The session of somebody who is signed in to the admin, in the same browser."""

    def enforce_csrf(self, request: Request) -> None:
        """See that the call comes from our own pages.

        Raises NotAllowed with what to do.
        """
        try:
            super().enforce_csrf(request)
        except drf.PermissionDenied as error:
            raise NotAllowed(
                "This call does not come from a page of the admin. Load the page again; a program "
                "uses an API token instead."
            ) from error


class May(BasePermission):
    """Lets in who is signed in, active, and has the permission that the view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return yes.

        Raises NotSignedIn, NotAllowed or SecondFactorNeeded instead of saying no.
        """
        user = request.user
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            raise NotSignedIn
        if not user.has_perm(view.permission(request.method or "GET")):
            raise NotAllowed
        by_session = not isinstance(request.auth, ApiToken)
        required = settings.PAWCHA_TWO_FACTOR == "required"
        if by_session and required and not people.has_second_factor(user):
            raise SecondFactorNeeded
        return True


class DeskView(NoStoreView):
    """A call for people who run a Pawcha, with an API token or from their own admin pages.

    `may` names the permission that is needed, for all methods or for each.
    """

    authentication_classes = (DeskToken, DeskSession)
    permission_classes = (May,)
    may: str | Mapping[str, str] = ""

    def permission(self, method: str) -> str:
        """Return the permission that this method needs."""
        if isinstance(self.may, str):
            return self.may
        return self.may["GET" if method in READS else method]

    def handle_exception(self, error: Exception) -> Any:
        """Answer with the error; who is not signed in is told how to be."""
        answer = super().handle_exception(error)
        if answer.status_code == NotSignedIn.status:
            answer["WWW-Authenticate"] = 'Token realm="Pawcha"'
        return answer

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        """Refuse, in the words of the API."""
        raise NotAllowed


class DeskTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the tokens."""

    target_class = "challenges.api.auth.DeskToken"
    name = "apiToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return where the token goes."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token pawcha_...`, made in the admin under API tokens.",
        }


class DeskSessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names the session."""

    target_class = "challenges.api.auth.DeskSession"
    name = "adminSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def _count_bad(request: Request) -> None:
    """Count a bad token; without Redis nobody is limited: tokens are too long to be guessed.

    Raises TooManyRequests.
    """
    rules = settings.PAWCHA
    budget = Budget(rules["UNKNOWN_SECRET_BURST"], rules["UNKNOWN_SECRET_PER_MINUTE"])
    now = timezone.now().timestamp()
    network = prefix_hashes(address_of(request), settings.SECRET_KEY, now)[0]
    try:
        state.spend({f"token:prefix:{network}": budget})
    except state.Unreachable:
        return


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is None or now - token.used_at > USED:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)
