"""django-recaptcha 4.1.0, unmodified, with Pawcha behind it: v2, v2 invisible and v3."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE, OpenPage, PageKind
from tests.e2e.clients.person import Person
from tests.e2e.conftest import Service

pytestmark = pytest.mark.browser
REFUSED = "Error verifying reCAPTCHA, please try again."
# Chromium does not know the authority that the tests made; the host's server does.
UNKNOWN_AUTHORITY: PageKind = {"ignore_https_errors": True}
KINDS = pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])


def visit(open_page: OpenPage, service: Service, url: str, kind: PageKind = DESKTOP) -> Person:
    """Return a person on that page."""
    person = Person(open_page(**kind, **UNKNOWN_AUTHORITY), service)
    person.page.goto(url)
    return person


def is_used_up(person: Person) -> None:
    """Expect that the last form is not taken a second time."""
    again = person.post_again()
    assert again.status == 400
    assert REFUSED in again.text()


@KINDS
def test_v2_lets_in_who_picks_the_cats_once(
    service: Service, recaptcha_host: str, open_page: OpenPage, kind: PageKind
) -> None:
    person = visit(open_page, service, recaptcha_host, kind)
    person.tick()
    person.pick_the_cats()
    expect(person.frame.get_by_role("checkbox")).to_be_checked()
    person.send()
    person.is_welcome()
    is_used_up(person)


def test_v2_asks_who_picks_nothing(
    service: Service, recaptcha_host: str, open_page: OpenPage
) -> None:
    person = visit(open_page, service, recaptcha_host)
    expect(person.frame.get_by_role("checkbox")).to_be_enabled()
    person.send()
    person.is_told("This field is required.")


@KINDS
def test_v2_invisible_asks_when_the_form_is_sent(
    service: Service, recaptcha_host: str, open_page: OpenPage, kind: PageKind
) -> None:
    person = visit(open_page, service, f"{recaptcha_host}/invisible", kind)
    person.send()
    person.pick_the_cats()
    person.is_welcome()
    is_used_up(person)


@KINDS
def test_v3_asks_when_the_form_is_sent_and_gives_action_and_score(
    service: Service, recaptcha_host: str, open_page: OpenPage, kind: PageKind
) -> None:
    person = visit(open_page, service, f"{recaptcha_host}/v3", kind)
    person.send()
    person.pick_the_cats()
    person.is_welcome()
    is_used_up(person)


def test_v3_refuses_a_token_for_another_action(
    service: Service, recaptcha_host: str, open_page: OpenPage
) -> None:
    person = visit(open_page, service, f"{recaptcha_host}/v3")
    person.page.evaluate(
        """key => {
          grecaptcha.execute(key, {action: "other"}).then((token) => (window.token = token));
        }""",
        service.keys["sitekey"],
    )
    person.pick_the_cats()
    token = person.page.wait_for_function("window.token").json_value()
    reply = person.page.request.post(f"{recaptcha_host}/v3", form={"name": "Ada", "captcha": token})
    assert reply.status == 400
    assert REFUSED in reply.text()


@pytest.mark.parametrize(
    ("path", "field"),
    [("", "g-recaptcha-response"), ("invisible", "g-recaptcha-response"), ("v3", "captcha")],
)
def test_a_token_that_was_made_up_is_refused(
    service: Service, recaptcha_host: str, open_page: OpenPage, path: str, field: str
) -> None:
    page = open_page(**DESKTOP)
    reply = page.request.post(f"{recaptcha_host}/{path}", form={"name": "Ada", field: "x" * 118})
    assert reply.status == 400
    assert REFUSED in reply.text()
