"""The entry point of the web server.

Around Django is a layer that reads the Content-Type first. Django takes any codec of Python's for a
charset, also those that are none of text (hex, zlib, undefined), and breaks before any middleware.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "captcha_site.settings")

CHARSETS: Final = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1"})
# RFC 2046, section 5.1.1.
BOUNDARY: Final = re.compile(r"[A-Za-z0-9'()+_,./:=?-]{1,70}")


def readable(content_type: str) -> str:
    """Return a Content-Type without a charset that Pawcha does not speak; empty when it is none."""
    try:
        kind, said = parse_header_parameters(content_type)
    except (LookupError, ValueError):
        return ""
    if said.get("charset", "utf-8").lower() in CHARSETS:
        return content_type
    boundary = said.get("boundary", "")
    return f'{kind}; boundary="{boundary}"' if BOUNDARY.fullmatch(boundary) else kind


def reading_types(django: WSGIApplication) -> WSGIApplication:
    """Return the application with a Content-Type that it can read."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = readable(environ["CONTENT_TYPE"])
        return django(environ, start_response)

    return serve


application = reading_types(get_wsgi_application())
