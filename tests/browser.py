"""A real Chromium, and pages of three kinds in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

# The first is Chromium without windows: the same engine, and tests take half the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
# Chromium asks its maker for this and that at start; --no-sandbox, since tests may run as root.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PageKind = dict[str, Any]
# Without motion, so that what is measured has come to rest.
DESKTOP: PageKind = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
PHONE: PageKind = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "reduced_motion": "reduce",
}
DARK: PageKind = {**DESKTOP, "color_scheme": "dark"}


def chromium_path() -> str | None:
    """Return the machine's own Chromium, or None where Playwright's may be there."""
    return os.environ.get("PAWCHA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return Playwright for the session.

    Its event loop would make Django refuse the database in this thread: the tests know better.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Return a Chromium, or skip with the reason where there is none."""
    try:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    except Error as error:
        pytest.skip(f"No Chromium here: {error.message.splitlines()[0]}")
    yield browser
    browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Return a function that opens a page of some kind in a profile of its own.

    A test fails when one of its pages had an uncaught error.
    """
    contexts, errors = [], []

    def open_one(**kind: Any) -> Page:
        context = browser.new_context(**kind)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Return a page on a desktop."""
    return open_page(**DESKTOP)


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """Return a page on a phone that is 360 pixels wide, with touch."""
    return open_page(**PHONE)


@pytest.fixture
def dark(open_page: OpenPage) -> Page:
    """Return a page of someone who prefers dark."""
    return open_page(**DARK)
