"""Attacks go only to addresses that are named as the operator's own."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from classifier.doors.own import NotOurs, named
from classifier.doors.wire import TICKET, Unreachable, line

OURS = ["https://pawcha.example.org", "http://127.0.0.1:8000", "http://[::1]:8000"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("https://pawcha.example.org", 0),
        ("https://pawcha.example.org/", 0),
        ("https://PAWCHA.example.org:443", 0),
        ("http://127.0.0.1:8000", 1),
        ("http://[::1]:8000", 2),
    ],
)
def test_it_takes_what_is_named_however_it_is_written(asked: str, found: int) -> None:
    assert named(asked, OURS) == OURS[found]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "pawcha.example.org",
        "http://pawcha.example.org",
        "https://pawcha.example.org:8443",
        "https://www.pawcha.example.org",
        "https://pawcha.example.org.evil.example",
        "https://pawcha.example.org@evil.example",
        "https://someone:secret@pawcha.example.org",
        "https://evil.example\\@pawcha.example.org",
        "https://evil.example#@pawcha.example.org",
        "https://evil.example/?https://pawcha.example.org",
        "https://pawcha.example.org/there",
        "https://pawcha.example.org\n.evil.example",
        "https://pawchа.example.org",
        "http://127.0.0.1:8000,https://evil.example",
        "http://localhost:8000",
        "http://127.1:8000",
        "http://2130706433:8000",
        "ftp://127.0.0.1:8000",
        "file:///etc/passwd",
        "//127.0.0.1:8000",
        "http://127.0.0.1:99999",
    ],
)
def test_it_refuses_everything_else_and_says_where_it_may_go(asked: str) -> None:
    with pytest.raises(NotOurs, match=r"goes only to https://pawcha\.example\.org or http"):
        named(asked, OURS)


def test_where_nothing_is_named_nothing_is_attacked() -> None:
    with pytest.raises(NotOurs, match="PAWCHA_ATTACK_URLS names no address"):
        named("http://127.0.0.1:8000", [])


class Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on, and notes who came."""

    came: list[str] = []
    to = ""
    status = 302

    def do_GET(self) -> None:
        """Send the visitor on."""
        self.came.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", self.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve() -> tuple[HTTPServer, type[Elsewhere], str]:
    """Return a server that sends everybody on, and its address."""
    kind = type("Kind", (Elsewhere,), {"came": []})
    server = HTTPServer(("127.0.0.1", 0), kind)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server, kind, f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def two() -> Iterator[tuple[tuple[type[Elsewhere], str], tuple[type[Elsewhere], str]]]:
    """Return our server and a stranger's."""
    (ours, kind, here), (theirs, other, there) = serve(), serve()
    yield (kind, here), (other, there)
    for server in (ours, theirs):
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 399])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_follows_no_redirect_elsewhere(
    two: tuple[tuple[type[Elsewhere], str], tuple[type[Elsewhere], str]], status: int, method: str
) -> None:
    (kind, here), (other, there) = two
    kind.to, kind.status = f"{there}/api", status
    with line(here, lambda: "ticket") as wire, pytest.raises(NotOurs, match=f"on to {there}"):
        wire.send(method, "/api/v1/challenges")
    assert kind.came == ["/api/v1/challenges"]
    assert other.came == []


def test_it_follows_none_at_home_either(
    two: tuple[tuple[type[Elsewhere], str], tuple[type[Elsewhere], str]],
) -> None:
    (kind, here), _ = two
    kind.to = "/elsewhere"
    with line(here, lambda: "") as wire, pytest.raises(NotOurs, match="on to /elsewhere"):
        wire.send("GET", "/")
    assert kind.came == ["/"]


def test_it_asks_no_proxy_of_the_environment(
    two: tuple[tuple[type[Elsewhere], str], tuple[type[Elsewhere], str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (kind, here), (other, there) = two
    kind.status = 200
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, there)
    with line(here, lambda: "ticket") as wire:
        got = wire.send("GET", "/")
    assert got.status == 200
    assert got.seconds > 0
    assert kind.came == ["/"]
    assert other.came == []


def test_what_is_no_pawcha_is_said_to_be_none(
    two: tuple[tuple[type[Elsewhere], str], tuple[type[Elsewhere], str]],
) -> None:
    (kind, here), _ = two
    kind.status = 200
    with line(here, lambda: "") as wire, pytest.raises(Unreachable, match="speak Pawcha's API"):
        wire.send("GET", "/").said()


def test_the_ticket_has_a_header_of_its_own() -> None:
    assert TICKET == "X-Pawcha-Attack"
