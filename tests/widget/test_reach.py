"""Places where nothing can be seen or clicked, and places that the page throws away."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, Host, show

pytestmark = pytest.mark.browser
WINDOW = {"x": 0, "y": 0, "width": 1280, "height": 900}
INVISIBLE = (
    f'<div class="pawcha" id="place" data-sitekey="{SITEKEY}" data-mode="invisible"'
    ' data-close-callback="left"></div>'
)
HIDDEN = f'<form><div style="display: none">{INVISIBLE}</div></form>'
DIALOG = '<dialog id="modal"><form><button>Send</button></form></dialog>'
RUN = "window.got = pawcha.execute().catch(({code}) => code); 0"
SCORED = f"window.got = grecaptcha.execute('{SITEKEY}', {{action: 'join'}}); 0"
V3 = f"/recaptcha/api.js?render={SITEKEY}"


def pick(host: Host) -> None:
    """Let the frame be lifted, click something in it as a visitor would, and solve."""
    host.wait_for("execute")
    host.say("cover", on=True)
    place: Any = host.page.locator("iframe").bounding_box()
    assert place == WINDOW
    host.page.frame_locator("iframe").get_by_role("button", name="inside").click()
    host.solve()


class TestHidden:
    def test_what_is_hidden_comes_forward(self, page: Page, service: FakeService) -> None:
        host = show(page, service, HIDDEN)
        host.ask(RUN)
        pick(host)
        assert host.ask("got") == TOKEN
        assert host.field("pawcha-response") == TOKEN
        expect(page.locator("iframe")).to_be_hidden()

    def test_it_stays_the_same_widget(self, page: Page, service: FakeService) -> None:
        host = show(page, service, HIDDEN)
        host.ask(RUN)
        pick(host)
        assert host.ask("pawcha.render('#place')") == "pawcha-1"
        assert host.ask("pawcha.getResponse()") == TOKEN
        host.ask(RUN)
        pick(host)
        assert host.frame().evaluate("hellos.length") == 1

    def test_removing_it_leaves_nothing(self, page: Page, service: FakeService) -> None:
        host = show(page, service, HIDDEN)
        host.ask(RUN)
        host.wait_for("execute")
        host.ask("pawcha.remove()")
        expect(page.locator("iframe, [data-pawcha]")).to_have_count(0)
        assert host.ask("got") == "challenge_closed"

    def test_a_button_that_is_hidden_may_be_run(self, page: Page, service: FakeService) -> None:
        button = f'<button class="pawcha" data-sitekey="{SITEKEY}" data-callback="solved"></button>'
        host = show(page, service, f'<form style="display: none">{button}</form>')
        host.ask(RUN)
        pick(host)
        assert host.field("pawcha-response") == TOKEN
        assert host.ask("pawcha.getResponse()") == TOKEN

    def test_an_unknown_key_is_explained_there(self, page: Page, service: FakeService) -> None:
        host = show(page, service, HIDDEN)
        host.ask(RUN)
        host.wait_for("execute")
        host.state("error", code="unknown_sitekey", message="This site key is unknown.")
        expect(page.get_by_text("This site key is unknown.")).to_be_visible()


class TestModal:
    def test_a_score_is_asked_before_a_modal_dialog(self, page: Page, service: FakeService) -> None:
        host = show(page, service, DIALOG, V3)
        host.frame()
        host.ask(f"modal.showModal(); {SCORED}")
        pick(host)
        assert host.ask("got") == TOKEN

    def test_and_in_the_page_when_it_is_closed(self, page: Page, service: FakeService) -> None:
        host = show(page, service, DIALOG, V3)
        for change in ("modal.showModal()", "modal.close()", "modal.showModal()", "modal.remove()"):
            host.ask(f"{change}; {SCORED}")
            pick(host)
            assert host.ask("got") == TOKEN
        expect(page.locator("iframe")).to_have_count(1)

    @pytest.mark.parametrize("before", ["modal.showModal()", "outside.inert = true"])
    def test_so_is_a_widget_behind_it(self, page: Page, service: FakeService, before: str) -> None:
        host = show(page, service, f'<form id="outside">{INVISIBLE}</form>{DIALOG}')
        host.frame()
        host.ask(f"{before}; {RUN}")
        pick(host)
        assert host.ask("got") == TOKEN
        assert host.field("pawcha-response") == TOKEN

    def test_one_in_the_dialog_stays_there(self, page: Page, service: FakeService) -> None:
        host = show(page, service, f'<dialog id="modal"><form>{INVISIBLE}</form></dialog>')
        host.ask("modal.showModal()")
        host.frame()
        host.ask(RUN)
        pick(host)
        expect(page.locator("#place iframe")).to_have_count(1)


class TestThrownAway:
    @pytest.mark.parametrize("body", [f"<form>{INVISIBLE}</form>", HIDDEN])
    @pytest.mark.parametrize("gone", ["place.remove()", "place.replaceChildren()"])
    def test_nobody_waits_for_it(
        self, page: Page, service: FakeService, body: str, gone: str
    ) -> None:
        host = show(page, service, body)
        host.ask("place.addEventListener('pawcha:close', note('closed'))")
        host.ask(RUN)
        host.wait_for("execute")
        host.say("cover", on=True)
        host.ask(gone)
        assert host.ask("got") == "challenge_closed"
        assert len(host.heard("closed")) == len(host.heard("left")) == 1
        expect(page.locator("iframe")).to_have_count(0)

    def test_one_that_comes_into_the_page_late_is_waited_for(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, "<form></form>")
        host.ask(
            f"""(() => {{
              window.loose = document.createElement("div");
              pawcha.render(loose, {{sitekey: "{SITEKEY}"}});
              window.got = pawcha.execute(loose);
            }})()"""
        )
        page.wait_for_timeout(700)
        host.ask("document.forms[0].append(loose)")
        host.wait_for("execute")
        host.solve()
        assert host.ask("got") == TOKEN
