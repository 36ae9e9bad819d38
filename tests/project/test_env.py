"""Values of the environment: a bad one stops the start and names itself."""

from __future__ import annotations

import pytest
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from captcha_site import env


@pytest.mark.parametrize("value", ["0", "26", "ten", "-1", "2.5"])
def test_a_number_out_of_reach_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    sentence = f"PAWCHA_X is '{value}': write a whole number from 1 to 25."
    with pytest.raises(ImproperlyConfigured, match=sentence):
        env.whole("PAWCHA_X", 10, least=1, most=25)


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("25", 25), (" 7 ", 7)])
def test_a_number_within_reach_is_taken(
    monkeypatch: pytest.MonkeyPatch, value: str, number: int
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    assert env.whole("PAWCHA_X", 10, least=1, most=25) == number


def test_without_a_value_it_is_the_default() -> None:
    assert env.whole("PAWCHA_NOT_SET", 10, least=1) == 10


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("", None),
        ("off", None),
        ("daily", crontab("0", "3")),
        ("Weekly", crontab("0", "3", "0")),
        ("monthly", crontab("0", "3", day_of_month="1")),
        ("30 2 1-7 * 6", crontab("30", "2", "6", "1-7")),
    ],
)
def test_a_rhythm_is_a_word_or_a_crontab_line(
    monkeypatch: pytest.MonkeyPatch, value: str, meant: crontab | None
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    assert env.rhythm("PAWCHA_X") == meant


@pytest.mark.parametrize("value", ["weekli", "3", "* * *", "0 99 * * *"])
def test_another_rhythm_is_refused_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    with pytest.raises(ImproperlyConfigured, match="write daily, weekly, monthly, five fields"):
        env.rhythm("PAWCHA_X")


@pytest.mark.parametrize(("value", "meant"), [("", "no"), (" YES ", "yes")])
def test_a_choice_is_one_of_the_words_and_nothing_is_the_first(
    monkeypatch: pytest.MonkeyPatch, value: str, meant: str
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    assert env.one_of("PAWCHA_X", ("no", "yes")) == meant


def test_another_choice_is_refused_with_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWCHA_X", "maybe")
    with pytest.raises(ImproperlyConfigured, match="PAWCHA_X is 'maybe': write no or yes"):
        env.one_of("PAWCHA_X", ("no", "yes"))
