"""Every language says all there is to say, in forms that browsers ask for, and short enough."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from unicodedata import east_asian_width

import pytest
from playwright.sync_api import Page

from challenges.words import ENGLISH, FOLDER, LANGUAGES, choose, find, plurals, words

MASTER: Final = words("en")
ADDED: Final = sorted(set(LANGUAGES) - {"en"})
CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
# Forms that stand for one number only may say it in a word of their own.
SAYS_ITS_NUMBER: Final = {"ar": {"zero", "one", "two"}, "he": {"one", "two"}}
# The widest, in letters, that fits the bar (304 px) and the head and foot of the grid on a phone
# (300 px), seen on pictures of every language.
ROOM: Final = {
    "check": 24,
    "check_hint": 26,
    "submit": 14,
    "next": 14,
    "back": 16,
    "checking": 16,
    "refresh": 24,
    "more_time": 13,
    "close": 16,
    "adopt": 16,
    "report": 24,
    "report_back": 18,
    "report_send": 16,
    "privacy": 12,
}
# Words that are the same in English, and right.
BORROWED: Final = {("it", "privacy"), ("nl", "privacy")}

every_language = pytest.mark.parametrize("tag", sorted(LANGUAGES))
every_added_language = pytest.mark.parametrize("tag", ADDED)


def is_plural(said: Any) -> bool:
    """Return whether an object holds the forms of one text, and no texts of their own."""
    return isinstance(said, dict) and "other" in said


def flat(said: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text's dotted name with its forms; a text without forms has "other" only."""
    for key, value in said.items():
        if is_plural(value):
            yield path + key, value
        elif isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield path + key, {"other": value}


def texts(tag: str) -> dict[str, dict[str, str]]:
    """Return a language's forms by the dotted name of the text."""
    return dict(flat(words(tag)))


def placeholders(text: str) -> list[str]:
    """Return the names of the placeholders in a text."""
    return sorted(re.findall(r"\{(\w+)\}", text))


