"""The page /classify/: in a real Chromium, and as a plain form without JavaScript."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import FilePayload, Page, expect

from classifier import channel
from tests.browser import PHONE, OpenPage
from tests.classifier import looking
from tests.classifier.looking import Eyes, Worker
from tests.drawn import encoded, photo_file, picture

PHOTO: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo_file(1)}
GIF: FilePayload = {
    "name": "a.gif",
    "mimeType": "image/gif",
    "buffer": encoded(picture(1), "GIF"),
}
NO_GIF = "This file is a GIF: send a JPEG, PNG or WebP."
BRING = """([name, bytes]) => {
  const data = new DataTransfer();
  if (bytes) data.items.add(new File([new Uint8Array(bytes)], "a.jpg", { type: "image/jpeg" }));
  const options = { bubbles: true, cancelable: true };
  const event = name === "paste"
    ? new ClipboardEvent(name, { ...options, clipboardData: data })
    : new DragEvent(name, { ...options, dataTransfer: data });
  document.body.dispatchEvent(event);
}"""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Return a worker that is awake and sees a cat."""
    worker = looking.awake(monkeypatch, Eyes())
    yield worker
    worker.rest()


def post(client: Client, data: bytes) -> Any:
    """Send the form as a browser without JavaScript does."""
    file = SimpleUploadedFile("a.jpg", data, content_type="image/jpeg")
    return client.post("/classify/", {"photo": file})


class TestPlainForm:
    def test_it_shows_the_form_and_what_happens_to_a_photo(
        self, worker: Worker, client: Client
    ) -> None:
        reply = client.get("/classify/")
        assert reply.status_code == 200
        assert 'enctype="multipart/form-data"' in reply.text
        assert "Your photo is looked at in memory, then forgotten." in reply.text
        assert reply.cookies == {}

    def test_it_allows_no_code_inside_and_no_other_server(
        self, worker: Worker, client: Client
    ) -> None:
        reply = client.get("/classify/")
        policy = reply.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert not re.search(r"\sstyle=|\son\w+=|<style", reply.text)
        loaded = re.findall(r'(?:src|href|action)="([^"]+)"', reply.text)
        assert loaded
        assert all(address.startswith(("/", "#")) for address in loaded)

    @pytest.mark.parametrize(("p_cat", "familiar", "verdict"), [
        (0.999, 0.9, "Cat"), (0.1, 0.9, "Dog"), (0.6, 0.1, "Neither"),
    ])  # fmt: skip
    def test_a_form_gets_its_answer_in_the_page(
        self, worker: Worker, client: Client, p_cat: float, familiar: float, verdict: str
    ) -> None:
        worker.eyes.p_cat, worker.eyes.familiar = p_cat, familiar
        reply = post(client, photo_file(1))
        assert reply.status_code == 200
        assert f'data-part="verdict">{verdict}</h2>' in reply.text
        assert f'value="{p_cat:.4f}"' in reply.text
        assert 'data-state="result"' in reply.text

    def test_a_bad_file_gets_its_sentence_in_the_page(self, worker: Worker, client: Client) -> None:
        reply = post(client, GIF["buffer"])
        assert reply.status_code == 422
        assert NO_GIF in reply.text

    def test_it_spends_the_same_tries_as_the_api(
        self, worker: Worker, client: Client, settings: LazySettings
    ) -> None:
        settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_BURST": 1, "CLASSIFY_PER_MINUTE": 1}
        client.post("/api/v1/classify", photo_file(1), content_type="image/jpeg")
        reply = post(client, photo_file(1))
        assert reply.status_code == 429
        assert "Too many tries from here. Please wait " in reply.text
        assert int(reply["Retry-After"]) > 50

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            ("asleep", "No network is awake here right now"),
            ("untrained", "has no trained network yet"),
        ],
    )
    def test_it_says_when_nobody_can_look(
        self, client: Client, state: channel.State, sentence: str
    ) -> None:
        channel.say_state(state)
        for reply in (client.get("/classify/"), post(client, photo_file(1))):
            assert reply.status_code == 503
            assert sentence in reply.text

    def test_what_is_too_large_is_said_in_the_page(self, worker: Worker, client: Client) -> None:
        reply = post(client, bytes(21_000_000))
        assert reply.status_code == 413
        assert "send one photo of 20 MB at most." in reply.text


class Quiet(WSGIRequestHandler):
    """Serves without a word."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(worker: Worker) -> Iterator[str]:
    """Serve the real pages with a worker behind them, and return where the page is."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/classify/"
    server.shutdown()
    thread.join()
    server.server_close()


