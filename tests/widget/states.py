"""Every state in which a visitor can see the widget, and how it comes about."""

from __future__ import annotations

from typing import Final

from tests.browser import DESKTOP, PHONE
from tests.widget.conftest import Widget
from tests.widget.fake_service import FakeService, Reply, problem

PETS = [{"picture": 1, "name": "Minka", "shelter": "Shelter X", "url": "https://shelter.example/"}]


def idle(widget: Widget, service: FakeService) -> None:
    widget.frame.locator("html[data-alive]").wait_for(state="attached")


def loading(widget: Widget, service: FakeService) -> None:
    service.picture_pause = lambda _index: 20.0
    ask(widget)
    widget.tiles.first.wait_for()


def opened(widget: Widget, service: FakeService) -> None:
    ask(widget)
    widget.wait_until_open()


def closer(widget: Widget, service: FakeService) -> None:
    opened(widget, service)
    widget.tiles.nth(1).focus()
    widget.page.keyboard.press("ArrowRight")
    widget.closer.wait_for()


def picked(widget: Widget, service: FakeService) -> None:
    opened(widget, service)
    for place in (0, 5):
        widget.tiles.nth(place).click()


def later(widget: Widget, service: FakeService) -> None:
    service.rounds = 2
    picked(widget, service)
    widget.done.click()
    widget.here.nth(11).wait_for()
    widget.tiles.nth(6).click()


def checking(widget: Widget, service: FakeService) -> None:
    service.answers = [Reply(200, service.token(), delay=20.0)]
    answer(widget, service)


def wrong(widget: Widget, service: FakeService) -> None:
    service.answers = [problem(422, "wrong_answer", "No.")]
    answer(widget, service)
    widget.notice.wait_for()
    widget.here.nth(11).wait_for()


def solved(widget: Widget, service: FakeService) -> None:
    answer(widget, service)
    widget.frame.locator('[data-state="solved"]').wait_for(state="attached")


def adopted(widget: Widget, service: FakeService) -> None:
    service.adopt = PETS
    solved(widget, service)


def expired(widget: Widget, service: FakeService) -> None:
    service.challenge_lifetime = 2.5
    ask(widget)
    widget.panel.wait_for()


def stale(widget: Widget, service: FakeService) -> None:
    service.token_lifetime = 2.5
    solved(widget, service)
    widget.frame.locator('[data-state="expired"]').wait_for(state="attached")


def failed(widget: Widget, service: FakeService) -> None:
    service.challenges = [problem(429, "too_many_requests", "Too many.", retry_after=300)]
    ask(widget)
    widget.panel.wait_for()


def misses(widget: Widget, service: FakeService) -> None:
    service.answers = [problem(422, "wrong_answer", "No.") for _ in range(5)]
    answer(widget, service)
    for _ in range(4):
        widget.solve()
    widget.panel.wait_for()


def reporting(widget: Widget, service: FakeService) -> None:
    picked(widget, service)
    widget.report.click()
    widget.tiles.nth(3).click()


def hurried(widget: Widget, service: FakeService) -> None:
    service.challenge_lifetime = 25.0
    opened(widget, service)
    widget.frame.locator('[data-part="extend"]').wait_for()


def ask(widget: Widget) -> None:
    """Wish for the grid, however one does that here."""
    widget.frame.locator("html[data-alive]").wait_for(state="attached")
    match widget.inside.evaluate("document.documentElement.dataset.mode"):
        case "invisible":
            widget.page.evaluate("void pawcha.execute().catch(() => {})")
        case "inline":
            # It did not wait for the service to be told what to do.
            widget.page.evaluate("pawcha.reset()")
        case _:
            widget.wish()


def answer(widget: Widget, service: FakeService) -> None:
    """Pick a photo and press Done."""
    opened(widget, service)
    widget.tiles.first.click()
    widget.done.click()


STATES: Final = {
    state.__name__: state
    for state in (
        idle, loading, opened, closer, picked, later, checking, wrong, solved, adopted, expired,
        stale, failed, misses, reporting, hurried,
    )
}  # fmt: skip
PLACES: Final[dict[str, dict[str, str]]] = {
    "normal": {},
    "compact": {"size": "compact"},
    "flexible": {"size": "flexible"},
    "inline": {"mode": "inline"},
    "invisible": {"mode": "invisible"},
    "test key": {"sitekey": "pawcha-test-challenge"},
}
THEMES: Final = ("light", "dark", "contrast")
DEVICES: Final = {"desktop": DESKTOP, "phone": PHONE}
LANGUAGES: Final = ("en", "de", "ar", "ja")
