"""Photos that the server no longer knows of, or no longer takes: new ones come, in plain words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, Widget, form
from tests.widget.fake_service import FakeService, Reply, problem

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]

UNKNOWN = problem(404, "unknown_challenge", "English.")
EXPIRED = problem(410, "challenge_expired", "English.")
REPORTED = problem(409, "already_reported", "English.")


@pytest.fixture
def opened(page: Page, show: Show) -> Widget:
    """Return a widget with its photos, in German."""
    text = form(mode="inline", lang="de", refresh_timeout="manual") + SCRIPT
    return show(page, html=text).wait_until_open()


def report(widget: Widget) -> None:
    """Report the first photo."""
    widget.report.click()
    widget.tiles.first.click()
    widget.frame.locator('[data-part="report-send"]').click()


def test_an_answer_to_forgotten_photos_brings_new_ones(
    opened: Widget, service: FakeService
) -> None:
    service.answers = [UNKNOWN]
    opened.tiles.first.click()
    opened.frame.locator('[data-part="submit"]').click()
    expect(opened.hint).to_have_text("Diese Fotos sind nicht mehr bekannt. Hier kommen neue.")
    opened.wait_until_open()
    assert len(service.asked) == 2


def test_so_does_a_report(opened: Widget, service: FakeService) -> None:
    service.reports = [UNKNOWN]
    report(opened)
    expect(opened.hint).to_have_text("Diese Fotos sind nicht mehr bekannt. Hier kommen neue.")
    opened.wait_until_open()
    assert len(service.asked) == 2


def test_a_second_report_is_thanked_for_and_changes_nothing(
    opened: Widget, service: FakeService
) -> None:
    service.reports = [REPORTED]
    report(opened)
    expect(opened.hint).to_have_text("Du hast hier schon ein Bild gemeldet. Danke.")
    assert len(service.asked) == 1


def test_photos_that_are_gone_before_they_came_are_asked_for_by_hand(
    page: Page, show: Show, service: FakeService
) -> None:
    page.route("**/pictures", lambda route: route.fulfill(status=404, json=UNKNOWN.body))
    widget = show(page, html=form(mode="inline") + SCRIPT)
    expect(widget.sentence).to_have_text("Some photos did not arrive properly.")
    assert len(service.asked) == 1
    page.unroute("**/pictures")
    widget.action.click()
    widget.solve()
    widget.solved.wait_for()


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (UNKNOWN, '[data-part="hint"]:has-text("These photos are no longer known.")'),
        (EXPIRED, '[data-part="sentence"]:has-text("Time ran out for the last photos.")'),
    ],
)
def test_more_time_for_photos_that_are_gone_is_no_use(
    page: Page, show: Show, service: FakeService, refusal: Reply, sentence: str
) -> None:
    service.challenge_lifetime = 25.0
    service.extensions = [refusal]
    text = form(mode="inline", refresh_timeout="manual") + SCRIPT
    widget = show(page, html=text).wait_until_open()
    widget.frame.get_by_role("button", name="More time").click()
    expect(widget.frame.locator(sentence)).to_be_visible()
