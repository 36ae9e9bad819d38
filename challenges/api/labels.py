"""The queue of photos that wait for a person: the next ones, decisions, and taking them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from django.contrib.auth.models import User
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api.auth import DeskView
from challenges.api.label_serializers import (
    EXAMPLE,
    DecisionReply,
    DecisionRequest,
    QueueReply,
    ReleaseReply,
    ReleaseRequest,
    UndoReply,
    UndoRequest,
)
from challenges.api.views import ERROR
from challenges.exceptions import InvalidRequest
from challenges.flows import claims, review
from challenges.flows.claims import LARGE, SMALL
from challenges.flows.deciding import agreement
from challenges.models import Photo

# Photos in one call.
MOST: Final = 50
# Near-duplicates that are shown with a photo.
ALIKE: Final = 4
SETTLED: Final = (
    Photo.Status.POOLED,
    Photo.Status.HELD,
    Photo.Status.REJECTED,
    Photo.Status.RETIRED,
)
MAY: Final = "challenges.label_photo"


class QueueView(DeskView):
    """The next photos."""

    may = MAY

    @extend_schema(
        operation_id="queue",
        summary="Get the next photos that wait for a person",
        tags=["labels"],
        parameters=[
            OpenApiParameter("number", int, description="How many photos, 0 to 50. Usually 8."),
            OpenApiParameter(
                "holding", str, description="Ids that you have and keep, with commas between."
            ),
        ],
        responses={200: QueueReply, 400: ERROR, 401: ERROR, 403: ERROR},
        examples=[OpenApiExample("The next photo", value=EXAMPLE, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        """Return the next photos: disputed ones first, then the least certain.

        They are kept for you for two minutes, and those that you name in `holding` again: no other
        reviewer gets them meanwhile. Asking for none renews these only.
        """
        number = _whole(request.query_params.get("number", "8"), MOST)
        holding = _ids(request.query_params.get("holding", ""))
        photos = claims.claim(_person(request), number, holding)
        told = {
            "photos": entries(photos),
            "left": claims.left(_person(request)),
            "agree": agreement(),
        }
        return Response(QueueReply(told).data)


class DecisionsView(DeskView):
    """Decide on a photo."""

    may = MAY

    @extend_schema(
        operation_id="decide",
        summary="Say what a photo of the queue shows",
        tags=["labels"],
        request=DecisionRequest,
        responses={201: DecisionReply, 400: ERROR, 403: ERROR, 404: ERROR, 409: ERROR},
        examples=[
            OpenApiExample("It is a cat", value={"photo": 812, "word": "cat"}, request_only=True),
            OpenApiExample(
                "Settled",
                value={
                    "id": 5120,
                    "photo": 812,
                    "word": "cat",
                    "came": "settled",
                    "status": "pooled",
                },
                response_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Write the word down; the photo is settled, or waits for another person.

        The same call again changes nothing. Errors: photo_gone, photo_taken, already_settled.
        """
        said = _read(DecisionRequest, request)
        word = review.Word(said["word"])
        done = review.decide(said["photo"], _person(request), word, waiting=True)
        return Response(DecisionReply(asdict(done)).data, status=201)


class UndoView(DeskView):
    """Take a decision back."""

    may = MAY

    @extend_schema(
        operation_id="undo",
        summary="Take a decision of yours back",
        tags=["labels"],
        request=UndoRequest,
        responses={200: UndoReply, 400: ERROR, 403: ERROR, 409: ERROR},
        examples=[OpenApiExample("The one named", value={"decision": 5120}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make the photo what it was before, and keep it for you for two minutes.

        The same call again changes nothing. Errors: not_undone.
        """
        said = _read(UndoRequest, request)
        undone = review.undo(_person(request), said.get("decision"))
        claims.hold(_person(request), undone.photo)
        return Response(UndoReply(asdict(undone)).data)


class ReleaseView(DeskView):
    """Give photos back."""

    may = MAY

    @extend_schema(
        operation_id="release",
        summary="Give photos of the queue back",
        tags=["labels"],
        request=ReleaseRequest,
        responses={200: ReleaseReply, 400: ERROR, 403: ERROR},
        examples=[OpenApiExample("Leaving", value={"photos": [812, 813]}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Let others have photos at once on which you do not decide."""
        said = _read(ReleaseRequest, request)
        return Response({"released": claims.release(_person(request), said["photos"])})


def entries(photos: Sequence[Photo]) -> list[dict[str, Any]]:
    """Return what a reviewer's page is told of these photos."""
    alike = _alike(photos)
    return [
        {
            "id": photo.pk,
            "picture": picture(photo.pk, LARGE),
            "width": photo.width,
            "height": photo.height,
            "label": photo.label,
            "p_cat": photo.p_cat,
            "certainty": photo.certainty,
            "network": photo.looked_by,
            "doubt": photo.doubt,
            "doubt_kind": photo.doubt_kind,
            "status": photo.status,
            "batch": photo.batch.name,
            "shelter": photo.shelter,
            "rights": photo.rights,
            "alike": [
                {
                    "id": one.pk,
                    "label": one.label,
                    "status": one.status,
                    "picture": picture(one.pk, SMALL),
                }
                for one in alike[photo.group]
                if one.pk != photo.pk
            ][:ALIKE],
        }
        for photo in photos
    ]


def picture(pk: int, side: int) -> str:
    """Return where staff find a picture of the photo, at most `side` pixels a side."""
    return reverse("admin:challenges_label_picture", args=[pk, side])


def _alike(photos: Iterable[Photo]) -> dict[int, list[Photo]]:
    groups = {photo.group for photo in photos}
    settled = Photo.objects.filter(group__in=groups, status__in=SETTLED).order_by("id")
    found: dict[int, list[Photo]] = defaultdict(list)
    for photo in settled.only("id", "group", "label", "status")[: 10 * MOST]:
        found[photo.group].append(photo)
    return found


def _person(request: Request) -> User:
    # The view's permission lets nobody else in.
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    asked = kind(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) > most:
        raise InvalidRequest(f"number is {text[:20]!r}: write a whole number from 0 to {most}.")
    return int(text)


def _ids(text: str) -> list[int]:
    words = [word for word in text.split(",") if word]
    short = all(word.isascii() and word.isdigit() and len(word) < 19 for word in words)
    if len(words) > claims.MOST or not short:
        raise InvalidRequest(
            f"holding is {text[:20]!r}: write at most {claims.MOST} ids with commas between."
        )
    return [int(word) for word in words]
