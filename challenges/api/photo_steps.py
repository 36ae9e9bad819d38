"""What a person does with a photo over HTTP: label it, retire it, restore it."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api import photo_shapes as shapes
from challenges.api.auth import DeskView
from challenges.api.photos import MISSING, find
from challenges.api.transfers import caller
from challenges.api.views import ERROR
from challenges.flows import review, speaking
from challenges.flows.deciding import Word
from challenges.models import Photo


def _changed(number: int, before: Photo, *, changed: bool | None = None) -> Response:
    after = find(number)
    differs = (before.status, before.label) != (after.status, after.label)
    reply = {"changed": differs if changed is None else changed, "photo": after}
    return Response(shapes.ChangeReply(reply).data)


CHANGED: Final = shapes.gives("It changed", {"changed": True, "photo": shapes.PHOTO})


class PhotoLabelView(DeskView):
    """What a photo shows."""

    may = "challenges.label_photo"

    @extend_schema(
        operation_id="label_photo",
        summary="Say what a photo shows",
        request=shapes.LabelRequest,
        responses={200: shapes.ChangeReply, 400: ERROR, 409: ERROR, **MISSING},
        examples=[shapes.takes("A cat", {"label": "cat"}), CHANGED],
    )
    def post(self, request: Request, number: int) -> Response:
        """Take this as your word: the photo is pooled, held without a stated right, or rejected.

        Where two people have to agree and you are no owner, it waits for another person's word.
        Errors: invalid_request, unknown_photo, photo_deleted, photo_taken, already_settled.
        """
        said = shapes.LabelRequest(data=request.data)
        said.is_valid(raise_exception=True)
        before, person = find(number), caller(request)
        speaking.say_of(number, person, Word(said.validated_data["label"]))
        return _changed(number, before)


class PhotoRetireView(DeskView):
    """Out of the pool."""

    may = "challenges.retire_photo"

    @extend_schema(
        operation_id="retire_photo",
        summary="Take a photo out of the pool",
        request=None,
        responses={200: shapes.ChangeReply, **MISSING},
        examples=[CHANGED],
    )
    def post(self, request: Request, number: int) -> Response:
        """Retire a pooled photo; it keeps its label. Errors: unknown_photo, photo_deleted."""
        before = find(number)
        return _changed(number, before, changed=bool(review.retire([number], caller(request))))


class PhotoRestoreView(DeskView):
    """Back into the pool."""

    may = "challenges.retire_photo"

    @extend_schema(
        operation_id="restore_photo",
        summary="Bring a retired or rejected photo back",
        request=None,
        responses={200: shapes.ChangeReply, **MISSING},
        examples=[CHANGED],
    )
    def post(self, request: Request, number: int) -> Response:
        """Pool a retired photo again; a rejected one waits for a label again.

        Errors: unknown_photo, photo_deleted.
        """
        before = find(number)
        return _changed(number, before, changed=bool(review.restore([number], caller(request))))
