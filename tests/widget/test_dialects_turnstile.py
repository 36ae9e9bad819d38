"""api.js as Turnstile's script: its options, callbacks and error numbers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, Host, show

pytestmark = pytest.mark.browser
SCRIPT = "/turnstile/v0/api.js"
EXPLICIT = f"{SCRIPT}?render=explicit"
EMPTY = '<form><div id="place"></div><div id="other"></div></form>'


def place(more: str = "") -> str:
    """Return a form with a marked place."""
    return (
        f'<form><div class="cf-turnstile" id="place" data-sitekey="{SITEKEY}"'
        f' data-callback="solved" data-error-callback="failed" {more}></div></form>'
    )


def render(more: str = "", where: str = "#place") -> str:
    """Return a call of render."""
    return f"turnstile.render('{where}', {{sitekey: '{SITEKEY}', {more}}})"


class TestPlaces:
    def test_the_token_is_in_a_hidden_input(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place(), SCRIPT)
        host.solve()
        assert host.field("cf-turnstile-response") == TOKEN
        assert page.locator("input[name=cf-turnstile-response]").get_attribute("type") == "hidden"
        assert host.heard("solved") == [[TOKEN]]
        assert host.hello()["dialect"] == "turnstile"

    def test_it_stands_in_for_recaptcha_when_asked(self, page: Page, service: FakeService) -> None:
        body = f'<form><div class="g-recaptcha" data-sitekey="{SITEKEY}"></div></form>'
        host = show(page, service, body, f"{SCRIPT}?compat=recaptcha")
        host.solve()
        assert host.field("g-recaptcha-response") == TOKEN
        assert host.ask("[grecaptcha.getResponse(), turnstile.getResponse()]") == [TOKEN, TOKEN]

    def test_it_leaves_recaptcha_alone_otherwise(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place(), SCRIPT)
        assert host.ask("typeof grecaptcha") == "undefined"

    def test_the_field_may_have_another_name_or_none(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(render("'response-field-name': 'proof'"))
        host.ask(render("'response-field': false", "#other"))
        assert host.ask("[...document.forms[0].elements].map(({name}) => name)") == ["proof"]

    def test_options_reach_the_frame(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(
            render(
                "action: 'join', cData: 'order-7', language: 'de', theme: 'dark', tabindex: 3,"
                "size: 'flexible', 'refresh-expired': 'never', execution: 'execute'"
            )
        )
        hello = host.hello()
        assert (hello["action"], hello["cdata"]) == ("join", "order-7")
        assert (hello["refreshExpired"], hello["refreshTimeout"]) == ("never", "auto")
        assert hello["execution"] == "execute"
        for said in ("lang=de", "theme=dark", "size=flexible", "mode=checkbox"):
            assert said in host.frame().url
        assert host.ask("document.querySelector('iframe').tabIndex") == 3

    def test_language_auto_is_no_language(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place('data-language="auto"'), SCRIPT)
        assert "lang=" not in host.frame().url

    def test_a_flexible_widget_fills_its_place(self, page: Page, service: FakeService) -> None:
        body = f'<div style="width: 420px">{place("data-size=flexible")}</div>'
        show(page, service, body, SCRIPT).frame()
        box = page.locator("iframe").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (420, 65)


class TestAppearance:
    @pytest.mark.parametrize(
        ("key", "heard"),
        [
            ("1x00000000000000000000BB", ["solved", "XXXX.DUMMY.TOKEN.XXXX"]),
            ("2x00000000000000000000BB", ["failed", "600010"]),
        ],
    )
    def test_test_keys_of_invisible_widgets_show_nothing(
        self, page: Page, service: FakeService, key: str, heard: list[str]
    ) -> None:
        host = show(page, service, "", SCRIPT)
        page.unroute("**/pawcha/frame*")
        host.ask(f"document.body.insertAdjacentHTML('beforeend', `{place()}`)")
        host.ask(
            f"turnstile.render('#place', {{sitekey: '{key}', callback: solved,"
            " 'error-callback': failed})"
        )
        page.wait_for_function("heard.some(([name]) => name === 'solved' || name === 'failed')")
        assert heard in host.ask("heard")
        expect(page.locator("iframe")).to_be_hidden()

    @pytest.mark.parametrize("appearance", ["execute", "interaction-only"])
    def test_it_waits_to_be_shown(self, page: Page, service: FakeService, appearance: str) -> None:
        more = f'data-appearance="{appearance}" data-execution="execute"'
        host = show(page, service, place(more), SCRIPT)
        host.frame()
        expect(page.locator("iframe")).to_be_hidden()
        host.ask("turnstile.execute('#place')")
        expect(page.locator("iframe")).to_be_visible()
        host.wait_for("execute")

    def test_it_is_shown_when_a_visitor_is_needed(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place('data-appearance="interaction-only"'), SCRIPT)
        host.frame()
        expect(page.locator("iframe")).to_be_visible()


class TestMethods:
    def test_the_last_widget_is_meant_without_an_id(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        ids = host.ask(f"[{render()}, {render(where='#other')}]")
        assert all(isinstance(one, str) and one for one in ids)
        host.solve(1)
        assert host.ask("turnstile.getResponse()") == TOKEN
        assert host.ask(f"turnstile.getResponse('{ids[0]}')") is None
        host.ask("turnstile.reset()")
        assert host.told(1) == ["reset"]

    @pytest.mark.parametrize(
        "call", ["turnstile.render('#nowhere', {sitekey: 'x'})", "turnstile.render('#place')"]
    )
    def test_a_bad_place_is_logged(self, page: Page, service: FakeService, call: str) -> None:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        host = show(page, service, EMPTY, EXPLICIT)
        assert host.ask(f"{call} === undefined")
        assert said[-1].startswith("Pawcha: ")

    def test_execute_renders_what_is_not_there_yet(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(f"turnstile.execute('#place', {{sitekey: '{SITEKEY}', callback: solved}})")
        host.wait_for("execute")
        host.solve()
        assert host.heard("solved") == [[TOKEN]]

    def test_it_knows_when_a_token_has_expired(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place(), SCRIPT)
        host.solve()
        assert host.ask("turnstile.isExpired()") is False
        host.state("expired", what="token")
        assert host.ask("[turnstile.isExpired(), turnstile.getResponse()]") == [True, None]
        host.ask("turnstile.reset()")
        assert host.ask("turnstile.isExpired()") is False

    def test_ready_and_onload(self, page: Page, service: FakeService) -> None:
        body = "{script}<script>turnstile.ready(loaded)</script>"
        host = show(page, service, body, f"{EXPLICIT}&onload=loaded")
        assert host.heard("loaded") == [[], []]

    def test_remove(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(f"turnstile.remove({render()})")
        assert page.locator("#place").inner_html() == ""


class TestCallbacks:
    def test_a_lifted_frame_is_an_interaction(self, page: Page, service: FakeService) -> None:
        more = (
            'data-before-interactive-callback="before" data-after-interactive-callback="after"'
            ' data-timeout-callback="timeout"'
        )
        host = show(page, service, place(more), SCRIPT)
        host.say("cover", on=True)
        host.state("expired", what="challenge")
        host.say("cover", on=False)
        calls = [words for words in host.ask("heard") if words[-1] != "place"]
        assert calls == [["before"], ["timeout"], ["after"]]

    @pytest.mark.parametrize(
        ("said", "number"),
        [
            ({"code": "unknown_sitekey"}, "110100"),
            ({"code": "host_not_allowed"}, "110200"),
            ({"code": "unsupported_browser"}, "110500"),
            ({"code": "test_key_fails"}, "600010"),
            ({"code": "offline"}, "300030"),
            ({"state": "expired", "what": "challenge"}, "110620"),
        ],
    )
    def test_errors_have_its_numbers(
        self, page: Page, service: FakeService, said: dict[str, str], number: str
    ) -> None:
        host = show(page, service, place(), SCRIPT)
        host.state(**{"state": "error", "message": "Oh.", **said})
        assert host.heard("failed") == [[number]]

    @pytest.mark.parametrize(("answer", "warned"), [("true", False), ("undefined", True)])
    def test_an_error_that_is_handled_is_not_logged(
        self, page: Page, service: FakeService, answer: str, warned: bool
    ) -> None:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(render(f"'error-callback': note('failed', {answer})"))
        host.state("error", code="unclear", message="Oh.")
        assert host.heard("failed") == [["300030"]]
        assert any("300030" in line for line in said) is warned

    @pytest.mark.parametrize(
        ("option", "number"),
        [
            ("action: 'a'.repeat(33)", "110420"),
            ("action: 'users/login'", "110420"),
            ("cData: 'c'.repeat(256)", "110430"),
            ("cData: 'order 7'", "110430"),
        ],
    )
    def test_odd_words_for_verify_are_refused(
        self, page: Page, service: FakeService, option: str, number: str
    ) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        assert host.ask(render(f"'error-callback': failed, {option}")) == "turnstile-1"
        page.wait_for_function("heard.some(([name]) => name === 'failed')")
        assert host.heard("failed") == [[number]]
        expect(page.locator("iframe")).to_have_count(0)

    def test_an_old_browser_has_its_own_callback(self, page: Page, service: FakeService) -> None:
        page.add_init_script("delete window.MessageChannel")
        host = show(page, service, place('data-unsupported-callback="unsupported"'), SCRIPT)
        page.wait_for_function("heard.some(([name]) => name === 'unsupported')")
        assert host.heard("failed") == [["110500"]]
        expect(page.get_by_role("alert")).to_have_text(
            "This browser is too old for the check. Please update it."
        )


class TestRetry:
    def errors(self, host: Host, more: str, code: str = "offline") -> list[str]:
        """Return what a frame was told within a while of an error."""
        host.ask(render(f"'retry-interval': 1000, {more}"))
        host.state("error", code=code, message="Oh.")
        host.page.wait_for_timeout(1300)
        return host.told()

    def test_passing_troubles_are_tried_again(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        assert self.errors(host, "") == ["reset"]

    def test_never_is_never(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        assert self.errors(host, "retry: 'never'") == []

    def test_lasting_troubles_are_not(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        assert self.errors(host, "", code="host_not_allowed") == []
