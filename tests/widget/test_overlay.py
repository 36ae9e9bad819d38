"""The grid over the page: where it lies, how one gets out of it and back, and what stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, WORDS, Widget, box, form
from tests.widget.fake_service import FakeService

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]
OpenPage = Callable[..., Page]


class TestPlace:
    @pytest.mark.parametrize(
        ("style", "side"),
        [
            ("margin:100px 0 0 40px", "right"),
            ("margin:100px 0 0 900px", "left"),
            ("margin:8px 0 0 400px", "below"),
            ("margin:790px 0 0 400px", "above"),
        ],
    )
    def test_it_lies_beside_the_bar(self, page: Page, show: Show, style: str, side: str) -> None:
        widget = show(page, html=f'<div style="{style}">{form()}</div>{SCRIPT}').wait_until_open()
        bar, card = box(widget.bar), box(widget.card)
        beside = {
            "right": card["left"] - bar["right"],
            "left": bar["left"] - card["right"],
            "below": card["top"] - bar["bottom"],
            "above": bar["top"] - card["bottom"],
        }
        assert beside[side] == pytest.approx(8, abs=1)
        assert card["top"] >= 0
        assert card["bottom"] <= 900

    def test_the_bar_stays_where_it_was(self, page: Page, show: Show) -> None:
        text = f'<div style="margin:300px 0 0 200px;height:2000px">{form()}</div>{SCRIPT}'
        widget = show(page, html=text)
        before = box(widget.bar)
        widget.wait_until_open()
        assert box(page.locator("iframe"))["width"] == 1280
        assert box(widget.bar) == pytest.approx(before, abs=1)
        page.evaluate("scrollBy(0, 120)")
        page.wait_for_timeout(200)
        assert box(widget.bar)["top"] == pytest.approx(before["top"] - 120, abs=1)
        page.keyboard.press("Escape")
        expect(widget.card).to_be_hidden()
        assert box(page.locator("iframe"))["width"] == before["width"]

    def test_it_is_in_the_middle_where_there_is_no_room_beside(
        self, open_page: OpenPage, show: Show
    ) -> None:
        page = open_page(viewport={"width": 700, "height": 640}, reduced_motion="reduce")
        text = f'<div style="margin-top:280px">{form()}</div>{SCRIPT}'
        widget = show(page, html=text).wait_until_open()
        card = box(widget.card)
        assert card["left"] == pytest.approx(700 - card["right"], abs=1)
        assert card["top"] == pytest.approx(640 - card["bottom"], abs=1)

    def test_it_can_be_scrolled_in_a_low_window(self, open_page: OpenPage, show: Show) -> None:
        page = open_page(viewport={"width": 360, "height": 300}, reduced_motion="reduce")
        widget = show(page).wait_until_open()
        widget.tiles.first.click()
        widget.done.scroll_into_view_if_needed()
        assert box(widget.done)["bottom"] <= 300
        widget.done.click()
        widget.solved.wait_for()

    def test_an_invisible_one_is_in_the_middle_and_gone_again(self, page: Page, show: Show) -> None:
        widget = show(page, html=form(mode="invisible") + SCRIPT)
        page.wait_for_function("document.querySelector('iframe')")
        assert not widget.bar.is_visible()
        page.evaluate("void pawcha.execute().then((token) => heard.push(['promised', token]))")
        widget.here.nth(11).wait_for()
        card = box(widget.card)
        assert card["left"] == pytest.approx(1280 - card["right"], abs=1)
        widget.tiles.first.click()
        widget.done.click()
        page.wait_for_function("heard.some(([kind]) => kind === 'promised')")
        assert not widget.card.is_visible()
        assert not widget.bar.is_visible()


class TestClosing:
    @pytest.mark.parametrize("way", ["button", "escape", "veil", "page"])
    def test_it_closes_and_comes_back_as_it_was(
        self, page: Page, show: Show, service: FakeService, way: str
    ) -> None:
        widget = show(page).wait_until_open()
        widget.tiles.nth(3).click()
        match way:
            case "button":
                widget.close.click()
            case "escape":
                page.keyboard.press("Escape")
            case "veil":
                page.mouse.click(1200, 850)
            case "page":
                page.evaluate("pawcha.close()")
        expect(widget.card).to_be_hidden()
        expect(widget.check).to_be_focused()
        expect(widget.check).to_have_attribute("aria-checked", "false")
        assert widget.heard("statechange")[-1][0]["state"] == "idle"
        assert len(widget.heard("close")) == 1
        widget.check.click()
        expect(widget.tiles.nth(3)).to_have_attribute("aria-pressed", "true")
        # The page hears of it a moment after the frame has shown it.
        page.wait_for_function(
            "heard.filter(([name]) => name === 'statechange').at(-1)[1].state === 'open'"
        )
        widget.done.click()
        widget.solved.wait_for()
        assert (len(service.asked), service.answered) == (1, [{"picks": [3]}])

    def test_photos_go_on_arriving_meanwhile(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.picture_pause = lambda index: 0.1
        widget = show(page)
        widget.check.click()
        widget.here.first.wait_for()
        page.keyboard.press("Escape")
        expect(widget.card).to_be_hidden()
        page.wait_for_timeout(1500)
        assert widget.heard("statechange")[-1][0]["state"] == "idle"
        widget.check.click()
        widget.here.nth(11).wait_for()
        assert len(service.asked) == 1

    def test_photos_whose_time_ran_out_meanwhile_are_replaced(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenge_lifetime = 6.0
        widget = show(page).wait_until_open()
        page.keyboard.press("Escape")
        page.wait_for_timeout(6500)  # The whole lifetime, however fast the machine opened it.
        assert widget.heard("expired") == []
        service.challenge_lifetime = 120.0
        widget.solve()
        widget.solved.wait_for()
        assert len(service.asked) == 2

    def test_escape_has_one_thing_to_do_at_a_time(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        widget.report.click()
        widget.tiles.nth(5).hover()
        widget.closer.wait_for()
        page.keyboard.press("Escape")
        expect(widget.closer).to_be_hidden()
        expect(widget.card).to_contain_text("Which picture do you want to report?")
        page.keyboard.press("Escape")
        expect(widget.card).to_contain_text("Pick all the cats")
        page.keyboard.press("Escape")
        expect(widget.card).to_be_hidden()


class TestReport:
    def test_it_sends_one_picture_and_keeps_the_picks(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page).wait_until_open()
        for place in (2, 7):
            widget.tiles.nth(place).click()
        widget.report.click()
        send = widget.frame.get_by_role("button", name="Report", exact=True)
        expect(widget.frame.get_by_role("heading", name=WORDS["report_ask"])).to_be_visible()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(0)
        expect(send).to_be_disabled()
        widget.tiles.nth(4).click()
        widget.tiles.nth(9).click()
        expect(widget.frame.locator('[aria-pressed="true"]')).to_have_count(1)
        send.click()
        expect(widget.hint).to_have_text(WORDS["report_thanks"])
        expect(widget.status).to_have_text(WORDS["report_thanks"])
        assert service.reported == [{"picture": 9}]
        widget.done.click()
        widget.solved.wait_for()
        assert service.answered == [{"picks": [2, 7]}]

    def test_it_works_by_keyboard_and_can_be_left(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page).wait_until_open()
        widget.report.focus()
        page.keyboard.press("Enter")
        for key in ("ArrowRight", "Space"):
            page.keyboard.press(key)
        widget.closer.wait_for(state="hidden")
        widget.frame.get_by_role("button", name=WORDS["report_back"]).focus()
        page.keyboard.press("Escape")
        expect(widget.report).to_be_focused()
        assert service.reported == []
        page.keyboard.press("Enter")
        for key in ("Space", "Tab", "Tab", "Enter"):
            page.keyboard.press(key)
        expect(widget.notice).to_have_text(WORDS["report_thanks"])
        assert len(service.reported) == 1


class TestKeyboard:
    def test_it_is_solved_closed_and_opened_by_keyboard_alone(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page)
        expect(widget.check).to_be_enabled()
        page.keyboard.press("Tab")
        expect(widget.check).to_be_focused()
        page.keyboard.press("Space")
        widget.here.nth(11).wait_for()
        expect(widget.tiles.first).to_be_focused()
        page.keyboard.press("Escape")
        expect(widget.check).to_be_focused()
        page.keyboard.press("Enter")
        expect(widget.tiles.first).to_be_focused()
        for key in ("ArrowRight", "Space", "Tab", "Tab", "Tab", "Space"):
            page.keyboard.press(key)
        expect(widget.check).to_be_focused()
        expect(widget.check).to_have_attribute("aria-checked", "true")
        assert service.answered == [{"picks": [1]}]

    def test_tab_stays_inside(self, page: Page, show: Show) -> None:
        widget = show(page, html="<a href='#'>host</a>" + form() + SCRIPT).wait_until_open()
        widget.tiles.nth(2).click()
        seen = set()
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.tagName") == "IFRAME"
            seen.add(widget.inside.evaluate("document.activeElement.dataset.part || 'tile'"))
        assert seen == {"tile", "refresh", "report", "submit", "close"}
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.tagName") == "IFRAME"

    def test_it_is_a_dialog_with_a_name(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        dialog = widget.frame.get_by_role("dialog", name="Pick all the cats")
        expect(dialog).to_have_attribute("aria-modal", "true")
        # The bar behind it is out of reach.
        assert widget.bar.evaluate("bar => bar.inert")
