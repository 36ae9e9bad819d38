"""Batches over HTTP: made with their words, and the run of their files as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api.auth import READS, DeskView
from challenges.api.transfers import caller
from challenges.api.views import ERROR
from challenges.exceptions import FileRefused, InvalidRequest
from challenges.flows import batches, runs, transfers
from challenges.models import Batch, Transfer
from challenges.models.photos import SHOWN, Rights

# Files that are announced by one call.
AT_ONCE: Final = 500


class BatchWords(serializers.Serializer[Any]):
    """What is said of a batch, and so of its photos."""

    name = serializers.CharField(max_length=200, help_text="By which people find it again.")
    rights = serializers.ChoiceField(
        [one.value for one in batches.RIGHTS],
        default=Rights.UNSTATED.value,
        help_text=(
            "cleared: the public may see the photos. trial: only on this machine, to try out. "
            "unstated: they stay out of the pool until somebody states the right."
        ),
    )
    rights_text = serializers.CharField(
        max_length=500, default="", allow_blank=True, help_text="Who gave the right, and how."
    )
    label = serializers.ChoiceField(  # type: ignore[assignment]
        [one.value for one in SHOWN],
        default="",
        allow_blank=True,
        help_text="What all of them show. Else folders called Cat and Dog say it, or people.",
    )
    shelter = serializers.CharField(max_length=120, default="", allow_blank=True)
    credit = serializers.CharField(max_length=200, default="", allow_blank=True)
    licence = serializers.CharField(max_length=100, default="", allow_blank=True)
    adoption_url = serializers.URLField(max_length=500, default="", allow_blank=True)
    trust_labels = serializers.BooleanField(
        default=False, help_text="Their labels need no second look. Only by who may label."
    )

    def validate_adoption_url(self, value: str) -> str:
        """Return the address. Only https is shown to visitors."""
        if value and not value.startswith("https://"):
            raise serializers.ValidationError("The adoption link has to begin with https://.")
        return value


class FileWords(serializers.Serializer[Any]):
    """A file that is about to be sent."""

    name = serializers.CharField(trim_whitespace=False, allow_blank=True)
    size = serializers.IntegerField(min_value=0, max_value=10**15, help_text="Bytes.")
    fingerprint = serializers.CharField(
        max_length=128, default="", allow_blank=True, help_text="By which it is known again."
    )


class FilesWords(serializers.Serializer[Any]):
    """Files that are about to be sent."""

    files = FileWords(many=True)


class FileReply(serializers.Serializer[Any]):
    """Where to go on with a file, or why it cannot be taken."""

    id = serializers.CharField(required=False)
    offset = serializers.IntegerField(required=False, help_text="Bytes that are safe already.")
    state = serializers.ChoiceField(Transfer.State.choices, required=False)
    refused = serializers.CharField(required=False)


RUN: Final = OpenApiExample(
    "A run",
    response_only=True,
    value={
        "id": 17,
        "name": "21 November 2026, jo",
        "rights": "cleared",
        "rights_text": "Taken by our volunteers",
        "label": "",
        "busy": True,
        "files": {
            "announced": 3, "receiving": 1, "arrived": 1, "done": 1, "refused": 0,
            "bytes": 9_400_000, "bytes_safe": 5_300_000,
        },
        "photos": {
            "found": 41, "waiting": 3, "stored": 36, "duplicates": 1, "rejected": 1,
            "left_out": 2, "twice": 0,
        },
        "standing": {
            "unlabelled": 6, "proposed": 4, "pooled": 26, "held": 0, "rejected": 0,
            "retired": 0, "probe": 0,
        },
        "transfers": [
            {"id": "6f…", "name": "Cats/minka.jpg", "size": 5_200_000, "offset": 4_194_304,
             "state": "receiving", "reason": "", "found": 0}
        ],
        "rejected": [
            {"name": "b.gif", "reason": "This file is a GIF: send a JPEG, PNG or WebP."}
        ],
        "left_out": [
            {"archive": "pets.zip", "what": "encrypted files", "number": 2,
             "said": "2 encrypted files", "advice": "Make the archive again without a password."}
        ],
        "duplicates": [
            {"name": "minka again.jpg", "photo": 311, "batch": "spring",
             "since": "2026-05-03T10:00:00Z", "newcomer": None}
        ],
        "alike": [],
    },
)  # fmt: skip
WORDS: Final = OpenApiExample(
    "Photos of a shelter",
    request_only=True,
    value={
        "name": "Shelter South, November",
        "rights": "cleared",
        "rights_text": "Taken by our volunteers, who agreed",
        "shelter": "Shelter South",
        "credit": "Jo Sommer",
        "licence": "CC BY 4.0",
    },
)


class RunRow(serializers.Serializer[Any]):
    """A batch in a list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    rights = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()
    stored = serializers.IntegerField(source="photos_stored", help_text="Its photos.")
    pooled = serializers.IntegerField(source="photos_pooled", help_text="Of them in the pool.")
    waiting = serializers.IntegerField(
        source="photos_waiting", help_text="Of them waiting for a label or a person."
    )


RUN_LIST: Final = inline_serializer(
    "RunList",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": RunRow(many=True),
    },
)


class RunPages(CursorPagination):
    """Newest first; `next` leads on."""

    ordering = "-pk"
    page_size = 100


