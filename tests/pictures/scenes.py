"""What there is to see: every place, theme, device and language, and how each state comes about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE, PageKind
from tests.widget.conftest import Widget
from tests.widget.fake_service import SITEKEY, FakeService, Reply, problem

PLACES: Final = {
    "checkbox": {"mode": "checkbox"},
    "compact": {"mode": "checkbox", "size": "compact"},
    "flexible": {"mode": "checkbox", "size": "flexible"},
    "inline": {"mode": "inline"},
    "invisible": {"mode": "invisible"},
}
THEMES: Final = ("light", "dark", "contrast")
DEVICES: Final[dict[str, PageKind]] = {"desktop": DESKTOP, "phone": PHONE}
LANGUAGES: Final = ("en", "de", "ar", "ja")
# What the page around looks like: the widget has to fit on any.
GROUNDS: Final = {"light": "#f7ecdc", "dark": "#16121d", "contrast": "#000"}


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take."""

    place: str
    theme: str
    device: str
    language: str
    state: str

    @property
    def name(self) -> str:
        """Return the picture's file name."""
        return f"{self.state}-{self.place}-{self.theme}-{self.device}-{self.language}.png"

    @property
    def possible(self) -> bool:
        """Return whether there is anything to see: an invisible widget shows the grid only."""
        return self.place != "invisible" or self.state in WHILE_OPEN


class Scene:
    """A host page with one widget, on its way to a state."""

    def __init__(self, page: Page, service: FakeService, shot: Shot) -> None:
        self.page = page
        self.service = service
        self.shot = shot
        self.widget = Widget(page)
        self.sitekey = SITEKEY

    def show(self) -> Widget:
        """Open the host page."""
        words = PLACES[self.shot.place] | {"theme": self.shot.theme, "lang": self.shot.language}
        attributes = " ".join(f'data-{name}="{value}"' for name, value in words.items())
        self.page.goto(
            self.service.page(
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                f'<body style="margin:24px;background:{GROUNDS[self.shot.theme]}">'
                f'<form><div class="pawcha" data-sitekey="{self.sitekey}" {attributes}></div>'
                "</form>"
                '<script src="{origin}/pawcha/api.js"></script>'
            )
        )
        return self.widget

    def open(self) -> Widget:
        """Open the host page and ask for the grid."""
        self.show()
        self.ask()
        return self.widget

    def ask(self) -> None:
        """Ask for the grid, as one does in this place."""
        if self.shot.place == "invisible":
            self.page.evaluate("pawcha.execute().catch(() => {})")
        elif self.shot.place != "inline":
            self.widget.check.click()

    def full(self) -> Widget:
        """Open the grid and wait until all its photos are here."""
        widget = self.open()
        widget.here.nth(11).wait_for()
        return widget

    def answer(self) -> Widget:
        """Pick a photo and press Done."""
        widget = self.full()
        widget.tiles.first.click()
        widget.done.click()
        return widget


def idle(scene: Scene) -> None:
    scene.show().check.wait_for()


def loading(scene: Scene) -> None:
    scene.service.picture_pause = lambda index: 0.0 if index < 5 else 30.0
    scene.open().here.nth(4).wait_for()


def opened(scene: Scene) -> None:
    scene.full()


def picked(scene: Scene) -> None:
    widget = scene.full()
    for place in (0, 3, 5, 10):
        widget.tiles.nth(place).click()


def closer(scene: Scene) -> None:
    widget = scene.full()
    widget.tiles.nth(1).focus()
    scene.page.keyboard.press("ArrowRight")
    widget.closer.wait_for()


def report(scene: Scene) -> None:
    scene.full().report.click()


def checking(scene: Scene) -> None:
    scene.service.answers.append(Reply(200, scene.service.token(), delay=30))
    scene.answer()


def wrong(scene: Scene) -> None:
    scene.service.answers.append(problem(422, "wrong_answer", "Not quite."))
    widget = scene.answer()
    scene.page.wait_for_function("true")
    widget.notice.wait_for()
    widget.here.nth(11).wait_for()


def solved(scene: Scene) -> None:
    scene.answer().solved.wait_for()


def adopt(scene: Scene) -> None:
    reply = scene.service.token() | {"adopt": PETS}
    scene.service.answers.append(Reply(200, reply))
    scene.answer().adopt.first.wait_for()


def expired(scene: Scene) -> None:
    scene.service.challenge_lifetime = 3
    scene.full().panel.wait_for()


def stale(scene: Scene) -> None:
    scene.service.token_lifetime = 3
    scene.answer().stale.wait_for()


def waiting(scene: Scene) -> None:
    scene.service.challenges.append(problem(429, "too_many_requests", "Too many.", retry_after=90))
    scene.open().panel.wait_for()


def misses(scene: Scene) -> None:
    scene.service.answers.extend(problem(422, "wrong_answer", "Not quite.") for _ in range(5))
    widget = scene.answer()
    for _ in range(4):
        widget.here.nth(11).wait_for()
        widget.tiles.first.click()
        widget.done.click()
    widget.contact.wait_for()


def test_key(scene: Scene) -> None:
    scene.sitekey = "pawcha-test-challenge"
    scene.full()


PETS: Final[list[dict[str, Any]]] = [
    {"picture": 0, "name": "Minka", "shelter": "Shelter Greenhill", "url": "https://a.example/1"},
    {"picture": 4, "name": "Herr Schnurr", "shelter": "Tierheim Süd", "url": "https://a.example/2"},
]
STATES: Final[dict[str, Callable[[Scene], None]]] = {
    "idle": idle,
    "loading": loading,
    "open": opened,
    "picked": picked,
    "closer": closer,
    "report": report,
    "checking": checking,
    "wrong": wrong,
    "solved": solved,
    "adopt": adopt,
    "expired": expired,
    "stale": stale,
    "waiting": waiting,
    "misses": misses,
    "test": test_key,
}
WHILE_OPEN: Final = frozenset(STATES) - {"idle", "solved", "adopt", "stale"}


def every_shot() -> Iterator[Shot]:
    """Return all pictures there are in English, and every state in every other language."""
    for state, place, theme, device in product(STATES, PLACES, THEMES, DEVICES):
        yield Shot(place, theme, device, "en", state)
    for state, language in product(STATES, LANGUAGES[1:]):
        yield Shot("checkbox", "light", "phone", language, state)
