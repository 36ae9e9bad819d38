"""The plain page of a running service: in a text browser, and in Chromium without JavaScript."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import DARK, DESKTOP, PHONE, OpenPage
from tests.challenges.conftest import Live
from tests.challenges.plainpage import PlainPage
from tests.conftest import cats_of

# As reCAPTCHA's snippet embeds it.
SNIPPET = {"viewport": {"width": 302, "height": 422}}
KINDS = {"desktop": DESKTOP, "phone": PHONE, "dark": DARK, "snippet": SNIPPET}


@pytest.mark.parametrize("path", ["/fallback", "/recaptcha/api/fallback"])
def test_a_text_browser_gets_from_the_form_to_a_verified_token(live: Live, path: str) -> None:
    with httpx.Client(base_url=live.url) as browser:
        page = PlainPage(browser.get(path, params={"k": live.sitekey}).text)
        assert len(page.boxes) == len(page.pictures) == 12
        assert page.pictures[2][1] == "Photo 3 of 12"
        for place, (picture, _) in enumerate(page.pictures):
            assert page.links[picture] == f"Open photo {place + 1}"
            assert browser.get(picture).headers["Content-Type"] == "image/webp"
        form = page.filled_in(cats_of(page.hidden["id"]))
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        page = PlainPage(browser.post(page.action, content=form, headers=kind).text)
        assert "Copy this code and paste it into the website’s form:" in page.text
        sent = {"secret": live.secret, "response": page.code}
        verdicts = [browser.post("/siteverify", data=sent).json()["success"] for _ in range(2)]
        assert verdicts == [True, False]
        assert not browser.cookies


@pytest.mark.browser
def test_a_person_without_javascript_gets_a_code_that_the_host_can_verify(
    live: Live, open_page: OpenPage
) -> None:
    page = open_page(java_script_enabled=False, **SNIPPET)
    page.goto(f"{live.url}/fallback?k={live.sitekey}&hl=ar")
    page.goto(f"{live.url}/fallback?k={live.sitekey}")
    # Its pictures are there, whole.
    sizes = page.locator("main img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert sizes == [250] * 12
    pick(page)
    code = page.get_by_label("Copy this code and paste it into the website’s form:").input_value()
    sent = {"secret": live.secret, "response": code}
    assert httpx.post(f"{live.url}/siteverify", data=sent).json()["success"] is True
    assert page.context.cookies() == []


@pytest.mark.browser
def test_the_keyboard_alone_is_enough(live: Live, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, **DESKTOP)
    page.goto(f"{live.url}/fallback?k={live.sitekey}")
    cats = cats_of(page.locator("[name=id]").input_value())
    for place in range(12):
        page.keyboard.press("Tab")
        if place in cats:
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Copy this code").wait_for()


@pytest.mark.browser
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_in_anybodys_way(
    live: Live, open_page: OpenPage, name: str, language: str
) -> None:
    page = open_page(**KINDS[name])
    address = f"{live.url}/fallback?k={live.sitekey}&hl={language}"
    page.goto(address)
    page.locator("input[type=checkbox]").nth(1).check()
    assert_open_to_all(page)
    with page.expect_navigation():
        page.locator("button[name=more]").click()
    assert_open_to_all(page)
    pick(page)
    page.locator("textarea").wait_for()
    assert_open_to_all(page)
    page.goto(f"{live.url}/fallback?k=nobody&hl={language}")
    assert_open_to_all(page)


@pytest.mark.browser
@pytest.mark.parametrize("name", KINDS)
def test_the_page_about_privacy_is_open_to_all(live: Live, open_page: OpenPage, name: str) -> None:
    page = open_page(**KINDS[name])
    page.goto(f"{live.url}/privacy/")
    assert_open_to_all(page)


def pick(page: Page) -> None:
    """Tick the cats and nothing else, and press Done."""
    cats = cats_of(page.locator("[name=id]").input_value())
    for place, box in enumerate(page.locator("input[type=checkbox]").all()):
        box.set_checked(place in cats)
    page.locator("button.strong").click()


def assert_open_to_all(page: Page) -> None:
    """See that axe finds nothing, and that nothing is wider than the window."""
    options: Any = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=options).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
