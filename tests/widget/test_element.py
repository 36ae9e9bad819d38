"""<pawcha-widget>: the widget as an element of its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, show

pytestmark = pytest.mark.browser
ELEMENT = f'<pawcha-widget id="place" sitekey="{SITEKEY}" callback="solved"></pawcha-widget>'
FORM = f'<form>{ELEMENT}</form><section id="other"></section>'
WIDGET = "document.querySelector('pawcha-widget')"


def test_it_shows_itself(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.solve()
    assert host.field("pawcha-response") == TOKEN
    assert host.ask(f"{WIDGET}.value") == TOKEN
    assert host.heard("solved") == [[TOKEN]]
    assert host.heard("token")[0] == [{"id": "pawcha-1", "token": TOKEN}, "place"]


def test_it_may_be_there_after_the_script(page: Page, service: FakeService) -> None:
    host = show(page, service, "{script}" + FORM, "/pawcha/api.js?render=explicit")
    host.frame()


def test_scripts_may_make_one(page: Page, service: FakeService) -> None:
    host = show(page, service, "<form></form>")
    host.ask(
        f"""(() => {{
          const widget = document.createElement("pawcha-widget");
          widget.setAttribute("sitekey", "{SITEKEY}");
          widget.setAttribute("mode", "inline");
          document.forms[0].append(widget);
        }})()"""
    )
    assert "mode=inline" in host.frame().url
    expect(page.locator("iframe")).to_have_count(1)


def test_it_waits_for_a_site_key(page: Page, service: FakeService) -> None:
    host = show(page, service, "<form><pawcha-widget></pawcha-widget></form>")
    expect(page.locator("iframe")).to_have_count(0)
    assert host.ask(f"{WIDGET}.value") == ""
    assert host.ask(f"{WIDGET}.execute().catch(({{code}}) => code)") == "missing_widget"
    host.ask(f"{WIDGET}.setAttribute('sitekey', '{SITEKEY}')")
    host.frame()


def test_attributes_are_observed(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.solve()
    host.ask(f"{WIDGET}.setAttribute('theme', 'dark'); {WIDGET}.setAttribute('size', 'compact')")
    page.wait_for_timeout(100)
    assert "theme=dark&usual=auto&size=compact" in host.frame().url
    assert host.field("pawcha-response") == ""
    expect(page.locator("iframe")).to_have_count(1)


def test_an_attribute_that_says_the_same_changes_nothing(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.solve()
    host.ask(f"{WIDGET}.setAttribute('sitekey', '{SITEKEY}')")
    page.wait_for_timeout(100)
    assert host.field("pawcha-response") == TOKEN


def test_frameworks_may_move_it(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.solve()
    host.ask(f"document.querySelector('#other').append({WIDGET})")
    page.wait_for_function("document.querySelector('#other iframe')")
    host.frame()
    # A frame that was moved has loaded again, and its old token is nobody's.
    page.wait_for_function(f"{WIDGET}.value === ''")
    host.solve()
    assert host.ask(f"{WIDGET}.value") == TOKEN
    expect(page.locator("iframe")).to_have_count(1)


def test_taking_it_out_removes_the_widget(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.frame()
    host.ask(f"window.kept = {WIDGET}; kept.remove()")
    page.wait_for_function("kept.innerHTML === ''")
    assert host.ask("pawcha.getResponse('pawcha-1')") == ""
    host.ask("document.forms[0].append(kept)")
    host.frame()


def test_it_has_methods(page: Page, service: FakeService) -> None:
    host = show(page, service, FORM)
    host.frame()
    host.ask(f"window.got = {WIDGET}.execute(); 0")
    host.wait_for("execute")
    host.solve()
    assert host.ask("got") == TOKEN
    host.ask(f"{WIDGET}.reset(); {WIDGET}.close()")
    assert host.told() == ["execute", "reset", "close"]
    assert host.ask(f"{WIDGET}.value") == ""