def width(text: str) -> int:
    """Return how wide a text is in letters of ours: Chinese and the like take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def test_every_language_has_a_file_and_every_file_a_language() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LANGUAGES)


@every_added_language
def test_it_has_exactly_the_texts_of_the_master_in_the_same_order(tag: str) -> None:
    assert list(texts(tag)) == list(texts("en"))
    plural = {name for name, said in words(tag).items() if is_plural(said)}
    assert plural == {name for name, said in MASTER.items() if is_plural(said)}


@every_language
def test_its_file_is_formatted_like_all_others(tag: str) -> None:
    text = (FOLDER / f"{tag}.json").read_text(encoding="utf-8")
    assert text == json.dumps(words(tag), ensure_ascii=False, indent=2) + "\n"


@every_added_language
def test_it_keeps_the_placeholders(tag: str) -> None:
    for name, forms in texts(tag).items():
        wanted = placeholders(texts("en")[name]["other"])
        for category, form in forms.items():
            kept = placeholders(form)
            if category in SAYS_ITS_NUMBER.get(tag, ()):
                kept = sorted({*kept, "count"} & set(wanted))
            assert kept == wanted, f"{name}.{category}: {form!r}"
            assert not re.search(r"[{}]", re.sub(r"\{\w+\}", "", form)), f"{name}: {form!r}"


@every_language
def test_no_text_is_empty_or_has_space_around_it(tag: str) -> None:
    for name, forms in texts(tag).items():
        for form in forms.values():
            assert form.strip(), name
            assert form == form.strip(), f"{name}: {form!r}"
            assert "  " not in form, f"{name}: {form!r}"
            assert "..." not in form, f"{name}: an ellipsis is one letter"


@every_added_language
def test_nothing_was_left_in_english(tag: str) -> None:
    english = texts("en")
    for name, forms in texts(tag).items():
        if name != "clock" and (tag, name) not in BORROWED:
            assert not set(forms.values()) & set(english[name].values()), f"{name}: {forms}"


@every_language
def test_it_names_the_button_as_the_button_is_named(tag: str) -> None:
    said = words(tag)
    assert said["submit"] in said["hint"]
    assert said["next"] in said["hint_next"]
    assert said["submit"] in said["fallback"]["how"]
    assert said["adopt"] in said["adopt_label"]
    assert said["fallback"]["title"] == said["prompt"]


@every_language
@pytest.mark.parametrize("name", sorted(ROOM))
def test_short_words_fit_where_they_stand(tag: str, name: str) -> None:
    assert width(words(tag)[name]) <= ROOM[name]


def test_french_punctuation_stands_off_by_a_thin_space() -> None:
    for name, forms in texts("fr").items():
        for form in forms.values():
            alone = form.replace("{minutes}:{seconds}", "")
            assert not re.search(r"[^\u202f][!?:;»]|«[^\u202f]", alone), f"{name}: {form!r}"


@pytest.mark.parametrize("tag", ["ja", "zh-Hans", "zh-Hant"])
def test_punctuation_beside_wide_letters_is_wide(tag: str) -> None:
    wide = r"[\u3040-\u30ff\u4e00-\u9fff]"
    for name, forms in texts(tag).items():
        for form in forms.values():
            assert not re.search(rf"{wide}[,.!?:;(]|[,!?;)]{wide}", form), f"{name}: {form!r}"


@every_language
def test_no_marks_of_direction_are_hidden_in_it(tag: str) -> None:
    text = (FOLDER / f"{tag}.json").read_text(encoding="utf-8")
    assert not re.search(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.browser
def test_the_forms_are_those_that_browsers_ask_for(page: Page) -> None:
    asked: dict[str, list[str]] = page.evaluate(
        """(tags) => Object.fromEntries(tags.map(
            (tag) => [tag, new Intl.PluralRules(tag).resolvedOptions().pluralCategories]))""",
        list(LANGUAGES),
    )
    for tag, categories in asked.items():
        in_order = [category for category in CATEGORIES if category in categories]
        for name, said in words(tag).items():
            if is_plural(said):
                assert list(said) == in_order, f"{tag}: {name}"


@pytest.mark.browser
def test_pages_without_scripts_choose_forms_as_browsers_do(page: Page) -> None:
    asked: dict[str, list[str]] = page.evaluate(
        """(tags) => Object.fromEntries(tags.map((tag) => {
            const rules = new Intl.PluralRules(tag);
            return [tag, Array.from({length: 250}, (_, count) => rules.select(count))];
        }))""",
        list(LANGUAGES),
    )
    for tag, categories in asked.items():
        assert [plurals.category(tag, count) for count in range(250)] == categories, tag


def test_only_languages_with_a_second_reader_are_no_drafts() -> None:
    reviewed = {tag for tag, language in LANGUAGES.items() if not language.draft}
    assert reviewed == {"en", "de", "fr", "es", "pt", "it"}


def test_the_docs_say_which_languages_are_drafts() -> None:
    docs = Path(__file__).parents[2].joinpath("docs/embed.md").read_text(encoding="utf-8")
    named = re.search(r"[Dd]rafts?: ([^.]+)\.", docs)
    assert named is not None
    drafts = {language.tag for language in LANGUAGES.values() if language.draft}
    assert set(re.findall(r"\b[a-z]{2}(?:-[A-Z][a-z]{3})?\b", named[1])) == drafts


def test_only_arabic_and_hebrew_run_from_right_to_left() -> None:
    assert {tag for tag, one in LANGUAGES.items() if one.direction == "rtl"} == {"ar", "he"}
    assert {one.direction for one in LANGUAGES.values()} == {"ltr", "rtl"}


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        (" fr-CA ", "fr"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
        ("iw", "he"),
        ("iw-IL", "he"),
        ("in", "id"),
        ("ar-EG-u-nu-latn", "ar"),
    ],
)
def test_it_finds_the_language_of_a_tag(tag: str, found: str) -> None:
    language = find(tag)
    assert language is not None
    assert language.tag == found


@pytest.mark.parametrize(
    "tag", ["", " ", "-", "*", "auto", "tlh", "d", "english", "en.json", "../en", "\0", "de/../en"]
)
def test_it_finds_nothing_for_what_we_do_not_speak(tag: str) -> None:
    assert find(tag) is None


def test_it_reads_no_more_of_a_tag_than_a_tag_can_be_long() -> None:
    assert find("de" + "-x" * 1_000_000) == LANGUAGES["de"]


@pytest.mark.parametrize(
    ("option", "page_says", "browser_says", "chosen"),
    [
        ("fr", "de", "es", "fr"),
        ("", "de", "es", "de"),
        ("", "", "es", "es"),
        ("", "", "", "en"),
        ("auto", "tlh", "it-CH", "it"),
        ("tlh", "", "", "en"),
    ],
)
def test_the_option_beats_the_page_and_the_page_the_browser(
    option: str, page_says: str, browser_says: str, chosen: str
) -> None:
    assert choose([option, page_says], browser_says).tag == chosen


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr;q=0.9, de;q=0.7", "fr"),
        ("en;q=0.8,fr;q=0.8", "en"),
        ("tlh, ko;q=0.1", "ko"),
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("ja ; Q=0.7, tr; q=1.000", "tr"),
        ("de;q=0, fr;q=0.001", "fr"),
        ("*", "en"),
        ("*, nl;q=0.5", "nl"),
        (",,;;q=,=,", "en"),
        ("de;q=nan, de;q=inf, de;q=2, de;q=-1, de;q=x, de;q=, de;q=1e9, pl;q=0.1", "pl"),
        ("de;level=1, uk", "uk"),
        ("\0, vi", "vi"),
    ],
)
def test_it_reads_what_the_browser_prefers(header: str, chosen: str) -> None:
    assert choose([], header).tag == chosen


def test_it_reads_no_more_than_the_beginning_of_an_overlong_header() -> None:
    assert choose([], "tlh," * 1_000_000 + "de") == ENGLISH
    assert choose([], "ru," + "tlh," * 1_000_000) == LANGUAGES["ru"]


def test_a_language_that_we_do_not_speak_has_no_words() -> None:
    with pytest.raises(KeyError):
        words("../en")
