"""The widget against a service that does as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Frame, FrameLocator, Locator, Page

from challenges import words
from tests.widget import fake_service
from tests.widget.fake_service import FakeService


@pytest.fixture
def service() -> Iterator[FakeService]:
    """Return a service that does as it is told."""
    with fake_service.running() as running:
        yield running


# What the widget says in English, so that better words break no test.
WORDS = words.words("en")
HEARD = """
<script>
  const heard = [];
  const noteToken = (token) => heard.push(["callback", token]);
  window.noteToken = noteToken;
  window.noteExpired = () => heard.push(["expired-callback"]);
  window.noteError = (code) => heard.push(["error-callback", code]);
  for (const name of ["token", "expired", "error", "statechange", "open", "close"])
    document.addEventListener(`pawcha:${name}`, (event) => heard.push([name, event.detail]));
</script>
"""


def form(**options: str) -> str:
    """Return the host's form with one widget, and what the page notes of it."""
    given = {"sitekey": "fake-sitekey", **options}
    said = " ".join(f'data-{name.replace("_", "-")}="{value}"' for name, value in given.items())
    return (
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<form><div class="pawcha" {said} data-callback="noteToken" '
        'data-expired-callback="noteExpired" data-error-callback="noteError"></div></form>' + HEARD
    )


FORM = form()
SCRIPT = '<script src="{origin}/pawcha/api.js" async></script>'


def box(of: Locator) -> dict[str, float]:
    """Return where something is, as edges."""
    place = of.bounding_box()
    assert place is not None
    left, top = place["x"], place["y"]
    right, bottom = left + place["width"], top + place["height"]
    size = {"width": place["width"], "height": place["height"]}
    return {"left": left, "top": top, "right": right, "bottom": bottom, **size}


class Widget:
    """What a visitor and the host page can do with the one widget of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frame: FrameLocator = page.frame_locator("iframe")
        self.check = self.frame.get_by_role("checkbox")
        self.tiles = self.frame.locator(".tile")
        self.here = self.frame.locator('.tile[aria-disabled="false"]')
        self.done = self.frame.locator('[data-part="submit"]')
        self.fresh = self.frame.locator('[data-part="refresh"]')
        self.panel = self.frame.locator('[data-part="panel"]')
        self.sentence = self.frame.locator('[data-part="sentence"]')
        self.hint = self.frame.locator('[data-part="hint"]')
        self.status = self.frame.get_by_role("status")
        self.action = self.frame.locator('[data-part="action"]')
        self.solved = self.frame.locator(
            '[data-part="solved"]:visible, [data-part="check"][aria-checked="true"]:visible'
        )
        self.closer = self.frame.locator('[data-part="closer"]')
        self.card = self.frame.locator('[data-part="card"]')
        self.bar = self.frame.locator('[data-part="bar"]')
        self.close = self.frame.locator('[data-part="close"]')
        self.report = self.frame.locator('[data-part="report"]')
        self.contact = self.frame.locator('[data-part="contact"]')
        self.adopt = self.frame.locator(".pet:visible")
        self.notice = self.frame.locator('[data-part="hint"][data-notice]')
        # What says that a token has run out, in the bar or in the card.
        self.stale = self.frame.locator(
            '.bar[data-note] [aria-checked="false"] [data-part="more"]:visible, '
            '.card[data-line] [data-part="sentence"]:visible, '
            '[data-part="hint"][data-notice]:visible'
        )

    @property
    def inside(self) -> Frame:
        """Return the frame itself, to ask and to change what is in it."""
        found = self.page.locator("iframe").element_handle().content_frame()
        assert found is not None
        return found

    def wish(self) -> None:
        """Click the check box, where there is one that waits to be clicked."""
        main = self.frame.locator("main")
        bar = self.frame.locator('html[data-mode="checkbox"] [data-part="check"]')
        main.wait_for(state="attached")
        if bar.count() and main.get_attribute("data-state") == "idle":
            bar.click()

    def wait_until_open(self) -> Widget:
        """Wish for the photos, if need be, and wait until every one is here."""
        self.wish()
        # An answered grid still shows its photos for a moment.
        self.frame.locator('main[data-state="open"]').wait_for(state="attached")
        self.here.nth(11).wait_for()
        return self

    def solve(self) -> None:
        """Pick the first photo and press Done."""
        self.wait_until_open().tiles.first.click()
        self.done.click()

    @property
    def field(self) -> str:
        """Return what the host's form would send."""
        value: str = self.page.locator('form input[name="pawcha-response"]').input_value()
        return value

    def heard(self, kind: str) -> list[Any]:
        """Return what the host page heard of one kind, in order."""
        return [words[1:] for words in self.page.evaluate("heard") if words[0] == kind]


@pytest.fixture
def show(service: FakeService) -> Callable[..., Widget]:
    """Return a function that opens the host's form with the widget in a page."""

    def show_in(page: Page, *, html: str = FORM + SCRIPT, **headers: str) -> Widget:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        page.goto(service.page(html, headers=names))
        return Widget(page)

    return show_in
