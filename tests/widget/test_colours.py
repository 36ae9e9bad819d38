"""The site's colours are worn as far as they can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.widget.conftest import SCRIPT, Widget, form
from tests.widget.fake_service import FakeService

pytestmark = pytest.mark.browser
MODULE = "/static/challenges/widget/colours.js"


@pytest.fixture
def colours(page: Page, service: FakeService) -> Callable[[str], Any]:
    """Return a function that works something out with the module's functions."""
    page.goto(f"{service.origin}/pawcha/frame?sitekey=fake-sitekey")

    def ask(expression: str) -> Any:
        return page.evaluate(f"import('{MODULE}').then((colours) => {expression})")

    return ask


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    # Figures of the contrast checker at webaim.org.
    [
        ([0, 0, 0], [255, 255, 255], 21.0),
        ([119, 119, 119], [255, 255, 255], 4.48),
        ([0, 0, 255], [255, 255, 0], 8.0),
    ],
)
def test_contrast_is_that_of_wcag(
    colours: Callable[[str], Any], one: list[int], other: list[int], ratio: float
) -> None:
    assert colours(f"colours.contrast({one}, {other})") == pytest.approx(ratio, abs=0.01)
    assert colours(f"colours.contrast({other}, {one})") == pytest.approx(ratio, abs=0.01)


def test_a_colour_that_can_be_read_stays(colours: Callable[[str], Any]) -> None:
    assert colours("colours.readable([0, 90, 80], [255, 255, 255])") == [0, 90, 80]


def test_every_pair_can_be_read_whatever_is_wished(colours: Callable[[str], Any]) -> None:
    """All words on all grounds, for wishes from all over the cube of colours."""
    worst = colours(
        """(() => {
          const steps = [0, 85, 119, 170, 255], cube = [];
          for (const r of steps) for (const g of steps) for (const b of steps) cube.push([r, g, b]);
          let worst = 21;
          for (const background of cube) for (const accent of cube) {
            const text = cube[(cube.indexOf(accent) * 7) % cube.length];
            const worn = colours.palette(
              {accent, background, text, notice: [163, 58, 18], good: [29, 122, 76]});
            for (const [front, ground] of [["ink", "card"], ["soft", "card"], ["soft", "empty"],
              ["accent", "card"], ["notice", "card"], ["good", "card"], ["on-accent", "accent"],
              ["on-accent", "accent-over"], ["ink", "empty"]])
              worst = Math.min(worst, colours.contrast(worn[front], worn[ground]));
          }
          return worst;
        })()"""
    )
    assert worst >= 4.5


class TestWorn:
    def paint(self, widget: Widget, name: str) -> str:
        """Return a colour of the frame as it is shown."""
        script = "([place, what]) => getComputedStyle(document.querySelector(place))[what]"
        place, what = {
            "card": (".bar", "backgroundColor"),
            "ink": (".label", "color"),
            "accent": (".name svg", "color"),
        }[name]
        painted: str = widget.inside.evaluate(script, [place, what])
        return painted

    def show(self, page: Page, service: FakeService, style: str, **options: str) -> Widget:
        page.goto(service.page(f'<div style="{style}">{form(**options)}</div>{SCRIPT}'))
        widget = Widget(page)
        widget.frame.locator("html[data-alive]").wait_for()
        page.wait_for_function("document.querySelector('iframe').title !== ''")
        page.wait_for_timeout(300)
        return widget

    def test_the_sites_colours_are_taken(self, page: Page, service: FakeService) -> None:
        style = "--pawcha-accent: teal; --pawcha-background: #f3fbfa; --pawcha-text: rgb(16 32 48)"
        widget = self.show(page, service, style)
        assert self.paint(widget, "accent") == "rgb(0, 128, 128)"
        assert self.paint(widget, "card") == "rgb(243, 251, 250)"
        assert self.paint(widget, "ink") == "rgb(16, 32, 48)"

    def test_what_could_not_be_read_is_moved(self, page: Page, service: FakeService) -> None:
        style = "--pawcha-background: white; --pawcha-text: #eee"
        widget = self.show(page, service, style)
        assert self.paint(widget, "card") == "rgb(255, 255, 255)"
        assert self.paint(widget, "ink") != "rgb(238, 238, 238)"

    @pytest.mark.parametrize(
        "text", ["nonsense", "url(https://evil.invalid/x)", "rgb(0 0 0 / 10%)"]
    )
    def test_what_is_no_colour_changes_nothing(
        self, page: Page, service: FakeService, text: str
    ) -> None:
        usual = self.paint(self.show(page, service, ""), "card")
        widget = self.show(page, service, f"--pawcha-background: {text}")
        assert self.paint(widget, "card") == usual

    def test_high_contrast_is_left_alone(self, page: Page, service: FakeService) -> None:
        widget = self.show(page, service, "--pawcha-accent: teal", theme="contrast")
        assert self.paint(widget, "accent") == "rgb(255, 229, 0)"
