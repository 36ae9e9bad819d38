"""api.js in the pages of others: tidy ones, messy ones and hostile ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import FORM, SCRIPT, Widget
from tests.widget.fake_service import SITEKEY, TOKEN, FakeService

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]
PLACE = '<form><div id="place"></div></form>'
RENDER = f"pawcha.render('#place', {{sitekey: '{SITEKEY}'}})"


class TestPlaces:
    def test_it_waits_for_places_below_the_script(self, page: Page, show: Show) -> None:
        show(page, html='<script src="{origin}/pawcha/api.js"></script>' + FORM).wait_until_open()

    def test_it_finds_places_when_it_comes_late(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page, html=FORM)
        page.add_script_tag(url=f"{service.origin}/pawcha/api.js")
        widget.wait_until_open()

    def test_it_may_be_loaded_twice(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page, html=FORM + SCRIPT + SCRIPT)
        widget.solve()
        widget.solved.wait_for()
        page.add_script_tag(url=f"{service.origin}/pawcha/api.js?again")
        assert page.locator("iframe").count() == 1
        assert page.evaluate("pawcha.getResponse()") == TOKEN

    def test_a_place_is_filled_once(self, page: Page, show: Show) -> None:
        show(page, html=PLACE + '<script src="{origin}/pawcha/api.js"></script>')
        assert page.evaluate(f"{RENDER} === {RENDER}")
        assert page.locator("iframe").count() == 1
        assert page.locator("input").count() == 1

    def test_a_place_that_was_emptied_is_filled_again(self, page: Page, show: Show) -> None:
        show(page, html=PLACE + '<script src="{origin}/pawcha/api.js"></script>')
        first = page.evaluate(RENDER)
        page.evaluate("document.querySelector('#place').replaceChildren()")
        assert page.evaluate(RENDER) != first
        Widget(page).wait_until_open()

    def test_two_widgets_keep_to_themselves(self, page: Page, show: Show) -> None:
        widget = show(page, html=FORM + FORM.split("<script>", maxsplit=1)[0] + SCRIPT)
        second = page.frame_locator("iframe >> nth=1")
        second.locator('.tile[aria-disabled="false"]').nth(11).wait_for()
        second.locator(".tile").first.click()
        second.get_by_role("button", name="Done").click()
        page.wait_for_function("heard.some(([kind]) => kind === 'token')")
        fields = [field.input_value() for field in page.locator("form input").all()]
        assert fields == ["", TOKEN]
        ids = {detail["id"] for (detail,) in widget.heard("statechange")}
        assert ids == {"pawcha-1", "pawcha-2"}

    def test_a_moved_place_starts_again(self, page: Page, show: Show) -> None:
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        page.evaluate("document.body.append(document.querySelector('form'))")
        widget.wait_until_open()
        assert widget.field == ""


class TestMethods:
    def test_render_takes_functions(self, page: Page, show: Show) -> None:
        show(page, html=PLACE + '<script src="{origin}/pawcha/api.js"></script>')
        page.evaluate(
            f"window.got = []; pawcha.render(document.querySelector('#place'), {{sitekey:"
            f" '{SITEKEY}', callback: (token) => got.push(token)}})"
        )
        Widget(page).solve()
        page.wait_for_function("got.length === 1")
        assert page.evaluate("got[0]") == TOKEN

    def test_options_reach_the_service(self, page: Page, show: Show, service: FakeService) -> None:
        show(page, html=PLACE + '<script src="{origin}/pawcha/api.js"></script>')
        page.evaluate(
            f"pawcha.render('#place', {{sitekey: '{SITEKEY}', lang: 'de', action: 'join',"
            " cdata: 'order-7'})"
        )
        Widget(page).wait_until_open()
        assert service.asked == [
            {
                "sitekey": SITEKEY,
                "host": service.host_origin,
                "lang": "de",
                "action": "join",
                "cdata": "order-7",
            }
        ]

    def test_reset_forgets_the_token(self, page: Page, show: Show, service: FakeService) -> None:
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        page.evaluate("pawcha.reset('pawcha-1')")
        assert widget.field == ""
        widget.solve()
        widget.solved.wait_for()
        assert len(service.asked) == 2

    def test_remove_leaves_nothing(self, page: Page, show: Show) -> None:
        widget = show(page).wait_until_open()
        page.evaluate("pawcha.remove('pawcha-1')")
        assert page.locator(".pawcha").inner_html() == ""
        assert page.evaluate("pawcha.getResponse('pawcha-1')") == ""
        page.evaluate("pawcha.render('.pawcha')")
        widget.wait_until_open()

    def test_ready_calls_back(self, page: Page, show: Show) -> None:
        html = (
            '<script src="{origin}/pawcha/api.js"></script><script>window.order = [];'
            "pawcha.ready(() => order.push(document.readyState !== 'loading'))</script>"
        )
        show(page, html=html + FORM)
        assert page.evaluate("order") == [True]

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            ("pawcha.render('#nowhere')", "Pawcha: there is no element #nowhere."),
            ("pawcha.render('#place')", "Pawcha: a sitekey is missing."),
        ],
    )
    def test_mistakes_are_named(self, page: Page, show: Show, call: str, sentence: str) -> None:
        show(page, html=PLACE + '<script src="{origin}/pawcha/api.js"></script>')
        said = page.evaluate(f"(() => {{ try {{ {call} }} catch (e) {{ return e.message }} }})()")
        assert said == sentence


class TestHostilePages:
    def test_inherited_properties_point_nowhere(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        pollution = (
            "<script>for (const name of ['origin', 'src', 'href', 'host', 'assethost', 'endpoint',"
            " 'sitekey', 'lang', 'callback', 'state', 'token'])"
            " Object.prototype[name] = 'https://evil.invalid/';</script>"
        )
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        widget = show(page, html=pollution + FORM + SCRIPT)
        widget.solve()
        widget.solved.wait_for()
        assert {url.split("/")[2] for url in asked if url.startswith("http")} == {
            service.origin.split("/")[2],
            service.host_origin.split("/")[2],
        }
        assert "lang" not in service.asked[0]

    def test_a_clobbered_document_points_nowhere(self, page: Page, show: Show) -> None:
        html = '<img name="currentScript" src="https://evil.invalid/x.js"><div id="pawcha"></div>'
        widget = show(page, html=html + FORM + SCRIPT)
        widget.wait_until_open()

    def test_query_strings_and_attributes_point_nowhere(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        attributes = 'data-origin="https://evil.invalid" data-host="https://evil.invalid"'
        html = FORM.replace('class="pawcha"', f'class="pawcha" {attributes}')
        script = SCRIPT.replace("api.js", "api.js?origin=https://evil.invalid&host=evil.invalid")
        widget = show(page, html=html + script)
        widget.wait_until_open()
        source = page.locator("iframe").get_attribute("src") or ""
        assert source.startswith(f"{service.origin}/pawcha/frame?")

    def test_a_strict_policy_is_enough(self, page: Page, show: Show, service: FakeService) -> None:
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text))
        policy = f"default-src 'none'; script-src {service.origin}; frame-src {service.origin}"
        html = '<form><div class="pawcha" data-sitekey="fake-sitekey"></div></form>' + SCRIPT
        widget = show(page, html=html, Content_Security_Policy=policy)
        widget.solve()
        widget.solved.wait_for()
        expect(page.locator("form input")).to_have_value(TOKEN)
        assert [text for text in broken if "Content Security" in text] == []

    def test_a_host_that_is_not_listed_cannot_embed(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.hosts = ["shop.example.org"]
        widget = show(page)
        page.wait_for_function("heard.some(([kind]) => kind === 'error-callback')")
        assert widget.heard("error-callback") == [["frame_unreachable"]]
        expect(page.get_by_text("The check could not be loaded.")).to_be_visible()
        assert service.asked == []

    def test_a_sandboxed_page_is_told_why(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page, Content_Security_Policy="sandbox allow-scripts allow-forms")
        page.wait_for_function("heard.some(([kind]) => kind === 'error')")
        (error,) = widget.heard("error")[0]
        assert (error["code"], error["cause"]) == ("host_not_allowed", "sandboxed page")
        expect(page.get_by_text("The check cannot run in a sandboxed page.")).to_be_visible()
        assert service.asked == []
