"""api.js as hCaptcha's script: what its clients do, and what they are told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, Host, show

pytestmark = pytest.mark.browser
SCRIPT = "/1/api.js"
CALLBACKS = (
    'data-callback="solved" data-expired-callback="expired" data-error-callback="failed"'
    ' data-chalexpired-callback="chalexpired" data-open-callback="opened"'
    ' data-close-callback="left"'
)
PLACE = (
    f'<form><div class="h-captcha" id="place" data-sitekey="{SITEKEY}" {CALLBACKS}></div></form>'
)
EMPTY = '<form><div id="place"></div><div id="other"></div></form>'
RENDER = f"hcaptcha.render('place', {{sitekey: '{SITEKEY}'}})"
HIDDEN = f"hcaptcha.render('place', {{sitekey: '{SITEKEY}', size: 'invisible'}})"
RUN = "window.got = hcaptcha.execute(id, {async: true}).then((got) => ({got}), (lost) => ({lost}))"


class TestPlaces:
    def test_places_become_widgets_with_both_fields(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        assert host.field("h-captcha-response") == TOKEN
        assert host.field("g-recaptcha-response") == TOKEN
        assert host.heard("solved") == [[TOKEN]]
        assert host.hello()["dialect"] == "hcaptcha"

    def test_without_compatibility_there_is_one_field(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, PLACE, f"{SCRIPT}?recaptchacompat=off")
        host.solve()
        assert host.ask("document.forms[0].elements.length") == 1
        assert host.ask("typeof grecaptcha") == "undefined"

    @pytest.mark.parametrize("script", ["/1/api.js", "/1/secure-api.js"])
    def test_both_addresses_serve_it(self, page: Page, service: FakeService, script: str) -> None:
        host = show(page, service, PLACE, script)
        host.frame()

    def test_it_stands_in_for_recaptcha(self, page: Page, service: FakeService) -> None:
        place = f'<form><div class="g-recaptcha" data-sitekey="{SITEKEY}"></div></form>'
        host = show(page, service, place, SCRIPT)
        host.solve()
        assert host.ask("grecaptcha.getResponse(0)") == TOKEN
        assert host.ask("hcaptcha.getResponse()") == TOKEN

    def test_explicit_pages_are_left_alone(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, f"{SCRIPT}?render=explicit&onload=loaded")
        assert host.heard("loaded") == [[]]
        expect(page.locator("iframe")).to_have_count(0)

    def test_the_first_widget_is_meant_without_an_id(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        ids = host.ask(f"[{RENDER}, {RENDER.replace('place', 'other')}]")
        assert len(set(ids)) == 2
        assert all(isinstance(one, str) and one for one in ids)
        host.solve(0)
        assert host.ask("hcaptcha.getResponse()") == TOKEN
        assert host.ask(f"hcaptcha.getResponse('{ids[1]}')") == ""

    def test_the_frame_names_its_widget(self, page: Page, service: FakeService) -> None:
        """As the WordPress plugin looks for it."""
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        id_ = host.ask("document.querySelector('iframe').dataset.hcaptchaWidgetId")
        assert host.ask(f"hcaptcha.getResponse('{id_}')") == TOKEN

    def test_a_theme_of_colours_is_no_reason_to_fail(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit&hl=de")
        host.ask(f"hcaptcha.render('place', {{sitekey: '{SITEKEY}', theme: {{palette: {{}}}}}})")
        assert "lang=de" in host.frame().url


class TestMethods:
    def test_a_promise_brings_response_and_key(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(f"window.id = {HIDDEN}; {RUN}; 0")
        host.wait_for("execute")
        host.say("cover", on=True)
        host.solve()
        assert host.ask("got") == {"got": {"response": TOKEN, "key": host.ask("id")}}
        assert host.ask("hcaptcha.getRespKey(id)") == host.ask("id")

    def test_the_id_may_be_left_out_of_execute(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(f"{HIDDEN}; window.got = hcaptcha.execute({{async: true}}); 0")
        host.wait_for("execute")
        host.solve()
        assert host.ask("got.then(({response}) => response)") == TOKEN

    def test_execute_returns_nothing_unless_asked(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        assert host.ask(f"hcaptcha.execute({HIDDEN}) === undefined")

    @pytest.mark.parametrize(
        ("call", "word"),
        [
            ("hcaptcha.execute({async: true})", "missing-captcha"),
            ("hcaptcha.execute('nobody', {async: true})", "invalid-captcha-id"),
        ],
    )
    def test_widgets_that_are_not_there(
        self, page: Page, service: FakeService, call: str, word: str
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        assert host.ask(f"{call}.catch((word) => word)") == word

    @pytest.mark.parametrize(
        ("code", "word"),
        [
            ("offline", "network-error"),
            ("too_many_requests", "rate-limited"),
            ("unclear", "internal-error"),
        ],
    )
    def test_troubles_break_the_promise(
        self, page: Page, service: FakeService, code: str, word: str
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(f"window.id = {HIDDEN}; {RUN}; 0")
        host.wait_for("execute")
        host.state("error", code=code, message="Oh.")
        assert host.ask("got") == {"lost": word}

    def test_a_visitor_may_mend_a_trouble_in_the_open_grid(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(f"window.id = {HIDDEN}; {RUN}; 0")
        host.wait_for("execute")
        host.say("cover", on=True)
        host.state("error", code="offline", message="Oh.")
        host.solve()
        assert host.ask("got.then(({got}) => got.response)") == TOKEN

    @pytest.mark.parametrize(
        ("last", "word"),
        [
            ({"state": "open"}, "challenge-closed"),
            ({"state": "expired", "what": "challenge"}, "challenge-expired"),
            ({"state": "error", "code": "offline"}, "network-error"),
        ],
    )
    def test_leaving_the_grid_breaks_the_promise(
        self, page: Page, service: FakeService, last: dict[str, str], word: str
    ) -> None:
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(f"window.id = {HIDDEN}; {RUN}; 0")
        host.wait_for("execute")
        host.say("cover", on=True)
        host.state(**last)
        host.say("cover", on=False)
        assert host.ask("got") == {"lost": word}

    def test_reset_and_remove(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        host.ask("hcaptcha.reset()")
        assert host.told() == ["reset"]
        assert host.field("h-captcha-response") == ""
        assert host.field("g-recaptcha-response") == ""
        host.ask("hcaptcha.remove()")
        assert page.locator("#place").inner_html() == ""

    def test_close_and_set_data(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.frame()
        host.ask("hcaptcha.setData({rqdata: 'x'}); hcaptcha.close()")
        assert host.told() == ["close"]

    def test_it_has_no_ready(self, page: Page, service: FakeService) -> None:
        """As at hCaptcha: onload fires when it is usable."""
        host = show(page, service, PLACE, SCRIPT)
        assert host.ask("typeof hcaptcha.ready") == "undefined"


class TestCallbacks:
    def test_each_is_called(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.say("cover", on=True)
        host.state("expired", what="challenge")
        host.say("cover", on=False)
        host.state("expired", what="token")
        host.state("error", code="too_many_requests", message="Too many.", wait=9)
        calls = [words for words in host.ask("heard") if words[-1] != "place"]
        assert calls == [
            ["opened"],
            ["chalexpired"],
            ["left"],
            ["expired"],
            ["failed", "rate-limited"],
        ]

    @pytest.mark.parametrize(
        ("code", "word"),
        [
            ("unknown_sitekey", "invalid-data"),
            ("host_not_allowed", "invalid-data"),
            ("no_challenge_ready", "network-error"),
            ("test_key_fails", "challenge-error"),
        ],
    )
    def test_errors_are_said_in_its_words(
        self, page: Page, service: FakeService, code: str, word: str
    ) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.state("error", code=code, message="Oh.")
        assert host.heard("failed") == [[word]]
        assert host.heard("error")[0][0]["code"] == code

    def test_a_callback_may_start_again(self, page: Page, service: FakeService) -> None:
        """The visitor did not give up: the frame's own farewell comes after that."""
        host = show(page, service, EMPTY, f"{SCRIPT}?render=explicit")
        host.ask(
            f"""window.id = hcaptcha.render('place', {{
              sitekey: '{SITEKEY}', size: 'invisible', 'close-callback': left,
              callback() {{ window.got ??= hcaptcha.execute(id, {{async: true}}) }},
            }}); hcaptcha.execute(id)"""
        )
        host.wait_for("execute")
        host.say("cover", on=True)
        host.solve(token="first")
        assert host.told() == ["execute", "place", "reset", "execute"]
        host.say("cover", on=True)
        host.solve(token="second")
        assert host.ask("got.then(({response}) => response)") == "second"
        assert host.heard("left") == []


