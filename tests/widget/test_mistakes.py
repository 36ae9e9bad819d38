"""Mistakes of a page: the console names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, show

pytestmark = pytest.mark.browser


@pytest.fixture
def said(page: Page) -> list[str]:
    """Return what the page's console says, as it comes."""
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    return lines


@pytest.mark.parametrize(
    "element",
    [
        '<div class="pawcha" {}></div>',
        '<button class="pawcha" {}>Send</button>',
    ],
)
def test_a_callback_that_is_no_function(
    page: Page, service: FakeService, said: list[str], element: str
) -> None:
    options = f'data-sitekey="{SITEKEY}" data-callback="onSolvedd"'
    show(page, service, f"<form>{element.format(options)}</form>").solve()
    assert said == ["Pawcha: the page has no global function onSolvedd."]


def test_an_onload_that_is_no_function(page: Page, service: FakeService, said: list[str]) -> None:
    show(page, service, "", "/pawcha/api.js?onload=begin")
    assert said == ["Pawcha: the page has no global function begin."]


def test_callbacks_that_nobody_named(page: Page, service: FakeService, said: list[str]) -> None:
    host = show(page, service, f'<div class="pawcha" data-sitekey="{SITEKEY}"></div>')
    host.say("cover", on=True)
    host.solve()
    assert said == []


@pytest.mark.parametrize(
    ("script", "name"), [("/pawcha/api.js", "pawcha"), ("/turnstile/v0/api.js", "cf-turnstile")]
)
def test_a_place_without_a_sitekey(
    page: Page, service: FakeService, said: list[str], script: str, name: str
) -> None:
    show(page, service, f'<div class="{name}"></div>', script)
    (line,) = said
    assert "Pawcha: a sitekey is missing." in line


def test_a_policy_without_frame_src(page: Page, service: FakeService, said: list[str]) -> None:
    page.clock.install()
    headers = {"Content-Security-Policy": f"script-src {service.origin}; frame-src 'self'"}
    body = f'<div class="pawcha" data-sitekey="{SITEKEY}"></div>'
    script = f'<script src="{service.origin}/pawcha/api.js"></script>'
    page.goto(service.page(body + script, headers=headers))
    page.locator("iframe").wait_for(state="attached")
    page.clock.fast_forward(40_000)
    page.get_by_text("The check could not be loaded.").wait_for()
    assert any(
        "does the page's Content Security Policy lack us in frame-src" in one for one in said
    )


def test_a_page_that_was_opened_as_a_file(
    page: Page, service: FakeService, said: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    body = f'<div class="pawcha" data-sitekey="{SITEKEY}"></div>'
    file.write_text(f'{body}<script src="{service.origin}/pawcha/api.js"></script>')
    page.goto(file.as_uri())
    expect(page.get_by_role("alert")).to_contain_text("a page that was opened as a file")
    assert any("http://localhost" in line for line in said)
