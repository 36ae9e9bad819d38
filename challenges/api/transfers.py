"""Resumable uploads over HTTP: the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Any client of tus works, with a token of this Pawcha. The bytes of a file go to its own address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final, cast

from django.contrib.auth.models import User
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from challenges.api.auth import DeskView
from challenges.api.views import ERROR
from challenges.exceptions import ChecksumWrong, FileRefused, InvalidRequest, PawchaError
from challenges.flows import batches, transfers
from challenges.models import Transfer

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,checksum"
BYTES: Final = "application/offset+octet-stream"
_SUMS: Final = MappingProxyType({"sha1": hashlib.sha1, "sha256": hashlib.sha256})


class WrongVersion(PawchaError):
    """The client speaks another version of tus."""

    code = "wrong_version"
    status = 412
    sentence = f"Send the header Tus-Resumable: {VERSION}."


class WrongType(PawchaError):
    """The body is not marked as bytes of a file."""

    code = "wrong_type"
    status = 415
    sentence = f"Send the bytes with Content-Type: {BYTES}."


class BytesParser(BaseParser):
    """Leaves the body alone: it is read in pieces."""

    media_type = BYTES

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> dict[str, Any]:
        """Return nothing."""
        return {}


def _such(name: str, value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value)


def _told(name: str, kind: type, status: int, value: Any, text: str) -> OpenApiParameter:
    """Return a header of the reply with this status."""
    examples = [_such("Such as", value)]
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=text, response=[status], examples=examples
    )


HEADERS: Final = [
    OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, default=VERSION)
]


class TusView(DeskView):
    """What all calls of tus have in common. Every call needs the right to upload."""

    may = batches.UPLOAD
    parser_classes = (BytesParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse other versions of the protocol."""
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Say the version on every reply, errors too."""
        response["Tus-Resumable"] = response["Tus-Version"] = VERSION
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Say what is spoken here."""
        headers = {
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(transfers.LARGEST),
            "Tus-Checksum-Algorithm": ",".join(_SUMS),
        }
        return Response(status=204, headers=headers)