class TestButton:
    BUTTON = (
        '<form action="/sent"><input name="who" value="me"><button id="place" class="h-captcha"'
        f' data-sitekey="{SITEKEY}" {{more}}>Send</button></form>'
    )

    def test_a_click_asks_and_calls_back(self, page: Page, service: FakeService) -> None:
        host = show(page, service, self.BUTTON.format(more=CALLBACKS), SCRIPT)
        host.frame()
        page.get_by_role("button", name="Send").click()
        host.wait_for("execute")
        host.solve()
        assert host.heard("solved") == [[TOKEN]]
        assert host.field("h-captcha-response") == TOKEN

    def test_without_a_callback_the_form_is_sent(self, page: Page, service: FakeService) -> None:
        service.page("Thank you", path="/sent")
        host = show(page, service, self.BUTTON.format(more=""), SCRIPT)
        host.frame()
        page.get_by_role("button", name="Send").click()
        host.wait_for("execute")
        host.frame().evaluate("token => say({type: 'state', state: 'solved', token})", TOKEN)
        page.wait_for_url(f"**/sent?who=me&h-captcha-response={TOKEN}*")


def test_two_dialects_live_on_one_page(page: Page, service: FakeService) -> None:
    body = (
        f'<form><div class="h-captcha" data-sitekey="{SITEKEY}"></div>'
        f'<div class="cf-turnstile" data-sitekey="{SITEKEY}"></div></form>'
        '<script src="{origin}/turnstile/v0/api.js"></script>'
    )
    host: Host = show(page, service, body, f"{SCRIPT}?recaptchacompat=off")
    host.solve(0, token="for-h")
    host.solve(1, token="for-t")
    assert host.ask("[hcaptcha.getResponse(), turnstile.getResponse()]") == ["for-h", "for-t"]
    assert host.field("h-captcha-response") == "for-h"
    assert host.field("cf-turnstile-response") == "for-t"
