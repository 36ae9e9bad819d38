"""Pages that copy their content, and pages with several copies of the script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, show

pytestmark = pytest.mark.browser
SNAPSHOT = "document.forms[0].replaceWith(document.forms[0].cloneNode(true))"
PLACES = {
    "place": f'<div class="pawcha" id="place" data-sitekey="{SITEKEY}"></div>',
    "button": f'<button class="pawcha" id="place" data-sitekey="{SITEKEY}">Send</button>',
    "element": f'<pawcha-widget id="place" sitekey="{SITEKEY}"></pawcha-widget>',
}


@pytest.mark.parametrize("kind", PLACES)
def test_a_copied_place_has_one_field_and_no_old_token(
    page: Page, service: FakeService, kind: str
) -> None:
    """As Turbo and htmx keep pages for the way back."""
    callback = "document.getElementById('place').setAttribute('data-callback', 'solved')"
    body = f"<form>{PLACES[kind]}</form><script>{callback}</script>"
    host = show(page, service, body)
    host.solve()
    host.ask(f"{SNAPSHOT}; pawcha.render('#place'); 0")
    values = "new FormData(document.forms[0]).getAll('pawcha-response')"
    assert host.ask(values) == [""]
    expect(page.locator("iframe")).to_have_count(1)
    host.solve(token="fresh")
    assert host.ask(values) == ["fresh"]


def test_what_the_page_put_there_stays(page: Page, service: FakeService) -> None:
    host = show(page, service, "<div id='place'><p>Please show that you are human:</p></div>")
    host.ask(f"pawcha.render('#place', {{sitekey: '{SITEKEY}'}})")
    expect(page.get_by_text("Please show that you are human:")).to_be_visible()


def test_a_copy_of_the_script_finds_what_another_made(page: Page, service: FakeService) -> None:
    body = f'<form><div class="h-captcha" data-sitekey="{SITEKEY}"></div></form>'
    host = show(page, service, body, "/1/api.js")
    host.solve()
    host.ask("delete window.hcaptcha")
    page.add_script_tag(url=f"{service.origin}/1/api.js?again")
    assert host.ask("hcaptcha.getResponse()") == TOKEN
