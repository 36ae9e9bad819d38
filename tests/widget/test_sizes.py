"""The bar is as large as the one whose place it takes, and nothing is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.pictures.faults import faults
from tests.widget.conftest import Widget
from tests.widget.fake_service import FakeService

pytestmark = pytest.mark.browser
TURNSTILE = ("cf-turnstile", "/turnstile/v0/api.js")
HCAPTCHA = ("h-captcha", "/1/api.js")
RECAPTCHA = ("g-recaptcha", "/recaptcha/api.js")


@pytest.mark.parametrize("lang", ["en", "de", "fr"])
@pytest.mark.parametrize(
    ("face", "size", "expected"),
    [
        (TURNSTILE, "normal", (300, 65)),
        (TURNSTILE, "compact", (150, 140)),
        (TURNSTILE, "flexible", (420, 65)),
        (HCAPTCHA, "normal", (302, 76)),
        (HCAPTCHA, "compact", (158, 138)),
        (RECAPTCHA, "normal", (304, 78)),
    ],
)
def test_pages_leave_room_for_it(
    page: Page,
    service: FakeService,
    face: tuple[str, str],
    size: str,
    expected: tuple[int, int],
    lang: str,
) -> None:
    name, script = face
    page.goto(
        service.page(
            f'<form style="width: 420px"><div class="{name}" data-sitekey="fake-sitekey"'
            f' data-size="{size}" data-lang="{lang}"></div></form>'
            f'<script src="{{origin}}{script}"></script>'
        )
    )
    widget = Widget(page)
    expect(widget.check).to_be_enabled()
    page.wait_for_timeout(200)
    for one in (page.locator("iframe"), widget.bar):
        place = one.bounding_box()
        assert place is not None
        assert (place["width"], place["height"]) == expected
    assert faults(widget.inside) == []
    widget.solve()
    widget.solved.wait_for()
    assert faults(widget.inside) == []
