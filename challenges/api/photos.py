"""Photos over HTTP: found, looked at, sent, labelled, retired, deleted."""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.formats import date_format
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from challenges import imaging
from challenges.api import photo_shapes as shapes
from challenges.api.auth import DeskView
from challenges.api.transfers import caller
from challenges.api.views import ERROR
from challenges.exceptions import PhotoForgotten, TooLarge, UnknownPhoto
from challenges.flows import finding, forgetting, looks, sending
from challenges.models import Forgotten, Photo

LOOK: Final = "challenges.view_photo"
UPLOAD: Final = "challenges.upload_batch"
# A file, and what stands around it in a form, in bytes.
LONGEST: Final = imaging.LIMITS.weight + 64 * 1024
# So many words and near-duplicates are told of a photo.
MOST: Final = 50
PICTURE_SIDE: Final = 1024
MISSING: Final = {403: ERROR, 404: ERROR, 410: ERROR}


def find(number: int) -> Photo:
    """Return the photo. Raises UnknownPhoto, or PhotoForgotten when it was deleted for good."""
    photo = Photo.objects.select_related("batch").filter(pk=number).first()
    if photo is not None:
        return photo
    gone = Forgotten.objects.filter(photo=number).first()
    if gone is not None:
        day = date_format(gone.deleted_at)
        raise PhotoForgotten(f"Photo {number} was deleted for good on {day}.")
    raise UnknownPhoto(f"There is no photo with the number {number}.")


class Pages(CursorPagination):
    """Newest first; `next` leads on, however many photos come in meanwhile."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


def found(said: dict[str, Any]) -> QuerySet[Photo]:
    """Return the photos that a query asks for."""
    photos = Photo.objects.select_related("batch")
    exact = {name: said[name] for name in ("status", "label", "rights", "batch") if name in said}
    photos = photos.filter(**exact)
    if "shelter" in said:
        photos = photos.filter(shelter__icontains=said["shelter"])
    if "link" in said:
        with_link = photos.exclude(adoption_url="")
        photos = with_link if said["link"] == "yes" else photos.filter(adoption_url="")
    return _by_use(_by_doubt(photos, said.get("doubt", "")), said)


def _by_doubt(photos: QuerySet[Photo], doubt: str) -> QuerySet[Photo]:
    if not doubt:
        return photos
    if doubt == "no":
        return photos.filter(doubt="")
    doubted = photos.exclude(doubt="")
    return doubted if doubt == "yes" else doubted.filter(doubt_kind=doubt)


def _by_use(photos: QuerySet[Photo], said: dict[str, Any]) -> QuerySet[Photo]:
    if "search" in said:
        photos = finding.search(photos, said["search"])
    if "source" in said:
        photos = finding.labelled_by(photos, said["source"])
    if "duplicates" in said:
        photos = finding.with_duplicates(photos, have=said["duplicates"] == "yes")
    if "shown_least" in said or "shown_most" in said:
        photos = finding.shown_times(photos, said.get("shown_least", 0), said.get("shown_most"))
    for name, share in (("missed", finding.missed_percent), ("solved", finding.solved_percent)):
        least, most = said.get(f"{name}_least"), said.get(f"{name}_most")
        if least is not None or most is not None:
            photos = share(photos, least, most)
    return photos


class PhotosView(DeskView):
    """All photos."""

    may = {"GET": LOOK, "POST": UPLOAD}
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="list_photos",
        summary="Find photos",
        parameters=[
            shapes.PhotoQuery,
            OpenApiParameter("cursor", str, description="As `next` and `previous` say."),
            OpenApiParameter("page_size", int, description="1 to 200, else 50."),
        ],
        responses={200: shapes.PhotoPage, 400: ERROR, 403: ERROR},
        examples=[
            shapes.gives("One photo", {"next": None, "previous": None, "results": [shapes.PHOTO]})
        ],
    )
    def get(self, request: Request) -> Response:
        """Return photos, newest first, a page at a time. Errors: invalid_request."""
        query = shapes.PhotoQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        pages = Pages()
        page = pages.paginate_queryset(found(query.validated_data), request, self)
        return pages.get_paginated_response(shapes.PhotoReply(page, many=True).data)

    @extend_schema(
        operation_id="send_photo",
        summary="Send one photo with its words",
        request={"multipart/form-data": shapes.UploadRequest},
        responses={202: shapes.UploadReply, 400: ERROR, 403: ERROR, 404: ERROR, 413: ERROR},
        examples=[
            shapes.gives(
                "It waits for a worker",
                {
                    "id": 1204,
                    "name": "minka.jpg",
                    "sha256": "9f86d081" * 8,
                    "state": "waiting",
                    "reason": "",
                    "photo": None,
                    "where": "/api/v1/uploads/1204",
                },
                "202",
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Take a photo in. It is decoded soon: ask `where` what came of it.

        For many or large files make a batch and send them by tus.
        Errors: invalid_request, unknown_batch, too_large.
        """
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
            raise TooLarge(f"Send one photo of {imaging.LIMITS.weight // 10**6} MB at most.")
        sent = shapes.UploadRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        upload = sending.send(
            caller(request),
            said["file"].read(),
            said["file"].name,
            batch=said.get("batch"),
            label=said["label"],
            words={**said, "adoption_url": said["adoption_link"]},
        )
        return Response(shapes.UploadReply(upload).data, status=202)


