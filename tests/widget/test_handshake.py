"""The frame's handshake: one hello, from the page around it, and the token only to that page."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import SITEKEY, TOKEN, FakeService

pytestmark = pytest.mark.browser
ADDRESS = f"{{origin}}/pawcha/frame?sitekey={SITEKEY}&mode=inline"
FRAME = f'<iframe src="{ADDRESS}" width=558 height=560></iframe>'
HELLO = """
  var heard = [], ports = [];
  function hello(target) {
    const channel = new MessageChannel();
    channel.port1.onmessage = ({data}) => heard.push({port: ports.indexOf(channel.port1), ...data});
    ports.push(channel.port1);
    target.postMessage({type: "pawcha:hello"}, "*", [channel.port2]);
  }
"""


def test_it_hears_exactly_one_hello(page: Page, service: FakeService) -> None:
    start = "onload = () => { hello(frames[0]); hello(frames[0]); }"
    page.goto(service.page(f"{FRAME}<script>{HELLO}{start}</script>"))
    page.wait_for_function("heard.some(({state}) => state === 'open')")
    assert page.evaluate("[...new Set(heard.map(({port}) => port))]") == [0]
    assert len(service.asked) == 1
    assert service.asked[0]["host"] == service.host_origin


def test_it_ignores_a_hello_of_another_window(page: Page, service: FakeService) -> None:
    """A sibling frame of the host page is not the host page."""
    sibling = service.page(
        f"<script>{HELLO} onload = () => hello(parent.frames[0])</script>", path="/sibling"
    )
    start = f"""onload = () => {{
      const other = document.createElement("iframe");
      other.src = "{sibling}";
      document.body.append(other);
    }}"""
    page.goto(service.page(f"{FRAME}<script>{HELLO}{start}</script>"))
    page.wait_for_function("frames.length === 2 && frames[1].ports?.length === 1")
    page.wait_for_timeout(500)
    assert page.evaluate("frames[1].heard") == []
    assert service.asked == []
    page.evaluate("hello(frames[0])")
    page.wait_for_function("heard.some(({state}) => state === 'open')")


def test_it_ignores_what_is_no_hello(page: Page, service: FakeService) -> None:
    start = (
        "onload = () => { frames[0].postMessage('hello', '*'); frames[0].postMessage(null, '*')}"
    )
    page.goto(service.page(f"{FRAME}<script>{HELLO}{start}</script>"))
    page.evaluate("frames[0].postMessage({type: 'pawcha:hello'}, '*')")
    page.wait_for_timeout(300)
    assert service.asked == []
    page.evaluate("hello(frames[0])")
    page.wait_for_function("heard.some(({state}) => state === 'open')")


def test_the_token_goes_over_the_port_only(page: Page, service: FakeService) -> None:
    start = (
        "const loud = []; onmessage = ({data}) => loud.push(data); onload = () => hello(frames[0])"
    )
    page.goto(service.page(f"{FRAME}<script>{HELLO}{start}</script>"))
    frame = page.frame_locator("iframe")
    frame.locator('.tile[aria-disabled="false"]').nth(11).wait_for()
    frame.locator(".tile").first.click()
    frame.get_by_role("button", name="Done").click()
    page.wait_for_function("heard.some(({state}) => state === 'solved')")
    assert page.evaluate("heard.at(-1).token ?? heard.at(-2).token") == TOKEN
    assert page.evaluate("loud") == []


def test_an_opaque_origin_is_refused_with_its_cause(page: Page, service: FakeService) -> None:
    """A browser that knows frame-ancestors stops it first; the frame does not rely on that."""
    page.route(
        "**/pawcha/frame*",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            headers={**answer.headers, "content-security-policy": ""},
        ),
    )
    start = "onload = () => hello(frames[0])"
    text = f"{FRAME}<script>{HELLO}{start}</script>".replace("{origin}", service.origin)
    # A page of a data: address has an opaque origin, and yet its frames have their own.
    page.goto(f"data:text/html,{quote(text)}")
    page.wait_for_function("heard.some(({state}) => state === 'error')")
    said = page.evaluate("heard.find(({state}) => state === 'error')")
    assert (said["code"], said["cause"]) == ("host_not_allowed", "sandboxed page")
    assert service.asked == []


def test_it_speaks_kindly_when_opened_alone(page: Page, service: FakeService) -> None:
    page.goto(f"{service.origin}/pawcha/frame?sitekey={SITEKEY}")
    expect(page.get_by_text("It works inside that page only.").first).to_be_visible()
    assert service.asked == []


def test_it_waits_until_it_is_seen(page: Page, service: FakeService) -> None:
    start = "onload = () => hello(frames[0])"
    page.goto(
        service.page(f'<div style="height:3000px"></div>{FRAME}<script>{HELLO}{start}</script>')
    )
    page.wait_for_function("heard.some(({type}) => type === 'ready')")
    page.wait_for_timeout(300)
    assert service.asked == []
    page.locator("iframe").scroll_into_view_if_needed()
    page.wait_for_function("heard.some(({state}) => state === 'open')")


def test_it_stores_nothing_and_asks_nobody_else(page: Page, service: FakeService) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    start = "onload = () => hello(frames[0])"
    page.goto(service.page(f"{FRAME}<script>{HELLO}{start}</script>"))
    page.wait_for_function("heard.some(({state}) => state === 'open')")
    assert page.context.cookies() == []
    kept = "[localStorage.length, sessionStorage.length]"
    assert page.frames[1].evaluate(kept) == [0, 0]
    hosts = {url.split("/")[2] for url in asked if url.startswith("http")}
    assert hosts <= {service.origin.split("/")[2], service.host_origin.split("/")[2]}
