"""The eye of `make pictures` sees what is broken."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.pictures.faults import faults

pytestmark = pytest.mark.browser
GOOD = "<p>All is well.</p><button>Yes</button><button>No</button>"
WORD = "Donaudampfschifffahrt"


def test_it_finds_nothing_in_a_tidy_page(page: Page) -> None:
    page.set_content(GOOD)
    assert faults(page.main_frame) == []


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (f'<p style="width: 40px; overflow: hidden">{WORD}</p>', f"cut off: {WORD}"),
        (f'<p style="position: fixed; left: -50px">{WORD}</p>', f"outside: {WORD}"),
        ('<button style="position: fixed; inset: 0 0 0 0">Over</button>', "Yes lies on Over"),
        ('<div style="width: 3000px">&nbsp;</div>', "the page needs 3008 pixels and has 1280"),
    ],
)
def test_it_says_what_is_broken(page: Page, broken: str, sentence: str) -> None:
    page.set_content(GOOD + broken)
    assert sentence in faults(page.main_frame)


def test_it_passes_over_words_for_ears_only(page: Page) -> None:
    hidden = "position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%)"
    page.set_content(f'{GOOD}<p style="{hidden}">{WORD}</p>')
    assert faults(page.main_frame) == []
