"""Signing in with a browser: a second factor set up, used, and done without for once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from challenges.flows import tries
from challenges.state import Unreachable
from tests.browser import DARK, DESKTOP, PHONE, OpenPage
from tests.people import PASSWORD, code, person

pytestmark = pytest.mark.browser
PAGES = (
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/password/change/",
    "/admin/auth/user/tokens/",
    "/admin/auth/user/history/",
    "/admin/auth/user/add/",
)


@pytest.fixture
def ann(transactional_db: None) -> User:
    """Return an owner."""
    return person("ann", "owner")


def sign_in(page: Page, url: str) -> None:
    """Come to the admin, and sign in."""
    page.goto(f"{url}/admin/")
    page.get_by_label("Name or e-mail address").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def violations(page: Page) -> list[Any]:
    """Return what axe finds in our part of the page, in short: the frame around it is unfold's."""
    own = "main" if page.locator("main.account").count() else "#content"
    found = Axe().run(page, context=own)
    return [
        (page.url, one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def test_a_second_factor_from_setting_it_up_to_losing_the_phone(
    page: Page, live_server: LiveServer, ann: User
) -> None:
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/2fa/")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_text("It cannot be scanned?").click()
    secret = page.locator("#authenticator_secret").inner_text()
    page.get_by_label("The six digits").fill(code(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    spare = page.locator(".codes code").first.inner_text()
    page.get_by_role("link", name="I have them").click()
    expect(page).to_have_url(f"{live_server.url}/admin/")
    for word in (code(secret, 1), spare):
        page.context.clear_cookies()
        sign_in(page, live_server.url)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.get_by_label("Code").fill(word)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(f"{live_server.url}/admin/")


def test_somebody_new_gets_in_by_a_link(
    page: Page, open_page: OpenPage, live_server: LiveServer, ann: User, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/auth/user/add/")
    page.get_by_label("Name to sign in with").fill("uli")
    page.get_by_label("uploader").check()
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.get_by_label("The link").input_value()
    page.reload()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_label("The link")).to_be_visible()
    new = open_page(**PHONE)
    new.goto(link)
    expect(new.get_by_text("You sign in as uli.")).to_be_visible()
    new.get_by_label("New password", exact=True).fill(PASSWORD)
    new.get_by_label("New password confirmation").fill(PASSWORD)
    new.get_by_role("button", name="Set it").click()
    new.get_by_label("Name or e-mail address").fill("uli")
    new.get_by_label("Password").fill(PASSWORD)
    new.get_by_role("button", name="Sign in").click()
    expect(new).to_have_url(f"{live_server.url}/admin/challenges/batch/upload/")


@pytest.mark.parametrize("kind", [DESKTOP, DARK, PHONE], ids=["desktop", "dark", "phone"])
def test_everybody_can_read_and_use_the_pages(
    open_page: OpenPage, live_server: LiveServer, ann: User, kind: dict[str, Any]
) -> None:
    page = open_page(**kind)
    page.goto(f"{live_server.url}/accounts/login/")
    found = violations(page)
    sign_in(page, live_server.url)
    for place in PAGES:
        page.goto(live_server.url + place)
        found += violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{place} is wider than the screen"
    assert found == []


@pytest.mark.parametrize("kind", [DESKTOP, DARK], ids=["desktop", "dark"])
def test_everybody_can_use_the_pages_on_which_people_prove_who_they_are(
    open_page: OpenPage,
    live_server: LiveServer,
    ann: User,
    kind: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    url = live_server.url
    page = open_page(**kind)
    secret = generate_totp_secret()
    TOTP.activate(ann, secret)
    RecoveryCodes.activate(ann)
    sign_in(page, url)
    page.wait_for_url("**/2fa/authenticate/")
    found = violations(page)
    page.get_by_label("Code").fill("12345-67890")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This code is not right.")).to_be_visible()
    found += violations(page)
    page.get_by_label("Code").fill(code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")
    places = ["2fa/recovery-codes/", "2fa/recovery-codes/generate/", "reauthenticate/"]
    for place in [*places, "2fa/reauthenticate/"]:
        page.goto(f"{url}/accounts/{place}")
        found += violations(page)
    page.context.clear_cookies()

    def down(*_: Any, **__: Any) -> None:
        raise Unreachable

    with monkeypatch.context() as broken:
        broken.setattr(tries, "take", down)
        sign_in(page, url)
        expect(page.get_by_role("heading", name="Nobody can sign in right now")).to_be_visible()
        found += violations(page)
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    sign_in(page, url)
    page.wait_for_url("**/2fa/authenticate/")
    page.context.clear_cookies()
    sign_in(page, url)
    expect(page.get_by_role("heading", name="Too many tries from here")).to_be_visible()
    found += violations(page)
    assert found == []
