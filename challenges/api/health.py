"""Is the service alive, and can it do its work?"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api import serializers
from challenges.api.views import NoStoreView
from challenges.flows import rehearsal


class HealthView(NoStoreView):
    """Liveness."""

    @extend_schema(
        operation_id="healthz",
        summary="Is the process alive?",
        responses={200: serializers.HealthReply},
    )
    def get(self, request: Request) -> Response:
        """Answer while the process lives; it asks no other server."""
        return Response({"status": "ok"})


class QuietSession(SessionAuthentication):
    """Know operators by their admin session; a database that is away makes them strangers."""

    def authenticate(self, request: Request) -> Any:
        """Return the signed-in person, or None."""
        try:
            return super().authenticate(request)
        except Exception:  # readiness must answer when the session store cannot
            return None


class ReadyView(NoStoreView):
    """Readiness."""

    authentication_classes = [QuietSession]

    @extend_schema(
        auth=[],
        operation_id="readyz",
        summary="Can it issue and verify?",
        responses={200: serializers.HealthReply, 503: serializers.HealthReply},
    )
    def get(self, request: Request) -> Response:
        """Issue, answer and verify a challenge of its own, at most every five seconds.

        Strangers see ok or failed; operators who are signed in to the admin see what failed.
        """
        found = rehearsal.readiness()
        told: dict[str, Any] = {"status": "ok" if found.ok else "failed"}
        if getattr(request.user, "is_staff", False):
            told |= {
                "can_issue": found.can_issue,
                "can_verify": found.can_verify,
                "cause": found.cause,
            }
        return Response(told, status=200 if found.ok else 503)
