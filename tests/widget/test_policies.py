"""Strict policies of a host page: nonces, strict-dynamic, Trusted Types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import Widget
from tests.widget.fake_service import TOKEN, FakeService

pytestmark = pytest.mark.browser
PLACE = '<form><div class="pawcha" data-sitekey="fake-sitekey"></div></form>'
SCRIPT = '<script nonce="abc" src="{origin}/pawcha/api.js"></script>'


@pytest.mark.parametrize(
    "more",
    [
        "",
        "; style-src 'none'",
        "; require-trusted-types-for 'script'; trusted-types 'none'",
    ],
)
def test_a_nonce_and_frame_src_are_enough(page: Page, service: FakeService, more: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    policy = (
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; base-uri 'none'; "
        f"frame-src {service.origin}{more}"
    )
    page.goto(service.page(PLACE + SCRIPT, headers={"Content-Security-Policy": policy}))
    widget = Widget(page)
    widget.solve()
    widget.solved.wait_for()
    expect(page.locator("form input")).to_have_value(TOKEN)
    assert [line for line in said if "Content Security" in line or "Trusted" in line] == []
