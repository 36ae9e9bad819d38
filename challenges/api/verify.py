"""Siteverify in our own words. It always answers 200 with `success`, whatever happens."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api import serializers
from challenges.api.reading import ShallowJSONParser
from challenges.api.views import NoStoreView
from challenges.exceptions import PawchaError
from challenges.flows.siteverify import Verdict, siteverify

logger = logging.getLogger(__name__)


def reply(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict in the words that CAPTCHA clients know."""
    told: dict[str, Any] = {"success": verdict.success, "error-codes": verdict.error_codes}
    if verdict.success and verdict.challenge_ts is not None:
        told |= {
            "challenge_ts": verdict.challenge_ts.isoformat(timespec="seconds"),
            "hostname": verdict.hostname,
            "action": verdict.action,
            "cdata": verdict.cdata,
        }
    return told


def _word(data: Any, name: str) -> str:
    """Return a field as text: anything that is not one counts as missing."""
    value = data.get(name) if hasattr(data, "get") else None
    return value.strip() if isinstance(value, str) else ""


class SiteverifyView(NoStoreView):
    """Redeem a token."""

    parser_classes = [FormParser, MultiPartParser, ShallowJSONParser]

    @extend_schema(
        operation_id="siteverify",
        summary="Redeem a token, once",
        request={
            "application/x-www-form-urlencoded": serializers.SiteverifyRequest,
            "multipart/form-data": serializers.SiteverifyRequest,
            "application/json": serializers.SiteverifyRequest,
        },
        responses={200: serializers.SiteverifyReply},
    )
    def post(self, request: Request) -> Response:
        """Tell the host's server whether its visitor solved a challenge.

        error-codes: missing-input-secret, invalid-input-secret, missing-input-response,
        invalid-input-response, sitekey-secret-mismatch, timeout-or-duplicate, bad-request,
        internal-error (worth another try).
        """
        data = request.data
        verdict = siteverify(_word(data, "secret"), _word(data, "response"), _word(data, "sitekey"))
        return Response(reply(verdict))

    def handle_exception(self, exc: Exception) -> Response:
        """Clients read anything but 200 as an outage, so say what is wrong in the reply."""
        if isinstance(exc, APIException | PawchaError | SuspiciousOperation | Http404):
            code = "bad-request"
        elif isinstance(exc, DatabaseError):
            logger.error("A token could not be checked: %s", exc)
            code = "internal-error"
        else:
            logger.exception("A token could not be checked")
            code = "internal-error"
        return Response({"success": False, "error-codes": [code]})
