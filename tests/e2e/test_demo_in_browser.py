"""A person signs up on the demo page of a running Pawcha, in a real Chromium."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Request, expect

from tests.browser import PHONE, OpenPage
from tests.e2e.conftest import Service, somebody

pytestmark = pytest.mark.browser


class Person:
    """Somebody in front of the demo page. The eyes are borrowed from inside the service."""

    def __init__(self, page: Page, service: Service, path: str = "/") -> None:
        self.page = page
        self.service = service
        self.challenges: list[str] = []
        self.looked_at = 0
        self.loaded: list[str] = []
        # Each person lives in another network.
        page.set_extra_http_headers(somebody())
        page.on("request", self._note)
        page.goto(f"{service.url}{path}")

    def _note(self, request: Request) -> None:
        self.loaded.append(request.url)
        path = request.url.split("/")
        if path[-1] == "pictures":
            self.challenges.append(path[-2])

    @property
    def frame(self) -> FrameLocator:
        """The widget's frame."""
        return self.page.frame_locator("iframe")

    @property
    def thanks(self) -> Locator:
        """What is said in the end."""
        return self.frame.get_by_role("heading", name="Thank you!", exact=True)

    def cats(self) -> list[int]:
        """Wait for the pictures of one more challenge and return which of them are cats."""
        until = time.monotonic() + 20
        while len(self.challenges) == self.looked_at and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        self.looked_at = len(self.challenges)
        expect(self.frame.locator("button[aria-pressed] img[src^=blob]")).to_have_count(12)
        return self.service.cats_of(self.challenges[-1])

    def pick(self, places: list[int]) -> None:
        """Pick these pictures with the mouse, and press Done."""
        for place in places:
            self.frame.get_by_role("button", name=f"Photo {place + 1} of 12").click()
        self.frame.get_by_role("button", name="Done").click()

    def fill_in(self) -> None:
        """Fill in the form's own fields."""
        self.page.get_by_label("Your name").fill("Ada")
        self.page.get_by_label("Your e-mail").fill("ada@example.org")

    def join(self) -> None:
        """Send the form."""
        self.page.get_by_role("button", name="Join").click()


@pytest.mark.parametrize("kind", [{}, PHONE], ids=["desktop", "phone"])
def test_a_person_picks_the_cats_and_signs_up(
    service: Service, open_page: OpenPage, kind: dict[str, Any]
) -> None:
    person = Person(open_page(**kind), service)
    person.fill_in()
    person.pick(person.cats())
    expect(person.thanks).to_be_visible()
    field = person.page.locator('form input[name="pawcha-response"]')
    expect(field).to_have_value(re.compile(r"^[A-Za-z0-9_-]{118}$"))
    person.join()
    expect(person.page.get_by_text("Welcome, Ada!")).to_be_visible()


def test_a_person_signs_up_with_the_keyboard_alone(service: Service, open_page: OpenPage) -> None:
    person = Person(open_page(), service)
    person.fill_in()
    cats = person.cats()
    person.frame.get_by_role("button", name="Photo 1 of 12").focus()
    press = person.page.keyboard.press
    for place in range(12):
        if place in cats:
            press("Space")
        press("ArrowRight")
    person.frame.get_by_role("button", name="Done").press("Enter")
    expect(person.thanks).to_be_visible()
    person.page.get_by_role("button", name="Join").press("Enter")
    expect(person.page.get_by_text("Welcome, Ada!")).to_be_visible()


def test_a_wrong_answer_is_one_sentence_and_fresh_pictures(
    service: Service, open_page: OpenPage
) -> None:
    person = Person(open_page(), service)
    cats = person.cats()
    person.pick([place for place in range(12) if place not in cats])
    sentence = "Not quite: please try these new pictures."
    expect(person.frame.get_by_text(sentence, exact=True)).to_be_visible()
    person.pick(person.cats())
    assert len(set(person.challenges)) == 2
    expect(person.thanks).to_be_visible()


def test_new_pictures_bring_another_challenge(service: Service, open_page: OpenPage) -> None:
    person = Person(open_page(), service)
    person.cats()
    person.frame.get_by_role("button", name="New pictures").click()
    person.pick(person.cats())
    expect(person.thanks).to_be_visible()
    assert len(set(person.challenges)) == 2


def test_without_javascript_a_person_picks_the_cats_and_pastes_the_code(
    service: Service, open_page: OpenPage
) -> None:
    person = Person(open_page(java_script_enabled=False), service)
    person.fill_in()
    challenge = person.frame.locator('input[name="id"]').get_attribute("value")
    assert challenge is not None
    for place in service.cats_of(challenge):
        person.frame.get_by_role("checkbox").nth(place).check()
    person.frame.get_by_role("button", name="Done").click()
    code = person.frame.get_by_role("textbox").input_value()
    person.page.get_by_label("Paste the code here").fill(code)
    person.join()
    expect(person.page.get_by_text("Welcome, Ada!")).to_be_visible()


def test_the_page_of_all_shapes_shows_them_and_their_states(
    service: Service, open_page: OpenPage
) -> None:
    person = Person(open_page(), service, "/demo/modes/")
    shapes = person.page.locator(".pawcha iframe")
    expect(shapes).to_have_count(11)
    for shape in range(11):
        main = shapes.nth(shape).content_frame.locator("main")
        expect(main).to_have_attribute("data-problem", "")
    person.page.get_by_role("button", name="Send").click()
    invisible = person.page.locator("#on-a-button iframe").content_frame
    expect(invisible.locator('.tile[aria-disabled="false"]')).to_have_count(12)
    invisible.get_by_role("button", name="Close").click()
    expect(person.page.locator(".shape:has(#on-a-button) output")).to_have_text("idle")


def test_the_form_is_not_taken_without_a_token(service: Service, open_page: OpenPage) -> None:
    person = Person(open_page(), service)
    person.cats()
    person.fill_in()
    person.join()
    expect(person.page.get_by_role("alert")).to_contain_text("pick the cats")


def test_nothing_is_loaded_from_anybody_else(service: Service, open_page: OpenPage) -> None:
    person = Person(open_page(), service)
    person.cats()
    elsewhere = [url for url in person.loaded if not url.startswith((service.url, "blob:"))]
    assert elsewhere == []
    assert person.page.context.cookies() == [
        cookie for cookie in person.page.context.cookies() if cookie["name"] == "csrftoken"
    ]


def test_a_page_of_another_host_cannot_show_the_widget(
    service: Service, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{service.url}/pawcha/frame?sitekey={service.keys['sitekey']}")
    policy = page.request.get(
        f"{service.url}/pawcha/frame?sitekey={service.keys['sitekey']}"
    ).headers["content-security-policy"]
    assert "frame-ancestors http://127.0.0.1:* https://127.0.0.1:*" in policy
