"""The native API: one photo in, cat, dog or neither out."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api.views import ERROR, NoStoreView, address_of
from classifier import uploads
from classifier.api import serializers
from classifier.flows import ask


class ClassifyView(NoStoreView):
    """Ask what a photo shows."""

    @extend_schema(
        operation_id="classify",
        summary="Is it a cat or a dog?",
        request={
            "multipart/form-data": serializers.ClassifyRequest,
            **dict.fromkeys(
                ["image/jpeg", "image/png", "image/webp", "application/octet-stream"],
                OpenApiTypes.BINARY,
            ),
        },
        responses={
            200: serializers.ClassifyReply,
            400: ERROR,
            411: ERROR,
            413: ERROR,
            415: ERROR,
            422: ERROR,
            429: ERROR,
            503: ERROR,
        },
    )
    def post(self, request: Request) -> Response:
        """Have the shipped network look at one photo, in memory; it is not stored.

        Errors: invalid_request, length_required, too_large, unsupported_media_type, bad_photo,
        too_many_requests, queue_full, timeout, no_network, unavailable.
        """
        plain = request._request  # DRF's parsers would put a large file on the disk.
        uploads.check_length(plain)
        ask.admit(address_of(request))
        return Response(ask.ask(uploads.read_photo(plain)).to_dict())
