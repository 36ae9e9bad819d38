"""The grid: photos as they arrive, picks by mouse, touch and keyboard, a closer look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, Widget, box, form
from tests.widget.fake_service import FakeService, problem

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]
FORM = form(mode="inline")


@pytest.fixture
def show(show: Show) -> Show:
    """Return a function that opens the host's form with the grid in it."""
    return partial(show, html=FORM + SCRIPT)


class TestPhotos:
    def test_it_shows_each_photo_as_it_arrives(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.picture_pause = lambda index: 0.0 if index < 5 else 1.5
        widget = show(page)
        expect(widget.here).to_have_count(5)
        expect(widget.tiles).to_have_count(12)
        assert widget.heard("statechange")[-1][0]["state"] == "open"
        expect(widget.here).to_have_count(6)

    def test_it_keeps_its_height_while_photos_arrive(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.picture_pause = lambda index: 1.0 if index == 6 else 0.0
        widget = show(page)
        expect(widget.here).to_have_count(6)
        before = page.locator("iframe").bounding_box()
        widget.wait_until_open()
        assert page.locator("iframe").bounding_box() == before

    def test_it_shows_them_at_125_pixels_from_250(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        tile = box(widget.tiles.first)
        assert (tile["width"], tile["height"]) == (125, 125)
        assert widget.tiles.first.locator("img").evaluate("image => image.naturalWidth") == 250

    def test_it_fits_a_phone_without_scrolling_sideways(self, phone: Page, show: Show) -> None:
        widget = show(phone).wait_until_open()
        widget.tiles.nth(0).tap()
        assert box(widget.tiles.nth(3))["width"] >= 72
        for frame in phone.frames:
            assert frame.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )

    def test_it_never_says_what_a_photo_shows(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        names = [tile.get_attribute("aria-label") for tile in widget.tiles.all()]
        assert names == [f"Photo {place} of 12" for place in range(1, 13)]
        assert {image.get_attribute("alt") for image in widget.tiles.locator("img").all()} == {""}

    def test_it_asks_for_new_pictures(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page).wait_until_open()
        first = widget.tiles.first.locator("img").get_attribute("src")
        widget.tiles.nth(2).click()
        widget.fresh.click()
        expect(widget.tiles.first.locator("img")).not_to_have_attribute("src", first or "")
        widget.wait_until_open()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(0)
        assert len(service.asked) == 2

    def test_it_opens_within_few_requests(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        show(page).wait_until_open()
        api = [request for request in service.requests if "/api/" in request]
        assert [request.split()[0] for request in api] == ["POST", "GET"]


class TestPicking:
    def test_it_sends_what_was_picked(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page).wait_until_open()
        for place in (0, 3, 5, 7):
            widget.tiles.nth(place).click()
        widget.tiles.nth(7).click()
        expect(widget.frame.get_by_text("3 picked")).to_be_visible()
        widget.done.click()
        widget.solved.wait_for()
        assert service.answered == [{"picks": [0, 3, 5]}]

    def test_it_takes_an_answer_only_with_a_pick(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        expect(widget.done).to_be_disabled()
        widget.tiles.nth(4).click()
        expect(widget.done).to_be_enabled()
        widget.tiles.nth(4).click()
        expect(widget.done).to_be_disabled()

    def test_it_takes_an_answer_only_when_all_are_here(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.picture_pause = lambda index: 1.0 if index == 11 else 0.0
        widget = show(page)
        expect(widget.here).to_have_count(11)
        widget.tiles.nth(1).click()
        expect(widget.done).to_be_disabled()
        widget.wait_until_open()
        expect(widget.done).to_be_enabled()

    def test_it_works_by_touch(self, phone: Page, show: Show, service: FakeService) -> None:
        widget = show(phone).wait_until_open()
        widget.tiles.nth(11).tap()
        widget.done.tap()
        widget.solved.wait_for()
        assert service.answered == [{"picks": [11]}]

    def test_it_cannot_be_answered_twice_at_once(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.first.click()
        widget.done.evaluate("button => { button.click(); button.click(); }")
        widget.solved.wait_for()
        assert len(service.answered) == 1


class TestKeyboard:
    def focused(self, widget: Widget) -> str:
        label: str = widget.frame.locator(":focus").get_attribute("aria-label") or ""
        return label

    def test_it_is_solved_by_keyboard_alone(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page).wait_until_open()
        picking = ("Tab", "ArrowRight", "Space", "ArrowDown", "Enter")
        for key in (*picking, "Tab", "Tab", "Tab", "Enter"):
            page.keyboard.press(key)
        widget.solved.wait_for()
        assert service.answered == [{"picks": [1, 5]}]

    def test_it_is_one_tab_stop(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(6).focus()
        stops = [tile.evaluate("tile => tile.tabIndex") for tile in widget.tiles.all()]
        assert stops == [0 if place == 6 else -1 for place in range(12)]
        page.keyboard.press("Tab")
        expect(widget.fresh).to_be_focused()
        page.keyboard.press("Shift+Tab")
        assert self.focused(widget) == "Photo 7 of 12"

    def test_it_moves_by_arrows_home_and_end(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(5).focus()
        walk = {
            "End": 8, "ArrowUp": 4, "ArrowLeft": 3, "Home": 1, "Control+End": 12,
            "ArrowRight": 12, "ArrowDown": 12, "Control+Home": 1,
        }  # fmt: skip
        for key, place in walk.items():
            page.keyboard.press(key)
            assert self.focused(widget) == f"Photo {place} of 12", key

    def test_it_stays_in_the_grid_after_a_wrong_answer(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.answers = [problem(422, "wrong_answer", "Not quite.")]
        widget = show(page).wait_until_open()
        widget.tiles.nth(1).click()
        widget.done.focus()
        page.keyboard.press("Enter")
        expect(widget.hint).to_contain_text("Not quite")
        widget.wait_until_open()
        assert self.focused(widget) == "Photo 1 of 12"


class TestCloserLook:
    def test_it_rises_from_the_photo_within_the_grid(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        grid = box(widget.frame.locator('[data-part="grid"]'))
        for place in range(12):
            page.mouse.move(2, 2)
            widget.tiles.nth(place).hover()
            widget.closer.wait_for()
            look, tile = box(widget.closer), box(widget.tiles.nth(place))
            assert (look["width"], look["height"]) == (250, 250)
            assert look["left"] <= tile["left"] < tile["right"] <= look["right"]
            assert look["top"] <= tile["top"] < tile["bottom"] <= look["bottom"]
            assert grid["left"] <= look["left"] < look["right"] <= grid["right"]
            assert grid["top"] <= look["top"] < look["bottom"] <= grid["bottom"]

    def test_a_pointer_that_rests_where_a_grid_opens_asks_for_nothing(
        self, page: Page, show: Show
    ) -> None:
        """Browsers make up events for it when what is below it changes. Here the test does, too."""
        page.set_viewport_size({"width": 600, "height": 640})
        widget = show(page, html=f'<div style="height: 200px"></div>{form()}{SCRIPT}')
        expect(widget.check).to_be_enabled()
        check = box(widget.check)
        x, y = check["left"] + 60, check["bottom"] - 12
        page.mouse.move(x, y)
        widget.inside.evaluate(
            "addEventListener('pointerup', (event) => {"
            " window.rest = {screenX: event.screenX, screenY: event.screenY} })"
        )
        page.mouse.down()
        page.mouse.up()
        widget.here.nth(11).wait_for()
        made_up = """([x, y]) => {
          const tile = document.elementFromPoint(x, y).closest(".tile");
          const more = {...rest, bubbles: true, relatedTarget: tile.nextElementSibling};
          tile.dispatchEvent(new PointerEvent("pointerout", more));
          tile.dispatchEvent(new PointerEvent("pointermove", {...rest, bubbles: true}));
        }"""
        widget.inside.evaluate(made_up, [x, y])
        page.wait_for_timeout(900)
        expect(widget.closer).to_be_hidden()
        page.mouse.move(x + 3, y)
        widget.closer.wait_for()

    def test_it_stays_while_the_pointer_is_on_it(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(5).hover()
        widget.closer.wait_for()
        look = box(widget.closer)
        page.mouse.move(look["left"] + 4, look["top"] + 4, steps=5)
        page.wait_for_timeout(700)
        expect(widget.closer).to_be_visible()
        page.mouse.move(2, 2, steps=5)
        expect(widget.closer).to_be_hidden()

    def test_a_click_on_it_picks_its_photo(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(5).hover()
        widget.closer.click(position={"x": 8, "y": 8})
        expect(widget.tiles.nth(5)).to_have_attribute("aria-pressed", "true")
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(1)
        expect(widget.closer).to_be_hidden()

    def test_it_shows_whether_its_photo_is_picked(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(5).click()
        page.mouse.move(2, 2)
        widget.tiles.nth(5).hover()
        widget.closer.wait_for()
        expect(widget.closer.locator(".badge")).to_have_css("opacity", "1")

    def test_escape_takes_it_away_and_nothing_else(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(0).click()
        widget.tiles.nth(5).hover()
        widget.closer.wait_for()
        page.keyboard.press("Escape")
        expect(widget.closer).to_be_hidden()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(1)

    def test_escape_reaches_it_from_the_page_around(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(5).hover()
        widget.closer.wait_for()
        assert page.evaluate("document.activeElement === document.body")
        page.keyboard.press("Escape")
        expect(widget.closer).to_be_hidden()

    def test_it_comes_with_the_keyboard_and_goes_with_escape(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        page.keyboard.press("Tab")
        widget.closer.wait_for()
        page.keyboard.press("Escape")
        expect(widget.closer).to_be_hidden()
        page.keyboard.press("ArrowRight")
        widget.closer.wait_for()

    def test_a_long_press_looks_and_does_not_pick(self, phone: Page, show: Show) -> None:
        widget = show(phone).wait_until_open()
        tile, frame = box(widget.tiles.nth(5)), box(phone.locator("iframe"))
        touch = phone.context.new_cdp_session(phone)
        point = {"x": tile["left"] + 20, "y": tile["top"] + 20}
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        widget.closer.wait_for()
        look = box(widget.closer)
        assert look["width"] == 250
        assert frame["left"] <= look["left"] < look["right"] <= frame["right"]
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(widget.closer).to_be_hidden()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(0)
        widget.tiles.nth(5).tap()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(1)


class TestLooks:
    def test_it_follows_the_dark_theme(self, page: Page, dark: Page, show: Show) -> None:
        paint = "getComputedStyle(document.querySelector('.card')).backgroundColor"
        show(page).wait_until_open()
        light = page.frames[1].evaluate(paint)
        show(dark).wait_until_open()
        assert dark.frames[1].evaluate(paint) != light

    def test_a_pick_is_marked_without_colours_of_its_own(
        self, open_page: Callable[..., Page], show: Show
    ) -> None:
        widget = show(open_page(forced_colors="active")).wait_until_open()
        widget.tiles.nth(2).click()
        borders = [
            widget.tiles.nth(place).evaluate("tile => getComputedStyle(tile).borderTopWidth")
            for place in (1, 2)
        ]
        assert borders == ["1px", "5px"]
        expect(widget.tiles.nth(2).locator(".badge")).to_have_css("opacity", "1")

    def test_it_stands_still_for_those_who_ask(
        self, open_page: Callable[..., Page], show: Show, service: FakeService
    ) -> None:
        service.picture_pause = lambda index: 0.0 if index < 3 else 2.0
        widget = show(open_page(reduced_motion="reduce"))
        expect(widget.here).to_have_count(3)
        moving = "document.getAnimations().filter(one => one.playState === 'running').length"
        assert widget.page.frames[1].evaluate(moving) == 0

    def test_it_reflows_at_320_pixels(self, open_page: Callable[..., Page], show: Show) -> None:
        narrow = open_page(viewport={"width": 320, "height": 600})
        widget = show(narrow).wait_until_open()
        widget.tiles.first.click()
        assert narrow.frames[1].evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )

    def test_the_first_height_is_about_right(
        self, open_page: Callable[..., Page], show: Show, service: FakeService
    ) -> None:
        for width in (344, 360, 412, 500, 700, 1280):
            page = open_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
            heights: list[float] = []
            page.expose_function("noteHeight", lambda height, into=heights: into.append(height))
            watch = (
                "<script>new MutationObserver(() => { const frame = document.querySelector("
                "'iframe'); if (frame) noteHeight(parseInt(frame.style.height)) }).observe("
                "document, {subtree: true, childList: true, attributes: true})</script>"
            )
            show(page, html=watch + FORM + SCRIPT).wait_until_open()
            page.wait_for_function("parseInt(document.querySelector('iframe').style.height) > 0")
            assert all(abs(one - other) <= 16 for one, other in pairwise(heights)), width
