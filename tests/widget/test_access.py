"""For everyone: axe finds nothing in any state, theme and size; reflow, targets, contrast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allpairspy import AllPairs
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pictures.faults import faults
from tests.widget.conftest import SCRIPT, WORDS, Widget, form
from tests.widget.fake_service import FakeService
from tests.widget.states import DEVICES, LANGUAGES, PLACES, STATES, THEMES, picked

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
# Asked again for a while: the frame may shrink a moment before the bar in it moves to its corner.
TOO_WIDE = """async () => {
  const found = () => [...document.querySelectorAll("*:not(.aloud)")]
    .filter((one) => one.checkVisibility() &&
      one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 80));
  const until = performance.now() + 3000;
  while (found().length && performance.now() < until) await new Promise((go) => setTimeout(go, 50));
  return found();
}"""
PAIRS = [
    tuple(row)
    for row in AllPairs([list(STATES), list(PLACES), list(THEMES), list(DEVICES), list(LANGUAGES)])
]


def violations(widget: Widget) -> list[Any]:
    """Return what axe finds in the frame, in short."""
    # A heading is owed by a page of its own, which the frame never is.
    options = {"rules": {"page-has-heading-one": {"enabled": False}}}
    found = Axe().run(widget.inside, options=options)
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("state", "place", "theme", "device", "language"), PAIRS)
def test_axe_and_the_eye_find_nothing(
    open_page: OpenPage,
    service: FakeService,
    state: str,
    place: str,
    theme: str,
    device: str,
    language: str,
) -> None:
    """Each two properties meet in some picture; `make pictures` shows all of them."""
    page = open_page(**DEVICES[device])
    options = {"theme": theme, "refresh_timeout": "manual", "refresh_expired": "manual"}
    page.goto(service.page(form(lang=language, **options, **PLACES[place]) + SCRIPT))
    widget = Widget(page)
    page.wait_for_selector("iframe", state="attached")
    STATES[state](widget, service)
    assert violations(widget) == []
    assert faults(widget.inside) == []


class TestReflow:
    @pytest.mark.parametrize(
        "state", ["idle", "picked", "adopted", "misses", "reporting", "hurried"]
    )
    @pytest.mark.parametrize("place", ["normal", "inline"])
    def test_nothing_is_wider_than_320_pixels(
        self, open_page: OpenPage, service: FakeService, state: str, place: str
    ) -> None:
        """320 by 256 CSS pixels are 1280 by 1024 at 400 % (WCAG 2.2, 1.4.10)."""
        page = open_page(
            viewport={"width": 320, "height": 256}, device_scale_factor=4, reduced_motion="reduce"
        )
        page.goto(service.page(f"<body style='margin:8px'>{form(**PLACES[place])}{SCRIPT}"))
        widget = Widget(page)
        STATES[state](widget, service)
        for frame in page.frames:
            assert frame.evaluate(TOO_WIDE) == []


class TestTargets:
    @pytest.mark.parametrize("device", list(DEVICES))
    @pytest.mark.parametrize("state", ["idle", "adopted", "misses", "reporting", "hurried"])
    def test_every_target_is_24_pixels_at_least(
        self, open_page: OpenPage, service: FakeService, device: str, state: str
    ) -> None:
        page = open_page(**DEVICES[device])
        page.goto(service.page(form() + SCRIPT))
        widget = Widget(page)
        STATES[state](widget, service)
        small = widget.inside.evaluate(
            "[...document.querySelectorAll('button, a')].map((one) => [one.outerHTML.slice(0, 80),"
            " one.getBoundingClientRect()]).filter(([, {width, height}]) => width && (width < 24"
            " || height < 24)).map(([text]) => text)"
        )
        assert small == []


class TestMark:
    @pytest.mark.parametrize("theme", THEMES)
    def test_the_mark_of_a_pick_stands_out(
        self, page: Page, service: FakeService, theme: str
    ) -> None:
        """3:1 against the card around it (WCAG 2.2, 1.4.11), and its tick against the mark."""
        page.goto(service.page(form(theme=theme) + SCRIPT))
        widget = Widget(page)
        picked(widget, service)
        ratios = widget.inside.evaluate(
            """async () => {
              const {contrast} = await import("/static/challenges/widget/colours.js");
              const colour = (place, what) => getComputedStyle(document.querySelector(place))[what]
                .match(/[\\d.]+/g).slice(0, 3).map(Number);
              const badge = '.tile[aria-pressed="true"] .badge';
              const [mark, tick] = [colour(badge, "backgroundColor"), colour(badge, "color")];
              const card = colour(".card", "backgroundColor");
              return [contrast(mark, card), contrast(mark, tick)];
            }"""
        )
        assert min(ratios) >= 3


class TestTime:
    def test_its_end_is_announced_and_put_off_once(self, page: Page, service: FakeService) -> None:
        service.challenge_lifetime = 32.0
        page.goto(service.page(form() + SCRIPT))
        widget = Widget(page).wait_until_open()
        more = widget.frame.get_by_role("button", name=WORDS["more_time"])
        expect(widget.status).to_have_text(WORDS["more_time_offer"]["other"].format(count=30))
        more.click()
        expect(widget.status).to_contain_text(WORDS["more_time_given"].partition("{")[0])
        expect(more).to_be_hidden()
        assert len(service.extended) == 1