class PhotoView(DeskView):
    """One photo."""

    may = {"GET": LOOK, "DELETE": "challenges.forget_photo"}

    @extend_schema(
        operation_id="look_at_photo",
        summary="A photo, and what was said about it",
        responses={200: shapes.PhotoDetail, **MISSING},
        examples=[shapes.gives("A cat", {**shapes.PHOTO, "said": [shapes.WORD], "near": [312]})],
    )
    def get(self, request: Request, number: int) -> Response:
        """Return the photo. Errors: unknown_photo, photo_deleted."""
        photo: Any = find(number)
        photo.newest_words = photo.labels.select_related("person").order_by("-id")[:MOST]
        near = Photo.objects.filter(group=photo.group).exclude(pk=photo.pk).order_by("id")
        photo.near_numbers = list(near.values_list("pk", flat=True)[:MOST])
        return Response(shapes.PhotoDetail(photo).data)

    @extend_schema(
        operation_id="delete_photo",
        summary="Delete a photo for good",
        parameters=[OpenApiParameter("reason", str, description="Why: 200 characters at most.")],
        responses={200: shapes.ForgottenReply, **MISSING},
        examples=[
            shapes.gives(
                "What is left",
                {
                    "number": 311,
                    "sha256": "5e0f0b6d" * 8,
                    "files": ["9f86d081" * 8],
                    "deleted_at": "2026-11-21T18:00:00Z",
                    "reason": "The owner asked for it.",
                    "held_by": [
                        "Backups made between Nov. 3, 2026 and Nov. 21, 2026 may contain it."
                    ],
                },
            )
        ],
    )
    def delete(self, request: Request, number: int) -> Response:
        """Delete it from storage and from all challenges. This cannot be undone.

        Errors: unknown_photo. Once more does no harm: it says the same.
        """
        made = forgetting.forget([number], caller(request), request.query_params.get("reason", ""))
        if not made:
            find(number)
        return Response(shapes.ForgottenReply(made[0]).data)


class PhotoPictureView(DeskView):
    """A photo as a picture."""

    may = LOOK

    @extend_schema(
        operation_id="photo_picture",
        summary="The photo itself",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY, **MISSING},
    )
    def get(self, request: Request, number: int) -> HttpResponse:
        """Return a JPEG, its longest side 1,024 pixels at most. Errors: unknown_photo."""
        photo = find(number)
        try:
            data = looks.small(photo, PICTURE_SIDE)
        except OSError as error:
            raise UnknownPhoto(f"The file of photo {number} is gone.") from error
        return HttpResponse(data, content_type="image/jpeg")


class UploadView(DeskView):
    """What came of a file."""

    @extend_schema(
        operation_id="look_at_upload",
        summary="What came of a file that was sent",
        responses={200: shapes.UploadReply, 403: ERROR, 404: ERROR},
        examples=[
            shapes.gives(
                "It is stored",
                {
                    "id": 1204,
                    "name": "minka.jpg",
                    "sha256": "9f86d081" * 8,
                    "state": "stored",
                    "reason": "",
                    "photo": 311,
                    "where": "/api/v1/uploads/1204",
                },
            )
        ],
    )
    def get(self, request: Request, upload_id: int) -> Response:
        """Return its state: waiting, stored, duplicate or rejected (with a reason).

        Errors: unknown_upload.
        """
        return Response(shapes.UploadReply(sending.find(upload_id, caller(request))).data)

    def permission(self, method: str) -> str:
        """Return the permission: who sees all photos needs none to upload."""
        user = self.request.user
        return LOOK if isinstance(user, User) and user.has_perm(LOOK) else UPLOAD
