"""Every error of the API: `{"error": "stable_code", "message": "one plain sentence"}`."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response

from challenges.exceptions import InvalidRequest, PawchaError, TooLarge, Unavailable
from challenges.state import Unreachable

logger = logging.getLogger(__name__)


def body(error: PawchaError) -> dict[str, str]:
    """Return what the client is told."""
    return {"error": error.code, "message": str(error)}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a response; None leaves it to Django."""
    known = _known(error)
    if known is None:
        return None
    response = Response(body(known), status=known.status)
    if known.retry_after is not None:
        response["Retry-After"] = str(known.retry_after)
    response["Cache-Control"] = "no-store"
    return response


def _known(error: Exception) -> PawchaError | None:
    if isinstance(error, PawchaError):
        return error
    if isinstance(error, Unreachable | DatabaseError):
        logger.error("The service refuses: %s: %s", type(error).__name__, error)
        return Unavailable(retry_after=5)
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, drf.ValidationError):
        return InvalidRequest(_sentence(error.detail))
    if isinstance(error, drf.APIException):
        known = PawchaError(str(error.detail))
        known.code, known.status = str(error.default_code), error.status_code
        return known
    if isinstance(error, Http404):
        known = PawchaError("There is nothing at this address.")
        known.code, known.status = "not_found", 404
        return known
    return None


def _sentence(detail: Any) -> str:
    """Return the first problem of a serializer as a sentence that names its field."""
    if isinstance(detail, dict):
        field, problem = next(iter(detail.items()))
        where = "" if field == "non_field_errors" else f"{field}: "
        return f"{where}{_sentence(problem)}"
    if isinstance(detail, list):
        return _sentence(detail[0])
    return str(detail)
