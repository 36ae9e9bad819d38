"""Bodies of requests that anybody may send: small ones, without files. Pure but for the request."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from challenges.exceptions import TooLarge

# Far more than any form or JSON of ours takes, in bytes.
LONGEST: Final = 64 * 1024


class NoFiles(FileUploadHandler):
    """Passes over every file: Django would put it into memory, and large ones on the disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Refuse the file; the fields around it are read."""
        raise SkipFile


def prepare(request: HttpRequest, longest: int = LONGEST) -> None:
    """Have the body read without its files. Call it before anything reads the body.

    Raises TooLarge when the body says that it is longer than `longest` bytes.
    """
    request.upload_handlers = [NoFiles(request)]
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        # Django reads nothing then.
        return
    if length > longest:
        raise TooLarge
