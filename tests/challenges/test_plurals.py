"""Plural forms: as a browser has them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from challenges.words import LANGUAGES
from challenges.words.plurals import category, counted

AS_IN_BROWSERS = """([tag, most]) => {
  const rules = new Intl.PluralRules(tag);
  return Array.from({ length: most }, (_, number) => rules.select(number));
}"""


@pytest.mark.browser
@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_has_the_forms_that_browsers_know(page: Page, tag: str) -> None:
    assert [category(tag, n) for n in range(1300)] == page.evaluate(AS_IN_BROWSERS, [tag, 1300])


def test_a_text_goes_with_its_number() -> None:
    forms = {"one": "{count} секунда", "few": "{count} секунды", "other": "{count} секунд"}
    assert [counted(forms, "ru", n) for n in (1, 22, 11, 5)] == [
        "1 секунда", "22 секунды", "11 секунд", "5 секунд",
    ]  # fmt: skip
