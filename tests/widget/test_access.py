"""For everyone: axe finds nothing in any state, theme and size; reflow, targets, contrast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allpairspy import AllPairs
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE
from tests.widget.conftest import SCRIPT, WORDS, Widget, form
from tests.widget.fake_service import FakeService, Reply, problem

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]
PETS = [{"picture": 1, "name": "Minka", "shelter": "Shelter X", "url": "https://shelter.example/"}]


def idle(widget: Widget, service: FakeService) -> None:
    widget.frame.locator("html[data-alive]").wait_for(state="attached")


def loading(widget: Widget, service: FakeService) -> None:
    service.picture_pause = lambda _index: 20.0
    ask(widget)
    widget.tiles.first.wait_for()


def opened(widget: Widget, service: FakeService) -> None:
    ask(widget)
    widget.wait_until_open()


def picked(widget: Widget, service: FakeService) -> None:
    opened(widget, service)
    for place in (0, 5):
        widget.tiles.nth(place).click()


def checking(widget: Widget, service: FakeService) -> None:
    service.answers = [Reply(200, service.token(), delay=20.0)]
    answer(widget, service)


def wrong(widget: Widget, service: FakeService) -> None:
    service.answers = [problem(422, "wrong_answer", "No.")]
    answer(widget, service)
    widget.notice.wait_for()
    widget.here.nth(11).wait_for()


def solved(widget: Widget, service: FakeService) -> None:
    answer(widget, service)
    widget.frame.locator('[data-state="solved"]').wait_for(state="attached")


def adopted(widget: Widget, service: FakeService) -> None:
    service.adopt = PETS
    solved(widget, service)


def expired(widget: Widget, service: FakeService) -> None:
    service.challenge_lifetime = 2.5
    ask(widget)
    widget.panel.wait_for()


def stale(widget: Widget, service: FakeService) -> None:
    service.token_lifetime = 2.5
    solved(widget, service)
    widget.frame.locator('[data-state="expired"]').wait_for(state="attached")


def failed(widget: Widget, service: FakeService) -> None:
    service.challenges = [problem(429, "too_many_requests", "Too many.", retry_after=300)]
    ask(widget)
    widget.panel.wait_for()


def misses(widget: Widget, service: FakeService) -> None:
    service.answers = [problem(422, "wrong_answer", "No.") for _ in range(5)]
    answer(widget, service)
    for _ in range(4):
        widget.solve()
    widget.panel.wait_for()


def reporting(widget: Widget, service: FakeService) -> None:
    picked(widget, service)
    widget.report.click()
    widget.tiles.nth(3).click()


def hurried(widget: Widget, service: FakeService) -> None:
    service.challenge_lifetime = 25.0
    opened(widget, service)
    widget.frame.locator('[data-part="extend"]').wait_for()


def ask(widget: Widget) -> None:
    """Wish for the grid, however one does that here."""
    widget.frame.locator("html[data-alive]").wait_for(state="attached")
    match widget.inside.evaluate("document.documentElement.dataset.mode"):
        case "invisible":
            widget.page.evaluate("void pawcha.execute().catch(() => {})")
        case "inline":
            # It did not wait for the service to be told what to do.
            widget.page.evaluate("pawcha.reset()")
        case _:
            widget.wish()


def answer(widget: Widget, service: FakeService) -> None:
    """Pick a photo and press Done."""
    opened(widget, service)
    widget.tiles.first.click()
    widget.done.click()


STATES = {
    state.__name__: state
    for state in (
        idle, loading, opened, picked, checking, wrong, solved, adopted, expired, stale, failed,
        misses, reporting, hurried,
    )
}  # fmt: skip
PLACES: dict[str, dict[str, str]] = {
    "normal": {},
    "compact": {"size": "compact"},
    "flexible": {"size": "flexible"},
    "inline": {"mode": "inline"},
    "invisible": {"mode": "invisible"},
    "test key": {"sitekey": "pawcha-test-challenge"},
}
THEMES = ("light", "dark", "contrast")
DEVICES = {"desktop": DESKTOP, "phone": PHONE}
PAIRS = [tuple(row) for row in AllPairs([list(STATES), list(PLACES), list(THEMES), list(DEVICES)])]


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


@pytest.mark.parametrize(("state", "place", "theme", "device"), PAIRS)
def test_axe_finds_nothing(
    open_page: OpenPage, service: FakeService, state: str, place: str, theme: str, device: str
) -> None:
    page = open_page(**DEVICES[device])
    options = {"theme": theme, "refresh_timeout": "manual", "refresh_expired": "manual"}
    page.goto(service.page(form(**options, **PLACES[place]) + SCRIPT))
    widget = Widget(page)
    page.wait_for_selector("iframe", state="attached")
    STATES[state](widget, service)
    assert violations(widget) == []


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
            wide = frame.evaluate(
                "[...document.querySelectorAll('*')].filter((one) => one.checkVisibility() &&"
                " one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
                ".map((one) => one.outerHTML.slice(0, 80))"
            )
            assert [text for text in wide if 'class="aloud"' not in text] == []


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
        expect(widget.status).to_have_text(WORDS["more_time_given"])
        expect(more).to_be_hidden()
        assert len(service.extended) == 1
