"""The widget's outside world: a service that does as it is told, and a host page elsewhere.

The script, the frame with its headers, and the frame's modules are the real ones. The API's replies
and the pictures are canned, and their timing belongs to the test.
"""

from __future__ import annotations

import io
import json
import mimetypes
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.http import HttpResponse
from PIL import Image, ImageDraw

from challenges import selection, testkeys, widget_urls, widget_views, words
from challenges.models import Site

STATIC = Path(widget_views.__file__).parent / "static"
SITEKEY = "fake-sitekey"
TOKEN = "fake-token-" + "x" * 100
COUNT = 12
PADDED = 12_400


@dataclass
class Reply:
    """One canned reply of the API."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


def problem(status: int, code: str, message: str, retry_after: int | None = None) -> Reply:
    """Return an error as the API says it."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status, {"error": code, "message": message}, headers)


@dataclass
class FakeService:
    """What the service does next, and what it was asked."""

    origin: str = ""
    host_origin: str = ""
    hosts: list[str] = field(default_factory=lambda: ["127.0.0.1", "localhost"])
    contact: str = "help@shop.example.org"
    plain_page: bool = True
    challenge_lifetime: float = 120.0
    token_lifetime: float = 120.0
    # How wrong the server's clock is, as the visitor sees it.
    clock_error: timedelta = timedelta()
    challenges: list[Reply] = field(default_factory=list)
    answers: list[Reply] = field(default_factory=list)
    extensions: list[Reply] = field(default_factory=list)
    reports: list[Reply] = field(default_factory=list)
    # Pets with a link: they come with every token.
    adopt: list[dict[str, Any]] = field(default_factory=list)
    picture_pause: Callable[[int], float] = lambda _index: 0.0
    picture_limit: int = 60
    # Photos in each round, and how many rounds.
    per_round: int = COUNT
    rounds: int = 1
    # Of the site: its theme, and whether it is in test mode.
    theme: str = "auto"
    test_mode: bool = False
    # The visitor's handle, that comes with every challenge.
    session: str = "handle"
    # What stands at /fallback.
    plain: HttpResponse | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    answered: list[dict[str, Any]] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    reported: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    host_pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the server's idea of the time."""
        return datetime.now(UTC) + self.clock_error

    def challenge(self, lang: str = "en") -> dict[str, Any]:
        """Return a new challenge as the API says it."""
        number = len(self.requests)
        return {
            "id": f"challenge-{number}",
            "prompt": words.words(words.choose([lang]).tag)["prompt"],
            "columns": selection.columns(self.per_round),
            "count": self.per_round * self.rounds,
            "rounds": self.rounds,
            "per_round": self.per_round,
            "expires_at": (self.now() + timedelta(seconds=self.challenge_lifetime)).isoformat(),
            # An address of another name for the same service: only its path counts.
            "session": self.session,
            "pictures": f"http://pawcha.invalid/api/v1/challenges/challenge-{number}/pictures",
            "a_field_from_the_future": True,
        }

    def frame(self, sitekey: str, look: widget_views.Look, referer: str) -> HttpResponse:
        """Return the real frame, of the one site there is or of a test key."""
        if sitekey in testkeys.SITEKEYS:
            return widget_views.test_page(sitekey, look)
        if sitekey != SITEKEY:
            return widget_views.problem_page("unknown_sitekey", look, status=404)
        return widget_views.frame_page(
            Site(
                sitekey=sitekey,
                hosts=self.hosts,
                contact=self.contact,
                allows_fallback=self.plain_page,
                theme=self.theme,
                test_mode=self.test_mode,
            ),
            look,
            referer,
        )

    def token(self) -> dict[str, Any]:
        """Return a token as the API says it."""
        end = self.now() + timedelta(seconds=self.token_lifetime)
        return {"token": TOKEN, "expires_at": end.isoformat(), "adopt": self.adopt}

    def more_time(self) -> dict[str, Any]:
        """Return a challenge's new end as the API says it."""
        return {"expires_at": (self.now() + timedelta(seconds=150)).isoformat()}

    def page(self, body: str, *, path: str = "/", headers: dict[str, str] | None = None) -> str:
        """Put a page on the host site and return its address."""
        text = f"<!doctype html><html lang=en><meta charset=utf-8><title>Host</title><body>{body}"
        self.host_pages[path] = (text, headers or {})
        return self.host_origin + path


@cache
def pictures(seed: int = 0, count: int = COUNT) -> tuple[bytes, ...]:
    """Return canned WebP pictures, padded to one length like the real ones."""
    return tuple(_padded(_picture(seed * COUNT + index)) for index in range(count))