class TransfersView(TusView):
    """Begin to send a file."""

    @extend_schema(
        operation_id="begin_transfer",
        summary="Begin to send a file (tus)",
        parameters=[
            *HEADERS,
            OpenApiParameter(
                "Upload-Length", int, OpenApiParameter.HEADER, required=True,
                description="The file's size in bytes.", examples=[_such("5.2 MB", 5_200_000)],
            ),
            OpenApiParameter(
                "Upload-Metadata", str, OpenApiParameter.HEADER, required=True,
                description=(
                    "Pairs of a key and a value in base64: `filename` (with the folders above it; "
                    "folders called Cat and Dog say what the photos show), `batch` (its id), and, "
                    "if the file should be known again in this batch, `fingerprint`."
                ),
                examples=[_such("Cats/minka.jpg", "filename Q2F0cy9taW5rYS5qcGc=,batch MTc=")],
            ),
            _told("Location", str, 201, "/api/v1/transfers/6f0c…", "Where the bytes go."),
            _told("Upload-Offset", int, 201, 0, "Bytes that are safe already."),
        ],
        request=None,
        responses={201: None, 400: ERROR, 403: ERROR, 404: ERROR, 412: ERROR, 422: ERROR},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Return where to send the bytes: Location, and Upload-Offset, from which byte on.

        Errors: invalid_request, unknown_batch, file_refused, no_room, wrong_version.
        """
        said = read_metadata(request.headers.get("Upload-Metadata", ""))
        batch_id = said.get("batch", "")
        if not (batch_id.isascii() and batch_id.isdigit() and len(batch_id) < 16):
            raise InvalidRequest("Name the batch in Upload-Metadata: batch, and its id in base64.")
        person = caller(request)
        batch = batches.find_own(int(batch_id), person)
        name = said.get("filename") or said.get("name", "")
        size = whole(request, "Upload-Length")
        file = transfers.Announced(name, size, said.get("fingerprint", ""))
        row = transfers.begin(batch, person, file)
        place = reverse("transfer", args=[row.pk])
        headers = {"Location": place, "Upload-Offset": str(row.offset)}
        return Response(status=201, headers=headers)


class TransferView(TusView):
    """Send a file's bytes, ask how far it is, or give it up."""

    @extend_schema(
        operation_id="look_at_transfer",
        summary="How much of a file has arrived (tus)",
        parameters=[
            *HEADERS,
            _told("Upload-Offset", int, 200, 4_194_304, "Bytes that are safe."),
            _told("Upload-Length", int, 200, 5_200_000, "Bytes of the whole file."),
        ],
        responses={200: None, 403: ERROR, 404: ERROR, 412: ERROR},
    )
    def head(self, request: Request, transfer_id: str) -> Response:
        """Return Upload-Offset and Upload-Length, in bytes. Errors: unknown_transfer."""
        return Response(headers=_standing(transfers.find(transfer_id, caller(request))))

    @extend_schema(
        operation_id="send_bytes",
        summary="Send bytes of a file (tus)",
        parameters=[
            *HEADERS,
            OpenApiParameter(
                "Upload-Offset", int, OpenApiParameter.HEADER, required=True,
                description="From which byte on these are.",
                examples=[_such("The second piece", 4_194_304)],
            ),
            OpenApiParameter(
                "Upload-Checksum", str, OpenApiParameter.HEADER,
                description="sha1 or sha256, a space, and the digest of these bytes in base64.",
                examples=[_such("A digest", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=")],
            ),
            _told("Upload-Offset", int, 204, 5_200_000, "Bytes that are safe now."),
        ],
        request={BYTES: OpenApiTypes.BINARY},
        responses={204: None, 400: ERROR, 403: ERROR, 404: ERROR, 409: ERROR, 415: ERROR,
                   422: ERROR, 460: ERROR, 507: ERROR},
    )  # fmt: skip
    def patch(self, request: Request, transfer_id: str) -> Response:
        """Keep these bytes: 64 KB at least, but for the end of the file. What Upload-Offset of the
        reply counts is safe, whatever happens.

        Errors: unknown_transfer, wrong_offset, transfer_over, file_refused (more bytes than were
        announced), checksum_mismatch, wrong_type, no_room.
        """
        if request.content_type != BYTES:
            raise WrongType
        row = transfers.find(transfer_id, caller(request))
        offset, length = whole(request, "Upload-Offset"), whole(request, "Content-Length")
        if length > row.size:
            # Not even a digest is taken of more than the file can have.
            raise FileRefused("These are more bytes than were announced: choose the file again.")
        # Django's own request: of that nobody has read the body.
        with checked(request._request, request.headers.get("Upload-Checksum", ""), length) as body:
            after = transfers.receive(row, offset, body, length)
        return Response(status=204, headers={"Upload-Offset": str(after)})

    @extend_schema(
        operation_id="give_up_transfer",
        summary="Give up a file that is not there yet (tus)",
        parameters=HEADERS,
        responses={204: None, 403: ERROR, 404: ERROR, 409: ERROR},
    )
    def delete(self, request: Request, transfer_id: str) -> Response:
        """Forget the file and its bytes. Errors: unknown_transfer, transfer_over."""
        transfers.give_up(transfers.find(transfer_id, caller(request)))
        return Response(status=204)


def caller(request: Request) -> User:
    """Return who calls. Nobody else gets past the permission."""
    return cast("User", request.user)


def whole(request: Request, header: str) -> int:
    """Return the number in this header. Raises InvalidRequest."""
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidRequest(f"Send the header {header}: a whole number of bytes.")
    return int(text)


def read_metadata(text: str) -> Mapping[str, str]:
    """Return the pairs of Upload-Metadata. Raises InvalidRequest."""
    said = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            said[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError) as error:
            raise InvalidRequest(
                f"Upload-Metadata cannot be read at {key[:40]!r}: send each value in base64."
            ) from error
    return said


@contextmanager
def checked(body: transfers.Body, checksum: str, length: int) -> Iterator[transfers.Body]:
    """Yield the body; where its sender says a digest, once it has that.

    Raises ChecksumWrong, or InvalidRequest when there is no such digest.
    """
    if not checksum:
        yield body
        return
    kind, _, said = checksum.partition(" ")
    if kind not in _SUMS:
        raise InvalidRequest(f"Upload-Checksum knows these: {', '.join(_SUMS)}.")
    digest = _SUMS[kind]()
    with tempfile.SpooledTemporaryFile(transfers.PIECE) as kept:
        while length > 0 and (part := body.read(min(length, 1 << 20))):
            digest.update(part)
            kept.write(part)
            length -= len(part)
        if base64.b64encode(digest.digest()).decode() != said.strip():
            raise ChecksumWrong
        kept.seek(0)
        yield kept


def _standing(row: Transfer) -> dict[str, str]:
    return {"Upload-Offset": str(row.offset), "Upload-Length": str(row.size)}
