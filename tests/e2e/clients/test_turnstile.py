"""django-turnstile 0.1.3, unmodified, with Pawcha behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE, OpenPage, PageKind
from tests.e2e.clients.person import Person
from tests.e2e.conftest import Service

pytestmark = pytest.mark.browser
FIELD = "cf-turnstile-response"


@pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_who_picks_the_cats_is_let_in_once(
    service: Service, turnstile_host: str, open_page: OpenPage, kind: PageKind
) -> None:
    person = Person(open_page(**kind), service)
    person.page.goto(turnstile_host)
    person.tick()
    person.pick_the_cats()
    expect(person.frame.get_by_role("checkbox")).to_be_checked()
    person.send()
    person.is_welcome()
    again = person.post_again()
    assert again.status == 400
    assert "Turnstile could not be verified." in again.text()


def test_who_picks_nothing_is_asked_to(
    service: Service, turnstile_host: str, open_page: OpenPage
) -> None:
    person = Person(open_page(**DESKTOP), service)
    person.page.goto(turnstile_host)
    expect(person.frame.get_by_role("checkbox")).to_be_enabled()
    person.send()
    person.is_told("Please prove you are a human.")


def test_who_makes_a_token_up_is_refused(
    service: Service, turnstile_host: str, open_page: OpenPage
) -> None:
    page = open_page(**DESKTOP)
    reply = page.request.post(turnstile_host, form={"name": "Ada", FIELD: "x" * 118})
    assert reply.status == 400
    assert "Turnstile could not be verified." in reply.text()