def _picture(number: int) -> Image.Image:
    rng = random.Random(number)
    colour = [rng.randrange(90, 230) for _ in range(3)]
    image = Image.new("RGB", (250, 250), tuple(colour))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y, r = rng.randrange(250), rng.randrange(250), rng.randrange(20, 80)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(rng.randrange(255) for _ in range(3)))
    return image


def _padded(image: Image.Image) -> bytes:
    for quality in (80, 60, 40, 20, 5):
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality)
        if buffer.tell() <= PADDED:
            return buffer.getvalue().ljust(PADDED, b"\0")
    raise ValueError("a canned picture is too large")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: FakeService

    def handle(self) -> None:
        # A visitor may leave in the middle of a reply.
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the test asks the service itself."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.service.now(), usegmt=True)

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Service(_Handler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.service.requests.append(f"GET {parts.path}")
        if parts.path.removeprefix("/") in widget_urls.SCRIPTS:
            self.django(widget_views.script_page())
        elif parts.path == "/pawcha/frame":
            said = dict(parse_qsl(parts.query))
            look = widget_views.read_look(said, self.headers.get("Accept-Language", ""))
            referer = self.headers.get("Referer", "")
            self.django(self.service.frame(said.get("sitekey", ""), look, referer))
        elif parts.path.startswith("/pawcha/files/"):
            version, _, name = parts.path.removeprefix("/pawcha/files/").partition("/")
            self.django(widget_views.part_page(version, name))
        elif parts.path.startswith("/static/"):
            self.static(STATIC / parts.path.removeprefix("/static/"))
        elif parts.path.endswith("/pictures"):
            self.stream()
        elif "/pictures/" in parts.path:
            picture = pictures(1)[int(parts.path.rpartition("/")[2])]
            self.reply(200, picture, {"Content-Type": "image/webp"})
        elif parts.path == "/fallback" and self.service.plain:
            self.django(self.service.plain)
        else:
            self.reply(404, b"", {})

    def do_POST(self) -> None:
        self.service.requests.append(f"POST {self.path}")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.planned(body)
        time.sleep(answer.delay)
        headers = {"Content-Type": "application/json", **answer.headers}
        self.reply(answer.status, json.dumps(answer.body).encode(), headers)

    def planned(self, body: dict[str, Any]) -> Reply:
        """Note what was asked, and return the next reply of the plan, or the usual one."""
        service = self.service
        match self.path.split("/")[4:]:
            case []:
                service.asked.append(body)
                plan, usual = (
                    service.challenges,
                    Reply(201, service.challenge(str(body.get("lang")))),
                )
            case [challenge, "extend"]:
                plan, usual = service.extensions, Reply(200, service.more_time())
                if challenge in service.extended:
                    usual = problem(409, "already_extended", "There was more time already.")
                service.extended.append(challenge)
            case [_, "report"]:
                service.reported.append(body)
                plan, usual = service.reports, Reply(202, {})
            case _:
                service.answered.append(body)
                plan, usual = service.answers, Reply(200, service.token())
        return plan.pop(0) if plan else usual

    def django(self, response: HttpResponse) -> None:
        self.reply(response.status_code, response.content, dict(response.headers))

    def static(self, place: Path) -> None:
        kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
        self.reply(200, place.read_bytes(), {"Content-Type": kind})

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.pawcha.pictures")
        count = self.service.per_round * self.service.rounds
        self.send_header("Content-Length", str(count * (PADDED + 4)))
        self.end_headers()
        for index, picture in enumerate(pictures(len(self.service.asked), count)):
            if index >= self.service.picture_limit:
                self.close_connection = True
                return
            time.sleep(self.service.picture_pause(index))
            frame = len(picture).to_bytes(4, "big") + picture
            # Cut in the middle of the length and of the picture: a reader must not mind.
            for piece in (frame[:2], frame[2:3000], frame[3000:]):
                self.wfile.write(piece)
                self.wfile.flush()


class _Host(_Handler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        text, headers = self.service.host_pages.get(path, ("", {}))
        body = text.replace("{origin}", self.service.origin).encode()
        self.reply(200 if text else 404, body, {"Content-Type": "text/html", **headers})


@contextmanager
def running() -> Iterator[FakeService]:
    """Run the service and the host site on two ports: two origins, as in real life."""
    service = FakeService()
    servers = []
    for handler in (_Service, _Host):
        bound = type(handler.__name__, (handler,), {"service": service})
        server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
    service.origin = f"http://127.0.0.1:{servers[0].server_port}"
    service.host_origin = f"http://127.0.0.1:{servers[1].server_port}"
    try:
        yield service
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
