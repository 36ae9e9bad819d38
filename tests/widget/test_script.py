"""api.js in the pages of others: tidy ones, messy ones and hostile ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget import stub
from tests.widget.conftest import FORM, SCRIPT, Widget
from tests.widget.fake_service import SITEKEY, TOKEN, FakeService

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]
PLACE = '<form><div id="place"></div></form>'
SCRIPT_PATHS = ("/pawcha/", "/1/", "/recaptcha/", "/turnstile/v0/")
RENDER = f"pawcha.render('#place', {{sitekey: '{SITEKEY}'}})"


def two_places() -> str:
    """Return a form with two marked places."""
    one = f'<div class="pawcha" data-sitekey="{SITEKEY}"></div>'
    return f"<form>{one}{one}</form>"


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

    def test_two_widgets_keep_to_themselves(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, two_places())
        host.solve(1)
        fields = [field.input_value() for field in page.locator("form input").all()]
        assert fields == ["", TOKEN]
        assert {detail["id"] for detail, _ in host.heard("statechange")} == {"pawcha-2"}

    def test_frameworks_may_mount_twice(self, page: Page, service: FakeService) -> None:
        """React's StrictMode renders, cleans up and renders again in one go."""
        host = stub.show(page, service, PLACE)
        first, second = host.ask(
            f"(() => {{ const one = {RENDER}; pawcha.remove(one); return [one, {RENDER}] }})()"
        )
        assert first != second
        host.solve()
        assert host.ask(f"pawcha.getResponse('{second}')") == TOKEN
        expect(page.locator("iframe")).to_have_count(1)

    def test_a_place_outside_the_page_is_kept(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, PLACE)
        same = host.ask(
            """(() => {
              window.loose = document.createElement("div");
              const render = () => pawcha.render(loose, {sitekey: "fake-sitekey"});
              const same = render() === render();
              document.forms[0].append(loose);
              return same;
            })()"""
        )
        assert same
        host.solve()
        assert host.field("pawcha-response") == TOKEN

    def test_copies_of_the_script_agree(self, page: Page, service: FakeService) -> None:
        """Also one of another path, with a global of its own."""
        body = PLACE + '<script src="{origin}/turnstile/v0/api.js?render=explicit"></script>'
        host = stub.show(page, service, body)
        again = RENDER.replace("pawcha.", "turnstile.")
        assert host.ask(f"{RENDER} === {again}")
        expect(page.locator("iframe")).to_have_count(1)

    def test_pages_may_add_places_later(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, "<form></form>")
        host.ask("document.forms[0].innerHTML = '<div id=place></div>'")
        assert host.ask(RENDER) == "pawcha-1"
        host.frame()

    def test_places_that_are_gone_are_not_meant(self, page: Page, service: FakeService) -> None:
        """A page that threw its place away, and made a new one, never said remove()."""
        host = stub.show(page, service, PLACE)
        host.ask(f"{RENDER}; document.forms[0].innerHTML = '<div id=place></div>'; {RENDER}")
        host.solve()
        assert host.ask("pawcha.getResponse()") == TOKEN

    def test_one_bad_place_does_not_stop_the_others(self, page: Page, service: FakeService) -> None:
        body = '<div class="pawcha" data-sitekey=""></div>' + two_places()
        stub.show(page, service, body).frame(1)

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

    def test_onload_is_looked_up_when_it_is_called(self, page: Page, service: FakeService) -> None:
        body = "{script}<script>window.late = note('late')</script>"
        host = stub.show(page, service, body, "/pawcha/api.js?onload=late")
        assert host.heard("late") == [[]]

    def test_onload_waits_for_what_is_defined_last(self, page: Page, service: FakeService) -> None:
        service.page("", path="/slow.png")
        later = "document.addEventListener('DOMContentLoaded', () => window.late = note('late'))"
        body = f"{{script}}<script>{later}</script><img src='/slow.png'>"
        host = stub.show(page, service, body, "/pawcha/api.js?onload=late")
        assert host.heard("late") == [[]]

    def test_callbacks_may_have_dotted_names(self, page: Page, service: FakeService) -> None:
        body = (
            "<script>window.app = {name: 'shop', onSolved(token) { note(this.name)(token) }}"
            f"</script><div class='pawcha' data-sitekey='{SITEKEY}'"
            " data-callback='app.onSolved'></div>"
        )
        host = stub.show(page, service, body)
        host.solve()
        assert host.heard("shop") == [[TOKEN]]

    @pytest.mark.parametrize("name", ["document.forms.pay.submit", "location.reload", "top.stop"])
    def test_callbacks_name_nothing_of_the_browsers(
        self, page: Page, service: FakeService, name: str
    ) -> None:
        """An element that a sanitizer let through must not send the page's other form."""
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        body = (
            "<form name='pay' action='/paid'></form>"
            f"<div class='pawcha' data-sitekey='{SITEKEY}' data-callback='{name}'></div>"
        )
        host = stub.show(page, service, body)
        host.solve()
        page.wait_for_timeout(200)
        assert any(f"no global function {name}" in text for text in told)
        assert host.ask("pawcha.getResponse()") == TOKEN

    def test_a_callback_that_throws_stops_nothing(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, PLACE)
        page.evaluate("void (window.onerror = (message) => !!heard.push(['thrown', message]))")
        host.ask(
            f"pawcha.render('#place', {{sitekey: '{SITEKEY}',"
            " callback() { throw new Error('Oh.') }})"
        )
        host.solve()
        assert host.heard("thrown") == [["Uncaught Error: Oh."]]
        assert host.ask("pawcha.getResponse()") == TOKEN

    def test_execute_promises_the_token(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, PLACE)
        host.ask(f"{RENDER}; window.got = pawcha.execute(); 0")
        host.wait_for("execute")
        host.solve()
        assert host.ask("got") == TOKEN
        # The visitor has done it: nobody is asked twice for one form.
        assert host.ask("pawcha.execute()") == TOKEN
        assert host.told() == ["execute"]

    @pytest.mark.parametrize(
        ("call", "code"),
        [
            ("pawcha.execute('nobody')", "unknown_widget"),
            ("pawcha.execute()", "missing_widget"),
            (f"(() => {{ {RENDER}; const got = pawcha.execute(); pawcha.reset(); return got }})()",
             "challenge_closed"),
            (f"(() => {{ {RENDER}; const got = pawcha.execute(); pawcha.close(); return got }})()",
             "challenge_closed"),
        ],
    )  # fmt: skip
    def test_promises_are_broken_with_a_code(
        self, page: Page, service: FakeService, call: str, code: str
    ) -> None:
        host = stub.show(page, service, PLACE)
        assert host.ask(f"{call}.catch(({{code}}) => code)") == code

    def test_an_unknown_key_breaks_the_promise(self, page: Page, service: FakeService) -> None:
        host = stub.show(page, service, PLACE)
        host.ask(RENDER.replace("}", ", mode: 'invisible'}"))
        host.state("error", code="unknown_sitekey", message="This site key is unknown.")
        assert host.ask("pawcha.execute().catch(({code}) => code)") == "unknown_sitekey"
        expect(page.get_by_text("This site key is unknown.")).to_be_visible()
        expect(page.locator("iframe")).to_be_hidden()

    def test_a_page_that_is_returned_to_has_no_stale_token(
        self, page: Page, service: FakeService
    ) -> None:
        """Playwright's Chromium keeps no pages, so the event is made by hand."""
        host = stub.show(page, service, PLACE)
        host.ask(RENDER)
        host.solve()
        host.ask("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        assert host.field("pawcha-response") == ""
        assert host.told() == ["reset"]

    def test_a_page_that_is_loaded_by_going_back_has_no_stale_token(
        self, page: Page, service: FakeService
    ) -> None:
        host = stub.show(page, service, PLACE + f"{{script}}<script>{RENDER}</script>")
        host.solve()
        page.goto(service.page("Elsewhere", path="/elsewhere"))
        page.go_back()
        host.frame()
        assert host.field("pawcha-response") == ""
        assert page.locator("form input").get_attribute("autocomplete") == "off"

    @pytest.mark.parametrize("path", SCRIPT_PATHS)
    def test_our_own_global_is_always_there(
        self, page: Page, service: FakeService, path: str
    ) -> None:
        host = stub.show(page, service, PLACE, f"{path}api.js?render=explicit&unknown=1")
        assert host.ask(RENDER) == "pawcha-1"
        host.solve()
        assert host.field("pawcha-response") == TOKEN

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
            " 'sitekey', 'lang', 'callback', 'state', 'token', 'words', 'word', 'field', 'mode'])"
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
        assert service.asked[0]["lang"] == "en"

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

    @pytest.mark.parametrize("path", SCRIPT_PATHS)
    def test_no_query_names_another_server(
        self, page: Page, service: FakeService, path: str
    ) -> None:
        evil = "https://evil.invalid"
        names = ("endpoint", "assethost", "imghost", "reportapi", "host", "custom", "src")
        query = "&".join(f"{name}={evil}" for name in names)
        host = stub.show(page, service, PLACE, f"{path}api.js?render=explicit&{query}")
        said = ", ".join(f"{name}: '{evil}'" for name in names)
        host.ask(f"pawcha.render('#place', {{sitekey: '{SITEKEY}', {said}}})")
        assert host.frame().url.startswith(f"{service.origin}/pawcha/frame?")
        assert "evil" not in host.frame().url

    @pytest.mark.parametrize("path", SCRIPT_PATHS)
    def test_an_old_browser_is_told_and_nothing_is_thrown(
        self, page: Page, service: FakeService, path: str
    ) -> None:
        """`page` fails a test in which anything was thrown."""
        page.add_init_script("delete window.MessageChannel")
        host = stub.show(page, service, PLACE, f"{path}api.js?render=explicit")
        host.ask(RENDER)
        expect(page.get_by_role("alert")).to_have_text(
            "This browser is too old for the check. Please update it."
        )
        assert host.heard("error")[0][0]["code"] == "unsupported_browser"
        assert host.ask("pawcha.execute().catch(({code}) => code)") == "unsupported_browser"

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

    def test_a_sandboxed_page_is_told_why(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page, Content_Security_Policy="sandbox allow-scripts allow-forms")
        page.wait_for_function("heard.some(([kind]) => kind === 'error')")
        (error,) = widget.heard("error")[0]
        assert (error["code"], error["cause"]) == ("host_not_allowed", "sandboxed page")
        expect(page.get_by_text("The check cannot run in a sandboxed page.")).to_be_visible()
        assert service.asked == []
