"""How soon there is something to look at, on a slow connection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.widget.conftest import Widget
from tests.widget.fake_service import PADDED, FakeService

pytestmark = pytest.mark.browser
# A slow phone: 1.6 Mbit/s and 150 ms, as Lighthouse has it.
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
MOST = 1.0


def test_the_first_picture_is_there_within_a_second(
    page: Page, show: Callable[..., Widget], service: FakeService
) -> None:
    # Chromium's throttle hands over all that has come at once, so the service sends at that speed.
    service.picture_pause = lambda _index: PADDED / SLOW["downloadThroughput"]
    widget = show(page)
    widget.check.wait_for()
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    before = len(service.requests)
    # Measured in the frame itself: from the click to a picture that can be seen.
    clock = """() => {
      const check = document.querySelector('[data-part="check"]');
      check.addEventListener("click", () => { window.clicked = performance.now(); }, {once: true});
      new MutationObserver((changes, observer) => {
        if (!document.querySelector('.tile[aria-disabled="false"]')) return;
        observer.disconnect();
        requestAnimationFrame(() => { window.seen = performance.now() - window.clicked; });
      }).observe(document.body, {subtree: true, attributes: true, childList: true});
    }"""
    widget.inside.evaluate(clock)
    widget.check.click()
    widget.here.nth(11).wait_for()
    took = widget.inside.evaluate("window.seen") / 1000
    print(f"\nThe first picture is there after {took:.2f} s on 1.6 Mbit/s with 150 ms.")
    assert 0.15 < took <= MOST
    assert len(service.requests) - before <= 3
