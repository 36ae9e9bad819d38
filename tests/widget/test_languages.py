"""The visitor's language: by option, then the page's, then the browser's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from challenges import words
from tests.widget.conftest import SCRIPT, Widget, box, form
from tests.widget.fake_service import FakeService, problem

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Page]


def german_page(service: FakeService, body: str) -> str:
    """Put a page on the host site whose own language is German."""
    return service.page(f"<script>document.documentElement.lang = 'de'</script>{body}")


class TestChoice:
    def test_the_option_counts_most(self, page: Page, service: FakeService) -> None:
        page.goto(german_page(service, form(lang="fr") + SCRIPT))
        expect(Widget(page).frame.locator("html")).to_have_attribute("lang", "fr")

    def test_then_the_page(self, open_page: OpenPage, service: FakeService) -> None:
        page = open_page(locale="es-ES")
        page.goto(german_page(service, form() + SCRIPT))
        expect(Widget(page).frame.locator("html")).to_have_attribute("lang", "de")

    def test_then_the_browser(self, open_page: OpenPage, service: FakeService) -> None:
        page = open_page(locale="es-ES")
        page.goto(
            service.page("<script>document.documentElement.lang = ''</script>" + form() + SCRIPT)
        )
        expect(Widget(page).frame.locator("html")).to_have_attribute("lang", "es")

    def test_the_challenge_is_asked_in_it(self, page: Page, service: FakeService) -> None:
        page.goto(service.page(form(lang="de-AT", mode="inline") + SCRIPT))
        Widget(page).here.nth(11).wait_for()
        assert service.asked[0]["lang"] == "de"


class TestWords:
    def test_errors_are_told_in_it(self, page: Page, service: FakeService) -> None:
        service.challenges = [problem(429, "too_many_requests", "Too many tries.", retry_after=300)]
        page.goto(service.page(form(lang="de", mode="inline") + SCRIPT))
        widget = Widget(page)
        german = words.words("de")
        expect(widget.sentence).to_have_text(german["errors"]["too_many_requests"])
        expect(widget.action).to_have_text(german["again_minutes"]["other"].format(count=5))

    @pytest.mark.parametrize(
        ("lang", "picks", "text"),
        [("ru", 1, "1"), ("ru", 2, "2"), ("ru", 5, "5"), ("en", 1, "1 picked")],
    )
    def test_numbers_have_their_forms(
        self, page: Page, service: FakeService, lang: str, picks: int, text: str
    ) -> None:
        page.goto(service.page(form(lang=lang, mode="inline") + SCRIPT))
        widget = Widget(page)
        widget.here.nth(11).wait_for()
        for place in range(picks):
            widget.tiles.nth(place).click()
        picked = widget.frame.locator('[data-part="picked"]')
        forms = widget.inside.evaluate(
            "([forms, lang, count]) => forms[new Intl.PluralRules(lang).select(count)]",
            [words.words(lang)["picked"], lang, picks],
        )
        expect(picked).to_have_text(forms.replace("{count}", str(picks)))
        expect(picked).to_contain_text(text)

    def test_nothing_is_left_to_fill_in(self, page: Page, service: FakeService) -> None:
        service.challenge_lifetime = 20.0
        page.goto(service.page(form(lang="pl", mode="inline") + SCRIPT))
        widget = Widget(page)
        widget.here.nth(11).wait_for()
        widget.tiles.first.click()
        text = widget.inside.evaluate(
            "document.querySelector('main').innerText +"
            " [...document.querySelectorAll('[aria-label]')].map((one) => one.ariaLabel).join()"
        )
        assert "{" not in text
        assert "undefined" not in text


class TestRightToLeft:
    def test_it_is_mirrored(self, page: Page, service: FakeService) -> None:
        page.goto(service.page(form(lang="ar") + SCRIPT))
        widget = Widget(page)
        expect(widget.frame.locator("html")).to_have_attribute("dir", "rtl")
        widget.wish()
        widget.here.nth(11).wait_for()
        first, second = box(widget.tiles.nth(0)), box(widget.tiles.nth(1))
        assert first["left"] > second["right"]
        submit = widget.frame.locator('[data-part="submit"]')
        assert box(submit)["left"] < box(widget.frame.locator('[data-part="refresh"]'))["left"]

    def test_its_arrows_go_where_they_point(self, page: Page, service: FakeService) -> None:
        page.goto(service.page(form(lang="ar", mode="inline") + SCRIPT))
        widget = Widget(page)
        widget.here.nth(11).wait_for()
        widget.tiles.nth(5).focus()
        page.keyboard.press("ArrowLeft")
        expect(widget.tiles.nth(6)).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(widget.tiles.nth(5)).to_be_focused()
