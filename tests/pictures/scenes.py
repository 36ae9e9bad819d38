"""Pictures of the widget in its host page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from typing import Final

from playwright.sync_api import Browser

from tests.browser import PageKind
from tests.pictures.faults import faults
from tests.widget import fake_service
from tests.widget.conftest import SCRIPT, Widget, form
from tests.widget.states import DEVICES, LANGUAGES, PLACES, STATES, THEMES

# What the page around looks like: the widget has to fit on any.
GROUNDS: Final = {"light": "#f7ecdc", "dark": "#16121d", "contrast": "#000"}
# As large as the widget needs, so that it is easy to see on a sheet.
ROOMS: Final[dict[str, PageKind]] = {
    "desktop": DEVICES["desktop"] | {"viewport": {"width": 960, "height": 640}},
    "phone": DEVICES["phone"] | {"viewport": {"width": 360, "height": 600}},
}
# Where nothing is drawn outside the grid, these states show nothing.
UNSEEN: Final = frozenset({"idle", "solved", "adopted", "stale"})


@dataclass(frozen=True, slots=True)
class WidgetShot:
    """One picture to take."""

    place: str
    theme: str
    device: str
    language: str
    state: str

    @property
    def name(self) -> str:
        """Return the picture's file name."""
        words = (self.state, self.place, self.theme, self.device, self.language)
        return f"{'-'.join(words).replace(' ', '_')}.png"

    @property
    def sheet(self) -> str:
        """Return the name of the sheet that the picture belongs on."""
        return self.state

    def take(self, browser: Browser) -> Taken:
        """Return the picture: see `take`."""
        return take(browser, self)


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture (PNG), and what is wrong with what it shows."""

    picture: bytes
    faults: list[str]


def every_shot() -> Iterator[WidgetShot]:
    """Return all pictures there are in English, and every state in every other language."""
    for state, place, theme, device in product(STATES, PLACES, THEMES, DEVICES):
        if place != "invisible" or state not in UNSEEN:
            yield WidgetShot(place, theme, device, "en", state)
    for state, language in product(STATES, LANGUAGES[1:]):
        yield WidgetShot("normal", "light", "phone", language, state)


def take(browser: Browser, shot: WidgetShot) -> Taken:
    """Bring a widget of its own into the shot's state and take a picture of the host page.

    Raises playwright's TimeoutError when the state does not come about.
    """
    options = {"theme": shot.theme, "lang": shot.language, **PLACES[shot.place]}
    options |= {"refresh_timeout": "manual", "refresh_expired": "manual"}
    around = f"<style>body{{margin:24px;background:{GROUNDS[shot.theme]}}}</style>"
    with (
        fake_service.running() as service,
        closing(browser.new_context(**ROOMS[shot.device])) as context,
    ):
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(service.page(around + form(**options) + SCRIPT))
        page.wait_for_selector("iframe", state="attached")
        widget = Widget(page)
        STATES[shot.state](widget, service)
        wrong = faults(widget.inside)
        picture = page.screenshot(animations="disabled", full_page=shot.place == "inline")
    return Taken(picture, wrong)
