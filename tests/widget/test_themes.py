"""Light, dark, high contrast, and what the visitor's system wants."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, Widget, form
from tests.widget.fake_service import FakeService

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
Show = Callable[..., Widget]
GROUNDS = {"light": "rgb(255, 250, 243)", "dark": "rgb(34, 28, 43)", "contrast": "rgb(0, 0, 0)"}


def ground(widget: Widget) -> str:
    """Return the colour that the bar lies on."""
    painted: str = widget.bar.evaluate("bar => getComputedStyle(bar).backgroundColor")
    return painted


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_named_theme_counts_whatever_the_system_wants(
    open_page: OpenPage, show: Show, theme: str, scheme: str
) -> None:
    widget = show(open_page(color_scheme=scheme), html=form(theme=theme) + SCRIPT)
    expect(widget.check).to_be_enabled()
    assert ground(widget) == GROUNDS[theme]


def test_auto_follows_the_system_also_later(page: Page, show: Show) -> None:
    page.emulate_media(color_scheme="dark")
    widget = show(page, html=form(theme="auto") + SCRIPT)
    expect(widget.bar).to_have_css("background-color", GROUNDS["dark"])
    page.emulate_media(color_scheme="light")
    expect(widget.bar).to_have_css("background-color", GROUNDS["light"])


def test_it_is_see_through_around_the_bar(page: Page, service: FakeService) -> None:
    """On a dark page, too: a browser paints a ground where colour schemes differ."""
    page.goto(
        service.page(
            "<style>:root { color-scheme: dark } body { background: rgb(10, 200, 10) }</style>"
            + form(theme="dark")
            + SCRIPT
        )
    )
    widget = Widget(page)
    expect(widget.check).to_be_enabled()
    root = widget.inside.evaluate(
        "[getComputedStyle(document.documentElement).colorScheme,"
        " getComputedStyle(document.documentElement).backgroundColor]"
    )
    assert root == ["light", "rgba(0, 0, 0, 0)"]


def test_high_contrast_has_thick_edges(page: Page, show: Show) -> None:
    widget = show(page, html=form(theme="contrast") + SCRIPT)
    expect(widget.bar).to_have_css("border-top-width", "3px")


class TestForcedColours:
    def test_every_button_has_an_edge(self, open_page: OpenPage, show: Show) -> None:
        widget = show(open_page(forced_colors="active")).wait_until_open()
        for button in (widget.fresh, widget.done, widget.report, widget.close):
            expect(button).to_have_css("border-top-width", "2px")

    def test_a_tick_can_be_seen(self, open_page: OpenPage, show: Show) -> None:
        widget = show(open_page(forced_colors="active"))
        widget.solve()
        widget.solved.wait_for()
        expect(widget.frame.locator(".box .tick")).to_have_css("opacity", "1")
