"""What the page about privacy says is so: no cookie, no storage, no third party, no fingerprint."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Frame, Page, Response, expect

from challenges.flows import sweep
from challenges.flows.sites import NewSite
from challenges.models import Outcome
from tests.browser import DESKTOP, OpenPage
from tests.challenges.conftest import Live
from tests.conftest import Visitor, cats_of

# By what scripts tell browsers apart. Whoever asks is written down.
WATCH = """
window.asked = [];
const watch = (owner, name) => {
  const is = Object.getOwnPropertyDescriptor(owner, name);
  if (!is) return;
  const note = function (...words) {
    window.asked.push(name);
    return (is.get || is.value).apply(this, words);
  };
  Object.defineProperty(owner, name, is.get ? { ...is, get: note } : { ...is, value: note });
};
for (const name of ["toDataURL", "toBlob", "getContext"]) watch(HTMLCanvasElement.prototype, name);
watch(OffscreenCanvas.prototype, "getContext");
for (const name of ["plugins", "mimeTypes", "hardwareConcurrency", "deviceMemory", "userAgentData",
  "platform", "getBattery", "connection"]) watch(Navigator.prototype, name);
for (const name of Object.keys(Object.getOwnPropertyDescriptors(Screen.prototype)))
  if (name !== "constructor") watch(Screen.prototype, name);
for (const name of ["AudioContext", "OfflineAudioContext", "RTCPeerConnection"]) {
  const is = window[name];
  window[name] = class extends is {
    constructor(...words) { window.asked.push(name); super(...words); }
  };
}
"""
STORED = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length,
  (await navigator.serviceWorker.getRegistrations()).length,
]"""


@dataclass
class Watched:
    """A page of which every request and reply is kept."""

    page: Page
    asked: list[str] = field(default_factory=list)
    replies: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("response", lambda reply: self.replies.append(reply))

    def origins(self) -> set[str]:
        """Return whom the page asked."""
        parts = [urlsplit(url) for url in self.asked if not url.startswith(("blob:", "data:"))]
        return {f"{one.scheme}://{one.netloc}" for one in parts}

    def assert_left_nothing(self, frame: Frame) -> None:
        """See that no cookie and no storage is left, and that nobody took a fingerprint."""
        assert frame.evaluate(STORED) == ["", 0, 0, 0, 0, 0]
        assert self.page.context.cookies() == []
        assert [one.url for one in self.replies if "set-cookie" in one.all_headers()] == []
        assert [each.evaluate("window.asked") for each in self.page.frames] == [
            [] for _ in self.page.frames
        ]


@pytest.fixture
def watched(open_page: OpenPage) -> Watched:
    """Return a page under watch."""
    return Watched(open_page(**DESKTOP))


@pytest.fixture
def host(live: Live) -> Iterator[str]:
    """Return the origin of a site that embeds the widget."""
    text = f"""<!doctype html><html lang=en><title>Shop</title><link rel=icon href=data:,>
        <form><div class=pawcha data-sitekey={live.sitekey} data-mode=inline></div></form>
        <script src={live.url}/pawcha/api.js async></script>"""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.mark.browser
def test_the_watch_sees_who_takes_a_fingerprint(watched: Watched, live: Live) -> None:
    watched.page.goto(f"{live.url}/privacy/")
    watched.page.evaluate(
        "document.createElement('canvas').getContext('2d'); screen.width; navigator.plugins;"
        "new OfflineAudioContext(1, 1, 44100); navigator.hardwareConcurrency"
    )
    assert watched.page.evaluate("window.asked") == [
        "getContext", "width", "plugins", "OfflineAudioContext", "hardwareConcurrency",
    ]  # fmt: skip


