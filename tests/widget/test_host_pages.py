"""Host pages of other kinds: not listed, silent about who they are, isolated from all others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import WORDS, Widget
from tests.widget.fake_service import FakeService

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]


def test_a_host_that_is_not_listed_is_told_so(page: Page, show: Show, service: FakeService) -> None:
    service.hosts = ["shop.example.org"]
    widget = show(page)
    page.wait_for_function("heard.some(([kind]) => kind === 'error-callback')")
    assert widget.heard("error-callback") == [["host_not_allowed"]]
    expect(widget.frame.get_by_text(WORDS["errors"]["host_not_allowed"]).first).to_be_visible()
    assert service.asked == []


def test_one_that_hides_who_it_is_cannot_embed_either(
    page: Page, show: Show, service: FakeService
) -> None:
    service.hosts = ["shop.example.org"]
    widget = show(page, Referrer_Policy="no-referrer")
    page.wait_for_function("heard.some(([kind]) => kind === 'error-callback')")
    assert widget.heard("error-callback") == [["frame_unreachable"]]
    expect(page.get_by_text("The check could not be loaded.")).to_be_visible()
    assert service.asked == []


def test_a_page_that_isolates_itself_can_embed(page: Page, show: Show) -> None:
    isolation = {
        "Cross_Origin_Embedder_Policy": "require-corp",
        "Cross_Origin_Opener_Policy": "same-origin",
    }
    widget = show(page, **isolation)
    assert page.evaluate("crossOriginIsolated")
    widget.solve()
    widget.solved.wait_for()
