"""Takes pictures of the widget, and looks whether anything in them is cut off or in the way."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any, Final, cast

from playwright.sync_api import Browser, Frame, Page

from tests.pictures.scenes import DEVICES, STATES, Scene, Shot
from tests.widget import fake_service

FAULTS: Final = Path(__file__).with_name("faults.js").read_text()


class Taken:
    """A picture, and what is wrong with what it shows."""

    def __init__(self, picture: bytes, faults: list[str]) -> None:
        self.picture = picture
        self.faults = faults


def take(browser: Browser, shot: Shot) -> Taken:
    """Bring a widget of its own into the shot's state and take a picture of the host page.

    Raises playwright's TimeoutError when the state does not come about.
    """
    scheme = {"color_scheme": "dark" if shot.theme == "dark" else "light"}
    kind: dict[str, Any] = {**DEVICES[shot.device], **scheme}
    with fake_service.running() as service, closing(browser.new_context(**kind)) as context:
        context.set_default_timeout(15_000)
        page = context.new_page()
        STATES[shot.state](Scene(page, service, shot))
        faults = cast("list[str]", _frame(page).evaluate(FAULTS))
        picture = page.screenshot(animations="disabled", full_page=shot.place == "inline")
    return Taken(picture, faults)


def _frame(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/pawcha/frame" in frame.url)


def write(folder: Path, shot: Shot, taken: Taken) -> Path:
    """Write the picture and return where it lies."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / shot.name
    place.write_bytes(taken.picture)
    return place