class Show:
    """The page, and somebody in front of it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(address)

    def part(self, name: str) -> Any:
        """Return a part of the page."""
        return self.page.locator(f'[data-part="{name}"]')

    def choose(self, photo: FilePayload) -> None:
        """Choose a photo in the file dialogue."""
        self.part("choose").set_input_files(photo)

    def bright(self) -> list[int]:
        """Return how opaque the light is at its left and at its right edge, halfway down."""
        opaque: list[int] = self.part("heat").evaluate(
            "c => [0, 1].map((at) => c.getContext('2d').getImageData("
            "at * (c.width - 1), c.height / 2, 1, 1).data[3])"
        )
        return opaque


@pytest.mark.browser
class TestInBrowser:
    def test_it_says_cat_and_shows_where_it_looked(self, page: Page, address: str) -> None:
        show = Show(page, address)
        show.choose(PHOTO)
        expect(page.get_by_role("heading", name="Cat", exact=True)).to_be_visible()
        expect(show.part("p-cat")).to_have_text("98.7 %")
        expect(show.part("p-dog")).to_have_text("1.3 %")
        assert show.part("bar").evaluate("bar => bar.value") == pytest.approx(0.987)
        expect(page.get_by_role("status")).to_have_text(
            "A cat, I am quite sure. Cat: 98.7 %. "
            "Of 100 photos that I am this sure about, I am right on about 99."
        )
        # The made-up eyes look left of the middle: there it is lighter.
        left, right = show.bright()
        assert left < right
        box, photo = show.part("heat").bounding_box(), show.part("picture").bounding_box()
        assert box == photo
        page.get_by_role("switch", name="Show where it looked").press("Space")
        expect(show.part("heat")).to_be_hidden()
        assert all(
            url.startswith((address.rpartition("/classify")[0], "blob:")) for url in show.asked
        )

    def test_one_photo_after_another(self, page: Page, address: str, worker: Worker) -> None:
        show = Show(page, address)
        show.choose(PHOTO)
        expect(show.part("verdict")).to_have_text("Cat")
        worker.eyes.p_cat = 0.02
        page.get_by_role("button", name="Another photo").click()
        expect(show.part("choose")).to_be_focused()
        show.choose(PHOTO)
        expect(show.part("verdict")).to_have_text("Dog")
        worker.eyes.familiar = 0.1
        page.evaluate(BRING, ["paste", [*PHOTO["buffer"]]])
        expect(show.part("verdict")).to_have_text("Neither")
        expect(show.part("meaning")).to_have_text("If I had to choose, I would say dog.")

    @pytest.mark.parametrize("way", ["drop", "paste"])
    def test_a_photo_is_dropped_or_pasted_anywhere(
        self, page: Page, address: str, way: str
    ) -> None:
        show = Show(page, address)
        page.evaluate(BRING, [way, [*PHOTO["buffer"]]])
        expect(show.part("verdict")).to_have_text("Cat")

    def test_something_else_than_a_file_is_told_how(self, page: Page, address: str) -> None:
        Show(page, address)
        page.evaluate(BRING, ["drop", None])
        expect(page.get_by_role("alert")).to_contain_text("That was no file.")

    def test_a_bad_file_is_one_sentence_and_the_next_one_works(
        self, page: Page, address: str
    ) -> None:
        show = Show(page, address)
        show.choose(GIF)
        expect(page.get_by_role("alert")).to_have_text(re.compile(re.escape(NO_GIF)))
        expect(page.get_by_role("button", name="Try again")).to_be_hidden()
        show.choose(PHOTO)
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(show.part("verdict")).to_have_text("Cat")

    def test_what_is_too_large_is_not_even_sent(
        self, page: Page, address: str, tmp_path: Path
    ) -> None:
        show = Show(page, address)
        large = tmp_path / "large.jpg"
        large.write_bytes(bytes(21_000_000))
        show.part("choose").set_input_files(large)
        expect(page.get_by_role("alert")).to_contain_text("This file has 21.1 MB")
        assert not any(url.endswith("/api/v1/classify") for url in show.asked)

    def test_when_it_must_wait_it_counts_down_and_tries_again(
        self, page: Page, address: str, settings: LazySettings
    ) -> None:
        settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_DEPTH": 1}
        channel.take_place("somebody", 1)
        show = Show(page, address)
        show.choose(PHOTO)
        expect(page.get_by_role("alert")).to_contain_text("Many photos are waiting")
        expect(page.get_by_role("button", name=re.compile(r"Try again in [123] s"))).to_be_visible()
        channel.leave_place("somebody")
        page.get_by_role("button", name="Try again", exact=True).click()
        expect(show.part("verdict")).to_have_text("Cat")

    def test_one_may_change_one_s_mind(self, page: Page, address: str, worker: Worker) -> None:
        worker.eyes.seconds = 1
        show = Show(page, address)
        show.choose(PHOTO)
        expect(page.get_by_text("Looking…")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Looking at your photo.")
        page.get_by_role("button", name="Never mind").click()
        expect(show.part("drop")).to_be_visible()
        page.wait_for_timeout(1500)
        expect(show.part("verdict")).to_be_hidden()

    def test_the_keyboard_is_enough(self, page: Page, address: str) -> None:
        show = Show(page, address)
        page.keyboard.press("Tab")
        expect(show.part("choose")).to_be_focused()
        # What the key opens is the browser's own dialogue.
        show.choose(PHOTO)
        expect(show.part("verdict")).to_be_visible()
        expect(show.part("told")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("switch")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(show.part("choose")).to_be_focused()

    def test_nothing_sticks_out_on_a_small_phone(self, phone: Page, address: str) -> None:
        show = Show(phone, address)
        for photo in (None, GIF, PHOTO):
            if photo:
                show.choose(photo)
            expect(show.part("verdict" if photo == PHOTO else "drop")).to_be_visible()
            assert phone.evaluate("document.documentElement.scrollWidth") == 360

    def test_it_works_without_javascript(self, open_page: OpenPage, address: str) -> None:
        page = open_page(**{**PHONE, "java_script_enabled": False})
        page.goto(address)
        page.locator('[data-part="choose"]').set_input_files(PHOTO)
        page.get_by_role("button", name="Ask the network").click()
        expect(page.get_by_role("heading", name="Cat", exact=True)).to_be_visible()
        page.get_by_role("link", name="Another photo").click()
        expect(page.get_by_role("button", name="Ask the network")).to_be_visible()
