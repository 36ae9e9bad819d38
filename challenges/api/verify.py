"""Siteverify, at three addresses in three dialects. It answers 200 with `success`, come what may.

Clients read anything else as an outage. Only who keeps trying secrets that nobody has gets 429.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, MethodNotAllowed, ParseError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from challenges import bodies
from challenges.api import serializers
from challenges.api.reading import ShallowJSONParser
from challenges.api.views import NoStoreView, address_of
from challenges.budgets import Address
from challenges.dialects import hcaptcha, recaptcha, turnstile
from challenges.dialects.speech import Dialect
from challenges.exceptions import AddressUnknown, PawchaError
from challenges.flows.siteverify import Claim, siteverify
from challenges.verdicts import Reason, Refused, Verdict

logger = logging.getLogger(__name__)

BODIES = dict.fromkeys(
    ("application/x-www-form-urlencoded", "multipart/form-data", "application/json"),
    serializers.SiteverifyRequest,
)


def read_claim(*sources: Any) -> Claim:
    """Return what was sent, each field from the first source that has it.

    A source that is no mapping and a value that is no text count as nothing; all else that a
    client sends (`remoteip`, `version`) is left alone.
    """
    maps = [source for source in sources if isinstance(source, Mapping)]

    def word(name: str) -> str:
        values = (source.get(name) for source in maps)
        return next((value.strip() for value in values if isinstance(value, str) and value), "")

    return Claim(
        secret=word("secret"),
        response=word("response"),
        sitekey=word("sitekey"),
        idempotency_key=word("idempotency_key"),
    )


def body_of(request: Request) -> Any:
    """Return the parsed body. Raises ParseError when it cannot be read, for whatever reason."""
    try:
        return request.data
    except (LookupError, ValueError, OSError) as error:  # An odd charset, a client that hung up.
        raise ParseError from error


def _address(request: Request) -> Address | None:
    try:
        return address_of(request)
    except AddressUnknown:
        return None


class SiteverifyView(NoStoreView):
    """Redeem a token, and answer in our own words, which are hCaptcha's."""

    parser_classes = [FormParser, MultiPartParser, ShallowJSONParser]
    dialect: ClassVar[Dialect] = hcaptcha

    @extend_schema(
        operation_id="siteverify",
        summary="Redeem a token, once",
        request=BODIES,
        responses={200: serializers.SiteverifyReply, 429: serializers.SiteverifyReply},
    )
    def post(self, request: Request) -> Response:
        """Tell the host's server whether its visitor solved a challenge.

        error-codes: missing-input-secret, invalid-input-secret, missing-input-response,
        invalid-input-response, expired-input-response, already-seen-response,
        sitekey-secret-mismatch, not-using-dummy-passcode (a test key with a real one),
        bad-request; expired-input-response with internal-error when Pawcha cannot know right now.
        """
        return self.verify(request, body_of(request))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse bodies that are too long, and files."""
        super().initial(request, *args, **kwargs)
        bodies.prepare(request._request)

    def verify(self, request: Request, *sources: Any) -> Response:
        """Redeem the token that the sources name."""
        return self.reply(siteverify(read_claim(*sources), _address(request)))

    def reply(self, verdict: Verdict) -> Response:
        """Return the verdict in this address's words."""
        response = Response(self.dialect.reply(verdict))
        if isinstance(verdict, Refused) and verdict.retry_after is not None:
            response.status_code = 429
            response["Retry-After"] = str(verdict.retry_after)
        return response

    def head(self, request: Request) -> Response:
        """Refuse: Django would let HEAD do what GET does, and use a token up unseen."""
        raise MethodNotAllowed("HEAD")

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Refuse: no page of a browser has a secret to send."""
        raise MethodNotAllowed("OPTIONS")

    def handle_exception(self, exc: Exception) -> Response:
        """Say in the reply what is wrong."""
        if isinstance(exc, APIException | PawchaError | SuspiciousOperation | Http404):
            return self.reply(Refused((Reason.UNREADABLE,)))
        if isinstance(exc, DatabaseError):
            logger.error("A token could not be checked: %s", exc)
        else:
            logger.exception("A token could not be checked")
        return self.reply(Refused((Reason.CANNOT_KNOW,)))


class RecaptchaView(SiteverifyView):
    """Redeem a token in reCAPTCHA's words. Its clients also use the address's query."""

    dialect: ClassVar[Dialect] = recaptcha

    @extend_schema(
        operation_id="siteverify_recaptcha",
        summary="Redeem a token, once, in reCAPTCHA's words",
        request=BODIES,
        responses={200: serializers.RecaptchaReply, 429: serializers.RecaptchaReply},
    )
    def post(self, request: Request) -> Response:
        """Do as /siteverify does. Fields may also come in the query.

        error-codes: missing-input-secret, invalid-input-secret, missing-input-response,
        invalid-input-response, timeout-or-duplicate, bad-request; timeout-or-duplicate with
        internal-error when Pawcha cannot know right now.
        """
        return self.verify(request, body_of(request), request.query_params)

    @extend_schema(
        operation_id="siteverify_recaptcha_get",
        summary="Redeem a token, once, as some of reCAPTCHA's clients do",
        parameters=[serializers.SiteverifyRequest],
        responses={200: serializers.RecaptchaReply, 429: serializers.RecaptchaReply},
    )
    def get(self, request: Request) -> Response:
        """Do as POST does. Pawcha logs no queries, but a proxy before it may: POST is better."""
        return self.verify(request, request.query_params)


class TurnstileView(SiteverifyView):
    """Redeem a token in Turnstile's words."""

    dialect: ClassVar[Dialect] = turnstile

    @extend_schema(
        operation_id="siteverify_turnstile",
        summary="Redeem a token, once, in Turnstile's words",
        request=BODIES,
        responses={200: serializers.TurnstileReply, 429: serializers.TurnstileReply},
    )
    def post(self, request: Request) -> Response:
        """Do as /siteverify does.

        error-codes: missing-input-secret, invalid-input-secret, missing-input-response,
        invalid-input-response, timeout-or-duplicate, bad-request, internal-error (worth another
        try).
        """
        return super().post(request)
