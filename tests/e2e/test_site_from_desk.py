"""A site's owner opens the desk, and five minutes later the widget works on their own page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import DARK, DESKTOP, PHONE, OpenPage, PageKind
from tests.e2e.clients.person import Person
from tests.e2e.conftest import Service

pytestmark = pytest.mark.browser
# Signs in from inside, so that how people sign in is not this test's matter.
SIGN_IN = """
import time
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
owner = get_user_model().objects.get(username="admin")
session = SessionStore()
session[SESSION_KEY] = str(owner.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
# As somebody who has just typed the password: nobody asks for it again.
session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
session["account_authentication_methods_user"] = str(owner.pk)
session.create()
print("session", session.session_key)
"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Our shop</title>
<form method="post"><input name="name" value="Ada" aria-label="Name">{snippet}
<button>Send</button></form></html>"""


class Shop(ThreadingHTTPServer):
    """The owner's own site: the snippet in its page, the other snippet behind it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.snippet = ""
        self.server_code = ""

    @property
    def url(self) -> str:
        """Where it is, by another name than Pawcha's."""
        return f"http://localhost:{self.server_address[1]}/"

    def lets_in(self, form: dict[str, list[str]]) -> bool:
        """Do what the snippet for Python says."""
        names: dict[str, Any] = {}
        exec(self.server_code, names)  # noqa: S102 (it is what owners copy)
        (token,) = form.get("pawcha-response", [""])
        return bool(names["picked_the_cats"](token))


class _Handler(BaseHTTPRequestHandler):
    server: Shop

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._say(200, PAGE.format(snippet=self.server.snippet))

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        welcome = self.server.lets_in(parse_qs(sent))
        self._say(200 if welcome else 400, "Welcome, Ada!" if welcome else "Please pick the cats.")

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Run the owner's site."""
    with Shop() as shop:
        thread = threading.Thread(target=shop.serve_forever)
        thread.start()
        try:
            yield shop
        finally:
            shop.shutdown()
            thread.join()


@pytest.fixture
def desk(service: Service, open_page: OpenPage) -> Page:
    """Return the page of somebody who has signed in."""
    return _desk(service, open_page(**DESKTOP))


def _desk(service: Service, page: Page) -> Page:
    (line,) = [
        line
        for line in service.manage("shell", "--no-imports", "-c", SIGN_IN).splitlines()
        if line.startswith("session ")
    ]
    page.context.add_cookies(
        [{"name": "sessionid", "value": line.split()[1], "url": service.url, "httpOnly": True}]
    )
    return page


NO_CLIPBOARD = "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))"
SELECTED = "({selectionStart, selectionEnd, value}) => value.slice(selectionStart, selectionEnd)"


def test_a_new_site_s_snippet_works_on_the_owner_s_page(
    service: Service, desk: Page, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add_init_script(NO_CLIPBOARD)
    desk.goto(f"{service.url}/admin/challenges/site/add/")
    desk.get_by_label("Name").fill("Our shop")
    hosts = desk.get_by_label("Allowed hosts")
    hosts.fill("https://localhost/")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("'https://localhost/': write the host only")).to_be_visible()
    hosts.fill("localhost")
    desk.get_by_role("button", name="Save").click()

    field = desk.get_by_label("Secret", exact=True)
    secret = field.input_value()
    desk.get_by_role("button", name="Copy Secret").click()
    expect(desk.locator("[data-copies=secret][data-done]")).to_be_visible()
    assert field.evaluate(SELECTED) == secret
    with open_shop() as shop:
        shop.snippet = desk.locator("#page-pawcha").text_content() or ""
        desk.get_by_role("tab", name="Python").locator("visible=true").click()
        shop.server_code = desk.locator("#pawcha-server-python").inner_text()
        monkeypatch.setenv("PAWCHA_SECRET", secret)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        visitor = Person(open_page(**DESKTOP), service)
        visitor.page.goto(shop.url)
        visitor.tick()
        visitor.pick_the_cats()
        expect(visitor.frame.get_by_role("checkbox")).to_be_checked()
        visitor.send()
        visitor.is_welcome()
        assert visitor.post_again().status == 400
    desk.reload()
    expect(desk.get_by_text("It works: your server last redeemed a token")).to_be_visible()
    assert secret not in desk.content()


@pytest.mark.parametrize("kind", [DESKTOP, DARK, PHONE], ids=["light", "dark", "phone"])
def test_the_pages_of_a_site_are_for_everyone(
    service: Service, open_page: OpenPage, kind: PageKind
) -> None:
    desk = _desk(service, open_page(**kind))
    site = f"{service.url}/admin/challenges/site/"
    desk.goto(site)
    assert _faults(desk) == []
    desk.goto(f"{site}add/")
    desk.get_by_label("Photos that may be wrong").select_option("1")
    expect(desk.locator("[data-cost=guess]")).to_have_text("1 in 315")
    desk.get_by_text("Compare with others").click()
    assert _faults(desk) == []
    desk.get_by_label("Name").fill("Another shop")
    desk.get_by_label("Allowed hosts").fill("localhost, *.example.org")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_label("Secret", exact=True)).to_be_visible()
    assert _faults(desk) == []
    pages = desk.get_by_role("navigation", name="Pages of this site")
    pages.get_by_role("link", name="Secrets").click()
    desk.get_by_role("button", name="Give it a second secret").click()
    expect(desk.get_by_label("Secret", exact=True)).to_be_visible()
    assert _faults(desk) == []
    pages.get_by_role("link", name="History").click()
    expect(desk.get_by_text("made the site Another shop")).to_be_visible()
    assert _faults(desk) == []


def _faults(page: Page) -> list[Any]:
    """Return what axe finds in our part of the page, and whether it is wider than the screen.

    Of the whole page: whether it has a title.
    """
    found = Axe().run(page, context="#content")
    titled = Axe().run(page, options={"runOnly": ["document-title"]})
    found.response["violations"] += titled.response["violations"]
    short = [
        (one["id"], node["target"], node["failureSummary"])
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*short, *(["wider than the screen"] if wide else [])]
