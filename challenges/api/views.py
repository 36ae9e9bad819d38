"""The native API: translate a request into a flow, and what comes back into a reply."""

from __future__ import annotations

import struct
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from challenges import signing, words
from challenges.api import serializers
from challenges.api.reading import AnyAccept
from challenges.budgets import Address, client_address
from challenges.drafts import OpenChallenge
from challenges.exceptions import LengthRequired
from challenges.flows import answer, issue, refusals, reports, showing
from challenges.selection import columns
from challenges.words import Language

STREAM_TYPE = "application/vnd.pawcha.pictures"
# What an attack of the operator's own says of itself: a ticket of manage.py attack.
ATTACK_HEADER = "X-Pawcha-Attack"

ERROR = OpenApiResponse(serializers.ErrorReply, description="A stable code and one sentence.")


def address_of(request: Request) -> Address:
    """Return the visitor's address; forwarded ones are believed from listed proxies only."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


def reply(challenge: OpenChallenge, language: Language) -> dict[str, Any]:
    """Return what a client is told of a challenge: nothing that depends on the pictures."""
    return {
        "id": challenge.id,
        "prompt": words.words(language.tag)["prompt"],
        "columns": columns(challenge.draft.per_round),
        "count": challenge.draft.count,
        "rounds": challenge.draft.rounds,
        "per_round": challenge.draft.per_round,
        "expires_at": datetime.fromtimestamp(challenge.expires_at, UTC),
        "pictures": settings.PUBLIC_URL + reverse("pictures", args=[challenge.id]),
        "session": signing.session_handle(challenge.session, settings.SECRET_KEY),
        **({"test": True} if challenge.is_test else {}),
    }


class NoStoreView(APIView):
    """A view whose replies nobody keeps."""

    content_negotiation_class = AnyAccept

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a body of unknown length, which WSGI servers do not hand on."""
        super().initial(request, *args, **kwargs)
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Mark every reply, errors too."""
        response["Cache-Control"] = "no-store"
        return super().finalize_response(request, response, *args, **kwargs)


class ChallengesView(NoStoreView):
    """Ask for a challenge."""

    @extend_schema(
        operation_id="issue",
        summary="Get a challenge",
        request=serializers.ChallengeRequest,
        responses={
            201: serializers.ChallengeReply,
            400: ERROR,
            403: ERROR,
            404: ERROR,
            429: ERROR,
            503: ERROR,
        },
    )
    def post(self, request: Request) -> Response:
        """Hand out a ready challenge of the site.

        Errors: invalid_request, unknown_sitekey, host_not_allowed, host_required,
        unknown_ticket, too_many_requests, all_pictures_seen, no_challenge_ready, unavailable.
        """
        asked = serializers.ChallengeRequest(data=request.data)
        if not asked.is_valid():
            refusals.misread(request.data)
            asked.is_valid(raise_exception=True)
        said = asked.validated_data
        challenge = issue.issue(
            said["sitekey"],
            address_of(request),
            issue.Asked(
                host=said["host"],
                language=said["lang"],
                dialect=said["dialect"],
                action=said["action"],
                cdata=said["cdata"],
                session=said["session"],
                ticket=request.headers.get(ATTACK_HEADER, ""),
            ),
        )
        language = words.choose([said["lang"]], request.headers.get("Accept-Language", ""))
        return Response(serializers.ChallengeReply(reply(challenge, language)).data, status=201)


class PicturesView(NoStoreView):
    """All pictures of a challenge."""

    @extend_schema(
        operation_id="pictures",
        summary="All pictures in one stream",
        responses={
            (200, STREAM_TYPE): OpenApiTypes.BINARY,
            404: ERROR,
            409: ERROR,
            410: ERROR,
            503: ERROR,
        },
    )
    def get(self, request: Request, challenge_id: str) -> HttpResponse:
        """Send each picture as four bytes of length (big-endian), then that many bytes of WebP.

        All pictures have one length, 12,400 bytes at most, and can be shown as they arrive.
        Errors: unknown_challenge, already_answered, challenge_expired, unavailable.
        """
        draft = showing.fetch_pictures(challenge_id).draft
        pictures = [showing.picture(draft, index) for index in range(draft.count)]
        stream = b"".join(struct.pack(">I", len(picture)) + picture for picture in pictures)
        return HttpResponse(stream, content_type=STREAM_TYPE)


class PictureView(NoStoreView):
    """One picture of a challenge, for plain clients."""

    @extend_schema(
        operation_id="picture",
        summary="One picture",
        responses={
            (200, "image/webp"): OpenApiTypes.BINARY,
            404: ERROR,
            409: ERROR,
            410: ERROR,
            503: ERROR,
        },
    )
    def get(self, request: Request, challenge_id: str, index: int) -> HttpResponse:
        """Send one picture, 250 x 250 pixels, by its number from 0.

        Errors: unknown_challenge, already_answered, challenge_expired, unavailable.
        """
        return HttpResponse(showing.fetch_picture(challenge_id, index), content_type="image/webp")


class ExtendView(NoStoreView):
    """More time for a challenge."""

    @extend_schema(
        operation_id="extend",
        summary="Get as much time again, once",
        request=None,
        responses={
            200: serializers.ExtendReply,
            404: ERROR,
            409: ERROR,
            410: ERROR,
            503: ERROR,
        },
    )
    def post(self, request: Request, challenge_id: str) -> Response:
        """Give an open challenge as much time again as it had.

        Errors: unknown_challenge (also before the pictures were fetched), already_answered,
        challenge_expired, already_extended, unavailable.
        """
        ends = datetime.fromtimestamp(showing.extend(challenge_id).expires_at, UTC)
        return Response(serializers.ExtendReply({"expires_at": ends}).data)


class AnswerView(NoStoreView):
    """Answer a challenge."""

    @extend_schema(
        operation_id="answer",
        summary="Answer a challenge, once",
        request=serializers.AnswerRequest,
        responses={
            200: serializers.AnswerReply,
            400: ERROR,
            404: ERROR,
            409: ERROR,
            410: ERROR,
            422: ERROR,
            429: ERROR,
            503: ERROR,
        },
    )
    def post(self, request: Request, challenge_id: str) -> Response:
        """Close the challenge and grade the picks.

        Right picks give a token. Where a network, and the visitor's own session, have used up their
        tries, they give one more challenge instead, in `next`; answer that one rightly, too.

        Errors: invalid_picks (the challenge stays open), wrong_answer, unknown_challenge,
        already_answered, challenge_expired, too_many_requests, unavailable. When one more challenge
        is asked for and none can be handed out: all_pictures_seen, no_challenge_ready. What was
        solved then counts for the session; ask again with it.
        """
        picks = request.data.get("picks") if isinstance(request.data, dict) else None
        right = answer.answer(challenge_id, picks, address_of(request))
        if isinstance(right, answer.More):
            accepted = request.headers.get("Accept-Language", "")
            language = words.choose([right.language], accepted)
            following = {"next": reply(right.challenge, language)}
            return Response(serializers.AnswerReply(following).data)
        ends = timezone.now() + timedelta(seconds=right.seconds)
        adopt = [asdict(pet) for pet in right.adopt]
        told = {"token": right.token, "expires_at": ends, "adopt": adopt}
        return Response(serializers.AnswerReply(told).data)


class ReportView(NoStoreView):
    """Report a picture."""

    @extend_schema(
        operation_id="report",
        summary="Report a picture that should not be shown",
        request=serializers.ReportRequest,
        responses={
            202: OpenApiTypes.OBJECT,
            400: ERROR,
            404: ERROR,
            409: ERROR,
            429: ERROR,
            503: ERROR,
        },
    )
    def post(self, request: Request, challenge_id: str) -> Response:
        """Take the report in: a person will look. One picture of a challenge can be reported.

        Errors: invalid_request, unknown_challenge (also before the pictures were fetched),
        already_reported (another picture of it), too_many_requests, unavailable.
        """
        picture = request.data.get("picture") if isinstance(request.data, dict) else None
        reports.report(challenge_id, picture, address_of(request))
        return Response({}, status=202)
