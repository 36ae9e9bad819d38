"""A photo in a request: kept in memory, never on the disk, and never opened here."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from challenges.exceptions import InvalidRequest, LengthRequired
from challenges.imaging import LIMITS
from classifier.refusals import NoPhoto, TooLarge, WrongType

FIELD: Final = "photo"
FORM: Final = "multipart/form-data"
# What a form may add to the photo: its boundaries, and fields that nobody asked for. Bytes.
AROUND: Final = 64 * 1024


class InMemory(MemoryFileUploadHandler):
    """Keep every file in memory: Django would put large ones into a temporary file."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Take part, however large the request is: check_length has judged that."""
        self.activated = True


def check_length(request: HttpRequest) -> None:
    """Judge a request by its headers, before its body is read.

    Raises LengthRequired, TooLarge or WrongType.
    """
    if not request.META.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in request.META:
        raise LengthRequired
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    limit = LIMITS.weight + (AROUND if request.content_type == FORM else 0)
    if length > limit:
        # Rounded up: a file that is a little too large must not be said to have the limit's size.
        raise TooLarge(
            f"This request has {length / 1e6 + 0.05:.1f} MB: send one photo of "
            f"{LIMITS.weight / 1e6:.0f} MB at most."
        )
    kind = request.content_type or ""
    if length and kind not in {FORM, "application/octet-stream"} and not kind.startswith("image/"):
        raise WrongType


def read_photo(request: HttpRequest) -> bytes:
    """Return the photo of a request that check_length let pass.

    Raises NoPhoto or InvalidRequest.
    """
    try:
        return _from_form(request) if request.content_type == FORM else _whole_body(request)
    except UnreadablePostError as error:
        raise InvalidRequest("The photo did not arrive whole: send it again.") from error
    except RequestDataTooBig as error:
        raise TooLarge("The form holds more than a photo: send the photo alone.") from error
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise InvalidRequest("The form cannot be read: send the photo again.") from error


def _whole_body(request: HttpRequest) -> bytes:
    # Not request.body: that refuses what is larger than a form's fields may be.
    body: bytes = request.read()
    if not body:
        raise NoPhoto
    return body


def _from_form(request: HttpRequest) -> bytes:
    request.upload_handlers = [InMemory(request)]
    photo = request.FILES.get(FIELD)
    if photo is None:
        raise NoPhoto
    return bytes(photo.read())
