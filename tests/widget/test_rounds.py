"""Several rounds, and other numbers of photos than twelve."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, OpenPage, PageKind
from tests.pictures.faults import faults
from tests.widget.conftest import FORM, SCRIPT, WORDS, Widget, box, form
from tests.widget.fake_service import FakeService, problem
from tests.widget.test_access import violations

pytestmark = pytest.mark.browser

ROUND = WORDS["round"]


def show(page: Page, service: FakeService, per_round: int, rounds: int = 1) -> Widget:
    """Open the widget, wish for the photos, and wait until those of the first round are here."""
    service.per_round, service.rounds = per_round, rounds
    page.goto(service.page(FORM + SCRIPT))
    widget = Widget(page)
    widget.wish()
    widget.here.nth(per_round - 1).wait_for()
    return widget


def named(widget: Widget) -> list[str | None]:
    """Return the names of the photos on the screen."""
    return [tile.get_attribute("aria-label") for tile in widget.tiles.all()]


def test_two_rounds_are_solved_by_mouse_in_one_answer(page: Page, service: FakeService) -> None:
    widget = show(page, service, 12, 2)
    label, back = (widget.frame.locator(f'[data-part="{name}"]') for name in ("round", "back"))
    expect(label).to_have_text(ROUND.format(round=1, rounds=2))
    expect(widget.hint).to_have_text(WORDS["hint_next"])
    expect(widget.done).to_have_text(WORDS["next"])
    expect(widget.done).to_be_disabled()
    expect(back).to_be_hidden()
    widget.tiles.nth(3).click()
    widget.done.click()
    expect(label).to_have_text(ROUND.format(round=2, rounds=2))
    expect(widget.status).to_contain_text(ROUND.format(round=2, rounds=2))
    expect(widget.done).to_have_text(WORDS["submit"])
    expect(widget.done).to_be_disabled()
    assert widget.tiles.count() == 12
    assert named(widget)[2] == WORDS["photo"].format(place=3, count=12)
    widget.here.nth(11).wait_for()
    widget.tiles.nth(0).click()
    # Back: the picks are as they were, and can be changed.
    back.click()
    expect(label).to_have_text(ROUND.format(round=1, rounds=2))
    assert [tile.get_attribute("aria-pressed") for tile in widget.tiles.all()].index("true") == 3
    widget.tiles.nth(3).click()
    expect(widget.done).to_be_disabled()
    widget.tiles.nth(5).click()
    widget.done.click()
    assert service.answered == []
    widget.done.click()
    widget.solved.wait_for()
    assert service.answered == [{"picks": [5, 12]}]


def test_two_rounds_are_solved_by_keyboard(page: Page, service: FakeService) -> None:
    widget = show(page, service, 9, 2)
    widget.tiles.first.focus()
    for key in ("ArrowDown", "Space", "Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(widget.frame.locator('[data-part="round"]')).to_have_text(
        ROUND.format(round=2, rounds=2)
    )
    widget.here.nth(8).wait_for()
    # The keyboard is on the first photo of the new round.
    expect(widget.tiles.first).to_be_focused()
    for key in ("End", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(widget.done).to_be_focused()
    page.keyboard.press("Enter")
    widget.solved.wait_for()
    assert service.answered == [{"picks": [3, 17]}]


def test_later_rounds_arrive_while_one_picks(page: Page, service: FakeService) -> None:
    service.picture_pause = lambda index: 0.0 if index < 9 else 0.4 if index == 9 else 0.0
    widget = show(page, service, 9, 3)
    widget.tiles.first.click()
    widget.done.click()
    widget.here.nth(8).wait_for()
    expect(widget.done).to_have_text(WORDS["next"])


def test_a_wrong_answer_begins_with_the_first_round_again(page: Page, service: FakeService) -> None:
    service.answers = [problem(422, "wrong_answer", "No.")]
    widget = show(page, service, 9, 2)
    for _ in range(2):
        widget.here.nth(8).wait_for()
        widget.tiles.first.click()
        widget.done.click()
    widget.notice.wait_for()
    widget.here.nth(8).wait_for()
    expect(widget.frame.locator('[data-part="round"]')).to_have_text(
        ROUND.format(round=1, rounds=2)
    )
    expect(widget.fresh).to_be_visible()
    expect(widget.done).to_have_text(WORDS["next"])
    assert widget.hint.text_content() == WORDS["errors"]["wrong_answer"]


def test_a_picture_of_a_later_round_is_reported_by_its_own_number(
    page: Page, service: FakeService
) -> None:
    widget = show(page, service, 9, 2)
    widget.tiles.nth(1).click()
    widget.done.click()
    widget.here.nth(8).wait_for()
    widget.tiles.nth(2).click()
    widget.report.click()
    widget.tiles.nth(4).click()
    widget.frame.locator('[data-part="report-send"]').click()
    expect(widget.hint).to_have_text(WORDS["report_thanks"])
    assert service.reported == [{"picture": 13}]
    widget.done.click()
    widget.solved.wait_for()
    assert service.answered == [{"picks": [1, 11]}]


def test_pets_of_all_rounds_are_shown_with_their_photos(page: Page, service: FakeService) -> None:
    service.adopt = [
        {"picture": 15, "name": "Minka", "shelter": "Shelter X", "url": "https://shelter.example/"}
    ]
    widget = show(page, service, 9, 2)
    widget.tiles.first.click()
    widget.done.click()
    widget.here.nth(8).wait_for()
    photo = widget.tiles.nth(6).locator("img").get_attribute("src")
    widget.tiles.first.click()
    widget.done.click()
    widget.adopt.wait_for()
    assert widget.adopt.locator("img").get_attribute("src") == photo


@pytest.mark.parametrize("kind", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(("count", "columns"), [(9, 3), (10, 4), (16, 4)])
def test_any_number_of_photos_fits_and_moves_by_arrows(
    open_page: OpenPage, service: FakeService, kind: PageKind, count: int, columns: int
) -> None:
    page = open_page(**kind)
    widget = show(page, service, count)
    first, below = box(widget.tiles.first), box(widget.tiles.nth(columns))
    assert below["left"] == pytest.approx(first["left"], abs=0.5)
    assert below["top"] > first["top"]
    assert first["width"] == pytest.approx(first["height"], abs=0.5)
    room = kind["viewport"]
    for part in (widget.card, widget.done, widget.tiles.last):
        edges = box(part)
        assert 0 <= edges["left"] < edges["right"] <= room["width"]
        assert edges["bottom"] <= room["height"]
    widget.tiles.first.focus()
    page.keyboard.press("ArrowDown")
    expect(widget.tiles.nth(columns)).to_be_focused()


def test_a_later_round_has_room_on_a_phone_in_arabic(phone: Page, service: FakeService) -> None:
    service.per_round, service.rounds = 9, 3
    phone.goto(service.page(form(lang="ar") + SCRIPT))
    widget = Widget(phone)
    widget.wish()
    widget.here.nth(8).wait_for()
    widget.tiles.first.click()
    widget.done.click()
    widget.here.nth(8).wait_for()
    assert violations(widget) == []
    assert faults(widget.inside) == []


def test_the_site_s_theme_counts_where_the_page_asks_for_none(
    page: Page, service: FakeService
) -> None:
    service.theme = "contrast"
    page.goto(service.page(FORM + SCRIPT))
    themed = page.frame_locator("iframe").locator("html")
    expect(themed).to_have_attribute("data-theme", "contrast")
    page.goto(service.page(form(theme="light") + SCRIPT, path="/light"))
    expect(themed).to_have_attribute("data-theme", "light")


def test_a_site_in_test_mode_has_the_banner(page: Page, service: FakeService) -> None:
    service.test_mode = True
    page.goto(service.page(FORM + SCRIPT))
    banner = page.frame_locator("iframe").locator(".banner:visible")
    expect(banner).to_have_text(WORDS["test_banner"])