RUNS: Final = OpenApiExample(
    "One's own runs",
    response_only=True,
    value={
        "next": None,
        "previous": None,
        "results": [
            {
                "id": 17,
                "name": "21 November 2026, jo",
                "rights": "cleared",
                "label": "",
                "created_at": "2026-11-21T10:00:00Z",
                "stored": 36,
                "pooled": 26,
                "waiting": 10,
            }
        ],
    },
)


class BatchesView(DeskView):
    """Make a batch, or list one's own."""

    may = batches.UPLOAD

    @extend_schema(
        operation_id="list_batches",
        summary="One's own batches, newest first",
        parameters=[OpenApiParameter("cursor", str, description="As `next` and `previous` say.")],
        responses={200: RUN_LIST, 403: ERROR},
        examples=[RUNS],
    )
    def get(self, request: Request) -> Response:
        """Return 100 of one's own batches and `next`, where the others are."""
        pages = RunPages()
        rows = pages.paginate_queryset(runs.own(caller(request)), request, view=self)
        return pages.get_paginated_response(RunRow(rows or [], many=True).data)

    @extend_schema(
        operation_id="make_batch",
        summary="Make a batch for photos",
        request=BatchWords,
        responses={201: dict, 400: ERROR, 403: ERROR},
        examples=[WORDS, RUN],
    )
    def post(self, request: Request) -> Response:
        """Make a batch and return its run. Then send files by tus, with its id as `batch`.

        Errors: invalid_request, with a sentence about what is missing.
        """
        words = BatchWords(data=request.data)
        words.is_valid(raise_exception=True)
        made = batches.make(caller(request), batches.Words(**words.validated_data))
        return Response(reply(made), status=201)


class BatchView(DeskView):
    """The run of a batch."""

    def permission(self, method: str) -> str:
        """Return the permission: who sees all batches needs none to upload."""
        sees_all = method in READS and self.request.user.has_perm(batches.SEE_ALL)
        return batches.SEE_ALL if sees_all else batches.UPLOAD

    @extend_schema(
        operation_id="look_at_batch",
        summary="What became of a batch",
        responses={200: dict, 403: ERROR, 404: ERROR},
        examples=[RUN],
    )
    def get(self, request: Request, batch_id: int) -> Response:
        """Return figures and lists: files arriving, photos stored, duplicates, rejected and why.

        Errors: unknown_batch.
        """
        return Response(reply(batches.find(batch_id, caller(request))))


class BatchFilesView(DeskView):
    """Announce files."""

    may = batches.UPLOAD
    statuses: ClassVar = {201: FileReply(many=True), 400: ERROR, 403: ERROR, 404: ERROR, 507: ERROR}

    @extend_schema(
        operation_id="announce_files",
        summary="Announce many files at once",
        request=FilesWords,
        responses=statuses,
        examples=[
            OpenApiExample(
                "Two files",
                request_only=True,
                value={
                    "files": [
                        {"name": "Cats/minka.jpg", "size": 5_200_000, "fingerprint": "a1"},
                        {"name": "notes.txt", "size": 812, "fingerprint": "b2"},
                    ]
                },
            ),
            OpenApiExample(
                "One to send, one refused",
                response_only=True,
                status_codes=["201"],
                value=[
                    {"id": "6f…", "offset": 0, "state": "receiving"},
                    {"refused": "“notes.txt” is no photo: send JPEG, PNG or WebP photos, …"},
                ],
            ),
        ],
    )
    def post(self, request: Request, batch_id: int) -> Response:
        """Return for each file where to go on with it (as tus: PATCH its id), or why not.

        One that was announced before, by its fingerprint, goes on at its offset.
        Errors: invalid_request, unknown_batch, no_room, file_refused.
        """
        person = caller(request)
        batch = batches.find_own(batch_id, person)
        said = FilesWords(data=request.data)
        said.is_valid(raise_exception=True)
        files = [transfers.Announced(**one) for one in said.validated_data["files"]]
        if len(files) > AT_ONCE:
            raise InvalidRequest(f"Announce {AT_ONCE} files at once at most.")
        made = transfers.announce(batch, person, files)
        return Response([_file(one) for one in made], status=201)


def reply(batch: Batch) -> dict[str, Any]:
    """Return the run of a batch as it is told in JSON."""
    run = runs.look(batch)
    words = ("name", "rights", "rights_text", "label", "shelter", "credit", "licence")
    return {
        "id": batch.pk,
        **{word: getattr(batch, word) for word in words},
        "adoption_url": batch.adoption_url,
        "busy": run.busy,
        "files": asdict(run.files),
        "photos": asdict(run.photos),
        "standing": asdict(run.standing),
        "transfers": [
            {field: getattr(row, field) for field in _SHOWN} | {"id": row.pk}
            for row in run.transfers
        ],
        "rejected": [{"name": name, "reason": reason} for name, reason in run.rejected],
        "left_out": [asdict(one) for one in run.left_out],
        "duplicates": [asdict(one) for one in run.twins],
        "alike": [asdict(one) for one in run.near],
    }


_SHOWN: Final = ("name", "size", "offset", "state", "reason", "found")


def _file(made: Transfer | FileRefused) -> dict[str, Any]:
    if isinstance(made, FileRefused):
        return {"refused": str(made)}
    return {"id": made.pk, "offset": made.offset, "state": made.state}
