"""Pictures of the page without JavaScript, as large as reCAPTCHA's clients embed it, and larger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from typing import Final

from playwright.sync_api import Browser

from challenges.fallback_page import Content, Place, render
from challenges.flows.adoption import Adoption
from challenges.models import Site
from challenges.words import LANGUAGES
from tests.browser import DESKTOP, PHONE, PageKind
from tests.pictures.faults import faults
from tests.pictures.scenes import Taken
from tests.widget import fake_service

ROOMS: Final[dict[str, PageKind]] = {
    "embedded": DESKTOP | {"viewport": {"width": 302, "height": 422}},
    "phone": PHONE,
    "desktop": DESKTOP | {"viewport": {"width": 700, "height": 640}},
}
PET: Final = Adoption(2, "Minka", "Shelter Greenhill", "https://shelter.example/minka")
TAGS: Final = ("en", "de", "ar")


@dataclass(frozen=True, slots=True)
class PlainShot:
    """One picture of the page without JavaScript."""

    kind: str
    room: str
    scheme: str
    language: str

    @property
    def name(self) -> str:
        """Return the picture's file name."""
        return f"plain-{self.kind}-{self.room}-{self.scheme}-{self.language}.png"

    @property
    def sheet(self) -> str:
        """Return the name of the sheet that the picture belongs on."""
        return "plain"

    def content(self, place: Place) -> Content:
        """Return what the page says."""
        words = place.words
        match self.kind:
            case "grid":
                return Content(challenge="challenge-1", picked=frozenset({1, 4}))
            case "wrong":
                return Content(sentence=words["errors"]["wrong_answer"], challenge="challenge-1")
            case "code":
                return Content(token=fake_service.TOKEN, adopt=[PET])
        return Content(status=429, sentence=words["errors"]["too_many_requests"], wait=40)

    def take(self, browser: Browser) -> Taken:
        """Return the picture of the page as the service renders it, with JavaScript off."""
        site = Site(sitekey=fake_service.SITEKEY, hosts=["localhost"], contact="help@example.org")
        place = Place("/fallback?k=x", LANGUAGES[self.language], site=site)
        room = {**ROOMS[self.room], "color_scheme": self.scheme, "java_script_enabled": False}
        with fake_service.running() as service, closing(browser.new_context(**room)) as context:
            service.plain = render(place, self.content(place))
            page = context.new_page()
            page.goto(f"{service.origin}/fallback", wait_until="networkidle")
            return Taken(page.screenshot(full_page=True), faults(page.main_frame))


def every_shot() -> Iterator[PlainShot]:
    """Return every kind of page in every room, light and dark, in three languages."""
    kinds = ("grid", "wrong", "code", "problem")
    for kind, room, scheme, language in product(kinds, ROOMS, ("light", "dark"), TAGS):
        yield PlainShot(kind, room, scheme, language)
