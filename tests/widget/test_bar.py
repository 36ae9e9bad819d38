"""The bar in the page: a check box, what becomes of it, test keys, pets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, WORDS, Widget, box, form
from tests.widget.fake_service import TOKEN, FakeService

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]
PETS = [
    {
        "picture": place,
        "name": name,
        "shelter": "Shelter X",
        "url": f"https://shelter.example/{name}",
    }
    for place, name in enumerate(("Minka", "Tom", "Mohrle", "Blacky"))
]


@pytest.fixture
def show(show: Show) -> Show:
    """Return a function that opens the host's form with a bar in it."""

    def show_in(page: Page, **options: str) -> Widget:
        return show(page, html=form(**options) + SCRIPT)

    return show_in


def states(widget: Widget) -> list[str]:
    """Return the states that the host page heard of, in order."""
    return [detail["state"] for (detail,) in widget.heard("statechange")]


class TestIdle:
    def test_nothing_is_asked_before_somebody_wants_it(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page)
        expect(widget.check).to_have_attribute("aria-checked", "false")
        expect(widget.check).to_have_accessible_name("I am human")
        page.wait_for_timeout(300)
        assert service.asked == []
        widget.wait_until_open()
        assert len(service.asked) == 1

    @pytest.mark.parametrize(
        ("size", "expected"),
        [("normal", (304, 78)), ("compact", (164, 144)), ("flexible", (558, 78))],
    )
    def test_it_is_as_large_as_its_size_says(
        self, page: Page, show: Show, size: str, expected: tuple[float, float]
    ) -> None:
        widget = show(page, size=size)
        expect(widget.check).to_be_enabled()
        bar, frame = box(widget.bar), box(page.locator("iframe"))
        assert (bar["width"], bar["height"]) == expected
        assert (frame["width"], frame["height"]) == expected

    def test_it_says_who_asks_and_what_is_kept(self, page: Page, show: Show) -> None:
        widget = show(page)
        expect(widget.bar).to_contain_text("Pawcha")
        link = widget.bar.get_by_role("link", name="Privacy")
        assert link.get_attribute("href") == "/privacy/"
        assert link.get_attribute("target") == "_blank"
        assert box(link)["height"] >= 24

    def test_a_click_before_the_page_said_hello_is_kept(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        frame = '<iframe src="{origin}/pawcha/frame?sitekey=fake-sitekey" width=304 height=78>'
        page.goto(service.page(frame))
        Widget(page).check.click()
        page.evaluate(
            "() => { const {port1, port2} = new MessageChannel(); window.port = port1;"
            " frames[0].postMessage({type: 'pawcha:hello'}, '*', [port2]) }"
        )
        Widget(page).here.nth(11).wait_for()
        assert len(service.asked) == 1


class TestSolved:
    def test_it_has_a_tick_and_the_keyboard(self, page: Page, show: Show) -> None:
        widget = show(page)
        widget.solve()
        expect(widget.check).to_have_attribute("aria-checked", "true")
        expect(widget.check).to_be_focused()
        expect(widget.card).to_be_hidden()
        assert widget.field == TOKEN
        assert states(widget) == ["loading", "open", "checking", "solved"]
        assert box(page.locator("iframe"))["height"] == 78

    def test_a_click_on_it_changes_nothing(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        widget.check.dispatch_event("click")
        page.wait_for_timeout(200)
        assert (states(widget)[-1], len(service.asked)) == ("solved", 1)

    def test_it_is_unchecked_when_the_token_runs_out(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.token_lifetime = 3.0
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        expect(widget.bar).to_contain_text("It has been a while. Please pick the cats once more.")
        expect(widget.check).to_have_attribute("aria-checked", "false")
        assert states(widget)[-2:] == ["expired", "idle"]
        assert (widget.field, len(service.asked)) == ("", 1)
        widget.solve()
        widget.solved.wait_for()

    @pytest.mark.parametrize(("refresh", "asked"), [("manual", 2), ("never", 1)])
    def test_a_page_may_want_it_otherwise(
        self, page: Page, show: Show, service: FakeService, refresh: str, asked: int
    ) -> None:
        service.token_lifetime = 3.0
        widget = show(page, refresh_expired=refresh)
        widget.solve()
        widget.stale.wait_for()
        assert states(widget)[-1] == "expired"
        widget.check.dispatch_event("click")
        page.wait_for_timeout(300)
        assert len(service.asked) == asked


class TestTestKeys:
    BANNER = WORDS["test_banner"]

    def test_one_passes_after_a_click(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page, sitekey="pawcha-test-pass")
        expect(widget.bar).to_contain_text(self.BANNER)
        widget.check.click()
        widget.solved.wait_for()
        assert widget.field.startswith("PAWCHA.DUMMY.TOKEN")
        assert (states(widget), service.asked) == (["solved"], [])

    def test_one_fails_after_a_click(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page, sitekey="pawcha-test-fail")
        for _ in range(2):
            widget.check.click()
            expect(widget.bar).to_contain_text("With this test key, the check always fails.")
        assert widget.heard("error-callback")[0] == ["test_key_fails"]
        assert service.asked == []

    def test_one_takes_the_long_way(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page, sitekey="pawcha-test-challenge").wait_until_open()
        expect(widget.card).to_contain_text(self.BANNER)
        widget.solve()
        widget.solved.wait_for()
        assert service.asked[0]["sitekey"] == "pawcha-test-challenge"

    def test_one_in_the_page_passes_at_once(self, page: Page, show: Show) -> None:
        widget = show(page, sitekey="pawcha-test-pass", mode="inline")
        widget.solved.wait_for()
        expect(widget.card).to_contain_text(self.BANNER)

    def test_one_for_another_script_passes_at_once(self, page: Page, service: FakeService) -> None:
        page.goto(
            service.page(
                '<form><div class="cf-turnstile" data-sitekey="1x00000000000000000000AA"></div>'
                "</form>"
                '<script src="{origin}/turnstile/v0/api.js"></script>'
            )
        )
        field = page.locator('[name="cf-turnstile-response"]')
        expect(field).to_have_value("XXXX.DUMMY.TOKEN.XXXX")


class TestPets:
    def test_they_are_shown_afterwards_only(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.adopt = PETS
        widget = show(page).wait_until_open()
        picture = widget.tiles.nth(1).locator("img").get_attribute("src")
        assert "Minka" not in widget.inside.content()
        widget.solve()
        expect(widget.adopt).to_have_count(3)
        tom = widget.frame.get_by_role(
            "link", name=WORDS["adopt_label"].format(name="Tom", shelter="Shelter X")
        )
        assert tom.get_attribute("href") == "https://shelter.example/Tom"
        assert (tom.get_attribute("target"), tom.get_attribute("rel")) == (
            "_blank",
            "noopener noreferrer",
        )
        assert tom.locator("img").get_attribute("src") == picture
        assert tom.locator("img").evaluate("image => image.naturalWidth") == 250
        assert box(page.locator("iframe"))["height"] == box(widget.bar)["height"] > 78

    def test_a_grid_in_the_page_shows_them_too(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.adopt = PETS[:1]
        widget = show(page, mode="inline")
        widget.solve()
        expect(widget.adopt).to_have_count(1)
        page.evaluate("pawcha.reset()")
        expect(widget.adopt).to_have_count(0)

    def test_a_link_that_is_none_is_left_out(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.adopt = [{**PETS[0], "url": "javascript:alert(1)"}, {**PETS[1], "url": "?"}]
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        expect(widget.adopt).to_have_count(0)

    def test_a_small_bar_stays_small(self, page: Page, show: Show, service: FakeService) -> None:
        service.adopt = PETS
        widget = show(page, size="compact")
        widget.solve()
        widget.solved.wait_for()
        assert box(widget.bar)["height"] == 144
