"""Somebody in front of a host site's page, whose eyes are borrowed from inside the service."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import APIResponse, FrameLocator, Page, Request, expect

from tests.e2e.conftest import Service, somebody


class Person:
    """Fills in a host's form, and picks the cats when asked."""

    def __init__(self, page: Page, service: Service) -> None:
        self.page = page
        self.service = service
        self.challenges: list[str] = []
        self.posted: list[tuple[str, dict[str, str]]] = []
        # Each person lives in another network.
        page.set_extra_http_headers(somebody())
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        path = request.url.split("/")
        if path[-1] == "pictures":
            self.challenges.append(path[-2])
        if request.method == "POST" and request.is_navigation_request():
            self.posted.append((request.url, request.post_data_json or {}))

    @property
    def frame(self) -> FrameLocator:
        """The widget's frame."""
        return self.page.frame_locator("iframe")

    def tick(self) -> None:
        """Click the check box."""
        self.frame.get_by_role("checkbox").click()

    def pick_the_cats(self) -> None:
        """Wait for the photos, pick all the cats and press Done."""
        expect(self.frame.locator('button[aria-disabled="false"] img[src^=blob]')).to_have_count(12)
        for place in self.service.cats_of(self.challenges[-1]):
            self.frame.get_by_role("button", name=f"Photo {place + 1} of 12").click()
        self.frame.get_by_role("button", name="Done").click()

    def send(self) -> None:
        """Press the form's button."""
        self.page.get_by_role("button", name="Send").click()

    def is_welcome(self) -> None:
        """Expect to be let in."""
        expect(self.page.get_by_text("Welcome, Ada!")).to_be_visible()

    def is_told(self, sentence: str) -> None:
        """Expect to be refused, in the client's words."""
        expect(self.page.locator(".errorlist")).to_contain_text(sentence)

    def post_again(self, **other: str) -> APIResponse:
        """Send the last form once more, with some of its fields changed."""
        url, form = self.posted[-1]
        data: dict[str, Any] = {**form, **other}
        return self.page.request.post(url, form=data)
