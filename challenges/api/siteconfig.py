"""GET and POST /checksiteconfig, as hCaptcha's WordPress plugin 5.0.0 asks and reads it."""

from __future__ import annotations

import logging
from dataclasses import asdict

from django.core.exceptions import SuspiciousOperation
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api import serializers
from challenges.api.views import NoStoreView
from challenges.exceptions import InvalidRequest, PawchaError, Unavailable
from challenges.flows import siteconfig

logger = logging.getLogger(__name__)


class SiteConfigView(NoStoreView):
    """Say whether the widget would work. Always 200: the plugin reads `pass`, then `error`."""

    # Whatever the body is, and whatever it calls itself: all that counts is in the query.
    parser_classes = []

    @extend_schema(
        operation_id="checksiteconfig_get",
        summary="Would the widget work on this host?",
        parameters=[serializers.SiteConfigRequest],
        responses=serializers.SiteConfigReply,
    )
    def get(self, request: Request) -> Response:
        """Look at `sitekey` and `host`; all else that the plugin sends is ignored."""
        said = request.query_params
        found = siteconfig.check(said.get("sitekey", "").strip(), said.get("host", "").strip())
        return Response({"pass": True, "features": asdict(found)})

    @extend_schema(
        operation_id="checksiteconfig",
        summary="Would the widget work on this host?",
        parameters=[serializers.SiteConfigRequest],
        request=None,
        responses=serializers.SiteConfigReply,
    )
    def post(self, request: Request) -> Response:
        """Do as GET does: the plugin posts nothing, and says all in the query."""
        return self.get(request)

    def handle_exception(self, exc: Exception) -> Response:
        """Say what is wrong in one sentence, which the plugin shows to its user."""
        if isinstance(exc, PawchaError):
            known = exc
        elif isinstance(exc, APIException | SuspiciousOperation):
            known = InvalidRequest()
        else:
            logger.error("A site's set-up could not be checked: %s", type(exc).__name__)
            known = Unavailable()
        return Response({"pass": False, "error": str(known)})