@pytest.mark.browser
def test_the_widget_leaves_nothing_behind(watched: Watched, live: Live, host: str) -> None:
    page = watched.page
    page.goto(host)
    frame = page.frame_locator("iframe")
    expect(frame.locator("button[aria-pressed] img[src^=blob]")).to_have_count(12)
    [stream] = [url for url in watched.asked if url.endswith("/pictures")]
    for place in cats_of(stream.split("/")[-2]):
        frame.get_by_role("button", name=f"Photo {place + 1} of 12").first.click()
    frame.get_by_role("button", name="Done").click()
    expect(frame.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert watched.origins() == {host, live.url}
    [inner] = [one for one in page.frames if one.url.startswith(live.url)]
    watched.assert_left_nothing(inner)


@pytest.mark.browser
def test_the_plain_page_leaves_nothing_behind(watched: Watched, live: Live) -> None:
    page = watched.page
    page.goto(f"{live.url}/fallback?k={live.sitekey}")
    for place in cats_of(page.locator("[name=id]").input_value()):
        page.locator("input[type=checkbox]").nth(place).check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Copy this code")).to_be_visible()
    page.goto(f"{live.url}/privacy/")
    assert watched.origins() == {live.url}
    watched.assert_left_nothing(page.main_frame)


def test_no_public_reply_sets_a_cookie(stocked: NewSite, visitor: Visitor) -> None:
    key = stocked.site.sitekey
    told = visitor.ask(key)
    path = f"/api/v1/challenges/{told.json()['id']}"
    calls: list[Callable[[], Any]] = [
        lambda: visitor.get(f"{path}/pictures"),
        lambda: visitor.get(f"{path}/pictures/0"),
        lambda: visitor.post(f"{path}/extend", {}, format="json"),
        lambda: visitor.post(f"{path}/report", {"picture": 0}, format="json"),
        lambda: visitor.answer(told.json()["id"], cats_of(told.json()["id"])),
        lambda: visitor.answer(told.json()["id"], [0]),
        lambda: visitor.ask("nobody"),
        lambda: visitor.verify(stocked.secret, "x"),
        lambda: visitor.get(f"/pawcha/frame?sitekey={key}"),
        lambda: visitor.get("/pawcha/api.js"),
        lambda: visitor.get("/turnstile/v0/api.js"),
        lambda: visitor.get(f"/fallback?k={key}"),
        lambda: visitor.get("/fallback?k=nobody"),
        lambda: visitor.post(f"/fallback?k={key}", {"id": "x", "pick": "1"}),
        lambda: visitor.get("/privacy/"),
    ]
    for reply in (told, *(call() for call in calls)):
        assert "Set-Cookie" not in reply.headers
        assert not reply.cookies


def test_the_page_tells_the_real_numbers(visitor: Visitor) -> None:
    reply = visitor.get("/privacy/")
    page = " ".join(reply.content.decode().split())
    assert "It is removed after 2 days" in page
    assert "For 60 minutes: which pictures your network has seen" in page
    assert "For at most 30 minutes: the challenge that you are solving" in page
    assert "For 2 days, if you report a picture" in page
    assert "a code that works once, and for 10 minutes at most" in page
    assert "frame-ancestors 'none'" in reply["Content-Security-Policy"]


def test_the_hash_of_the_network_goes_after_two_days(stocked: NewSite, visitor: Visitor) -> None:
    visitor.solve(stocked.site.sitekey)
    Outcome.objects.create(
        site=stocked.site, issued_at=timezone.now() + timedelta(days=2), hostname="",
        prefix="young", risk=0, renditions=[], cats=1,
    )  # fmt: skip
    assert len(Outcome.objects.order_by("pk")[0].prefix) == 32
    with time_machine.travel(timedelta(days=1, hours=23)):
        assert sweep.forget_addresses() == 0
    with time_machine.travel(timedelta(days=2, minutes=1)):
        assert sweep.forget_addresses() == 1
    assert list(Outcome.objects.order_by("pk").values_list("prefix", flat=True)) == ["", "young"]


def test_many_hashes_go_in_portions(
    stocked: NewSite, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "ROWS", 2)
    Outcome.objects.bulk_create(
        Outcome(
            site=stocked.site, issued_at=timezone.now() - timedelta(days=3), hostname="",
            prefix="old", risk=0, renditions=[], cats=1,
        )
        for _ in range(5)
    )  # fmt: skip
    assert sweep.forget_addresses() == 5
    assert not Outcome.objects.exclude(prefix="").exists()
