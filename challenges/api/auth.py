"""Who may call the REST API of the desk: tokens of people, or their own session in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from challenges.api.views import NoStoreView

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class May(BasePermission):
    """Lets in who is signed in, active, and has the permission that the view names."""

    message = "You may not do this. Ask an owner of this Pawcha for the right to."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether this person may call the view."""
        user = request.user
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return False
        return user.has_perm(view.permission(request.method or "GET"))


class DeskView(NoStoreView):
    """A call for people who run a Pawcha, with an API token or from their own admin pages.

    `may` names the permission that is needed, for all methods or for each.
    """

    authentication_classes: ClassVar = [TokenAuthentication, SessionAuthentication]
    permission_classes: ClassVar = [May]
    may: str | Mapping[str, str] = ""

    def permission(self, method: str) -> str:
        """Return the permission that this method needs."""
        if isinstance(self.may, str):
            return self.may
        return self.may["GET" if method in READS else method]
