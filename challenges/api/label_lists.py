"""Lists of labels over HTTP: exported, looked at, taken in."""

from __future__ import annotations

from typing import Any, Final

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from challenges import tables
from challenges.api import photo_shapes as shapes
from challenges.api.auth import DeskView
from challenges.api.photos import found
from challenges.api.transfers import caller
from challenges.api.views import ERROR
from challenges.exceptions import InvalidRequest, TooLarge
from challenges.flows import label_lists
from challenges.flows.deciding import refuse_many

FORMATS: Final = ("json", "csv")
CSV: Final = "text/csv"
JSON: Final = "application/json"
# Photos that are read from the database at once.
PORTION: Final = 1000


class ListRow(serializers.Serializer[Any]):
    """A row of a list of labels. Other columns are not read."""

    number = serializers.CharField(required=False, allow_blank=True)
    sha256 = serializers.CharField(required=False, allow_blank=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class RowReply(serializers.Serializer[Any]):
    """What a row does, or would do."""

    row = serializers.IntegerField(
        help_text="From 1; the headings of a CSV are line 1, as a spreadsheet counts."
    )
    kind = serializers.ChoiceField(["change", "same", "wrong"])
    sentence = serializers.CharField()
    photo = serializers.IntegerField(allow_null=True)


class ListReply(serializers.Serializer[Any]):
    """What became of a list of labels. With one wrong row nothing has changed."""

    applied = serializers.BooleanField(help_text="Whether it counts now.")
    changed = serializers.IntegerField()
    same = serializers.IntegerField()
    wrong = serializers.IntegerField()
    rows = RowReply(many=True)


def list_reply(judged: list[label_lists.Judged], *, dry_run: bool) -> dict[str, Any]:
    """Return what a client is told of a list of labels."""
    kinds = [one.kind for one in judged]
    return {
        "applied": not dry_run and "wrong" not in kinds,
        "changed": kinds.count("change"),
        "same": kinds.count("same"),
        "wrong": kinds.count("wrong"),
        "rows": judged,
    }


class Table(BaseParser):
    """The body as it is: the table's own reader reads it."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the bytes of the body. Raises TooLarge."""
        data = bytes(stream.read(tables.MOST_BYTES + 1))
        if len(data) > tables.MOST_BYTES:
            raise TooLarge(f"Send {tables.MOST_BYTES // 10**6} MB at most at once.")
        return data


class CsvTable(Table):
    """A CSV."""

    media_type = CSV


class JsonTable(Table):
    """A JSON list of rows."""

    media_type = JSON


def _row(row: int, kind: str, sentence: str, photo: int) -> dict[str, Any]:
    return {"row": row, "kind": kind, "sentence": sentence, "photo": photo}


def _format(request: Request) -> str:
    """Return as what labels are wanted. Raises InvalidRequest."""
    for name in ("format", "as"):
        kind = request.query_params.get(name, "").lower()
        if kind and kind not in FORMATS:
            raise InvalidRequest(f"{name} is {kind[:20]!r}: write json or csv.")
        if kind:
            return kind
    return FORMATS[0]


class LabelsView(DeskView):
    """All labels."""

    may = {"GET": "challenges.export_labels", "POST": "challenges.label_photo"}
    parser_classes = (JsonTable, CsvTable)

    @extend_schema(
        operation_id="export_labels",
        summary="Export labels",
        parameters=[
            shapes.PhotoQuery,
            OpenApiParameter("format", str, enum=[*FORMATS], description="Else json."),
            OpenApiParameter("as", str, enum=[*FORMATS], description="The same as `format`."),
        ],
        responses={
            (200, JSON): ListRow(many=True),
            (200, CSV): OpenApiTypes.STR,
            400: ERROR,
            403: ERROR,
        },
        examples=[
            shapes.gives(
                "One photo",
                {
                    "number": "311",
                    "sha256": "5e0f0b6d" * 8,
                    "label": "cat",
                    "status": "pooled",
                    "rights": "cleared",
                    "shelter": "Shelter South",
                    "credit": "Jo Sommer",
                    "licence": "CC BY 4.0",
                    "pet_name": "Minka",
                    "adoption_link": "https://shelter.example/minka",
                    "batch": "Shelter South, November",
                    "said_by": "jo",
                    "said_at": "2026-11-03T09:20:00+00:00",
                },
            )
        ],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Return a row for each photo found, oldest first. All cells are text.

        In a CSV, cells that a spreadsheet would take for a formula begin with an apostrophe.
        Errors: invalid_request.
        """
        query = shapes.PhotoQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        kind = _format(request)
        photos = label_lists.exported(found(query.validated_data).order_by("pk"))
        rows = map(label_lists.cells, photos.iterator(chunk_size=PORTION))
        if kind == "json":
            return StreamingHttpResponse(tables.write_json(rows), content_type=JSON)
        lines = tables.write_csv(label_lists.COLUMNS, rows)
        named = {"Content-Disposition": 'attachment; filename="labels.csv"'}
        return StreamingHttpResponse(lines, content_type=f"{CSV}; charset=utf-8", headers=named)

    @extend_schema(
        operation_id="import_labels",
        summary="Take in a list of labels",
        parameters=[
            OpenApiParameter("dry_run", bool, description="1: only say what would change.")
        ],
        request={JSON: ListRow(many=True), CSV: OpenApiTypes.STR},
        responses={200: ListReply, 400: ERROR, 403: ERROR, 413: ERROR},
        examples=[
            shapes.takes(
                # The page of the schema makes it a list.
                "One photo",
                {"number": "311", "label": "cat"},
            ),
            shapes.gives(
                "One changes",
                {
                    "applied": True,
                    "changed": 1,
                    "same": 1,
                    "wrong": 0,
                    "rows": [
                        _row(1, "change", "Photo 311 is a cat: it is in the pool.", 311),
                        _row(2, "same", "Photo 312 is a dog already.", 312),
                    ],
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Take the labels as your word, all of them or, with one wrong row, none.

        Where two people have to agree, only owners may. Errors: invalid_list, too_large,
        only_owner.
        """
        refuse_many(caller(request))
        csv = (request.content_type or "").startswith(CSV)
        read = tables.read_csv if csv else tables.read_json
        sent: Any = request.data
        data = sent if isinstance(sent, bytes) else b""
        rows = read(data, label_lists.NEEDED)
        dry_run = request.query_params.get("dry_run", "") in ("1", "true", "yes")
        judged = (
            label_lists.judge(rows, headings=csv)
            if dry_run
            else label_lists.apply(rows, caller(request), headings=csv)
        )
        return Response(ListReply(list_reply(judged, dry_run=dry_run)).data)
