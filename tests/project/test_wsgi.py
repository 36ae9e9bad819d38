"""The application as the web server calls it: no Content-Type breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from wsgiref.types import WSGIEnvironment

import pytest
from django.core.signals import request_started
from django.db import close_old_connections

from captcha_site.wsgi import application, readable

UTF_8 = "application/x-www-form-urlencoded; charset=UTF-8"
# Codecs of Python's that are no charsets, charsets that can say what UTF-8 cannot, and worse.
CHARSETS = (
    "utf-7", "hex", "zlib", "base64", "rot13", "undefined", "unicode_escape", "idna", "utf-16",
    "no-such", '"; x="', "x; charset=hex",
)  # fmt: skip
KINDS = (
    *(f"application/x-www-form-urlencoded; charset={charset}" for charset in CHARSETS),
    "text/plain; a*=no-such''x",
    "text/plain; a*=undefined''x",
    "text/plain; charset*=utf-8''hex",
)


@pytest.fixture
def _one_connection(db: None) -> Iterator[None]:
    """Leave the test's database connection open, as Django's own test client does."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def call(method: str, path: str, kind: str, query: str = "", body: bytes = b"") -> tuple[int, str]:
    """Call the application as a web server does; return the status and the body."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.7", "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body), "wsgi.url_scheme": "http",
    }  # fmt: skip
    told: list[str] = []

    def start(status: str, *_: object) -> None:
        told.append(status)

    text = b"".join(application(environ, start)).decode()  # type: ignore[arg-type]
    return int(told[0][:3]), text


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("kind", KINDS)
def test_nobody_breaks_it_with_a_content_type(kind: str) -> None:
    strange = "k=%2B2AA-%C3%00&sitekey=%2B2AA-%C3%00&secret=%2B2AA-&host=a"
    assert call("GET", "/fallback", kind, strange)[0] == 404
    assert call("POST", "/fallback", kind, strange, b"id=%2B2AA-&host=%C3")[0] == 404
    for path in ("/siteverify", "/recaptcha/api/siteverify", "/checksiteconfig"):
        status, text = call("POST", path, kind, strange, b"secret=%2B2AA-&response=%C3")
        assert (status, "internal" in text) == (200, False)
    assert call("GET", "/privacy/", kind)[0] == 200


@pytest.mark.parametrize("kind", [UTF_8, "image/webp", 'a/b; charset="us-ascii"', "", "nonsense"])
def test_what_can_be_read_is_left_alone(kind: str) -> None:
    assert readable(kind) == kind


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("multipart/form-data; boundary=x-1; charset=utf-7", 'multipart/form-data; boundary="x-1"'),
        ('multipart/form-data; charset=hex; boundary="a\\"; charset=hex; b=\\""',
         "multipart/form-data"),
        ("application/json; charset=utf-16", "application/json"),
        ("text/plain; a*=no-such''x", ""),
    ],
)  # fmt: skip
def test_of_the_rest_the_type_and_the_boundary_stay(kind: str, left: str) -> None:
    assert readable(kind) == left
