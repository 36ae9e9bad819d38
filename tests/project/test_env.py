"""Values of the environment: a bad one stops the start and names itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://pawcha.example.org", ["https://pawcha.example.org"]),
        ("http://web:8000/, http://[::1]", ["http://web:8000", "http://[::1]"]),
        ("", []),
    ],
)
def test_origins_are_scheme_and_host(
    monkeypatch: pytest.MonkeyPatch, value: str, meant: list[str]
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    assert env.origins("PAWCHA_X", "http://127.0.0.1:8000") == meant


@pytest.mark.parametrize(
    "value", ["pawcha.example.org", "https://a.example/b", "https://me@a.example", "https://a,x"]
)
def test_another_origin_is_refused_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("PAWCHA_X", value)
    with pytest.raises(ImproperlyConfigured, match="write scheme and host only"):
        env.origins("PAWCHA_X", "")


@pytest.mark.parametrize(
    "noted", ["http://127.0.0.1:8123", "http://localhost:9", "http://[::1]:80"]
)
def test_where_a_quickstart_is_comes_from_its_note(tmp_path: Path, noted: str) -> None:
    file = tmp_path / "origin"
    file.write_text(f"{noted}\n")
    assert env.started_at(file, "http://127.0.0.1:8000") == noted


@pytest.mark.parametrize("noted", [
    "http://pawcha.example.org:8123", "https://127.0.0.1:8123", "http://127.0.0.1:8123/x",
    "http://127.0.0.1@evil.example:80", "http://a@127.0.0.1:80", "http://127.0.0.1", "", "\xff",
    "http://127.0.0.1:8000,http://evil.example:80", "http://127.0.0.1:99999999",
])  # fmt: skip
def test_a_note_of_any_other_address_is_not_believed(tmp_path: Path, noted: str) -> None:
    file = tmp_path / "origin"
    file.write_text(noted)
    assert env.started_at(file, "http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert env.started_at(tmp_path / "none", "http://127.0.0.1:8000") == "http://127.0.0.1:8000"


@pytest.mark.parametrize(("public", "ours"), [
    ("", ["http://127.0.0.1:8123"]),
    ("https://pawcha.example.org", ["https://pawcha.example.org"]),
])  # fmt: skip
def test_a_command_may_attack_the_quickstart_that_runs_here_unless_the_operator_named_it(
    tmp_path: Path, public: str, ours: list[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "origin").write_text("http://127.0.0.1:8123\n")
    names = {
        **os.environ,
        "PAWCHA_VAR": str(tmp_path),
        "PUBLIC_URL": public,
        "SECRET_KEY": "x" * 50,
    }
    names.pop("PAWCHA_ATTACK_URLS", None)
    if not public:
        names.pop("PUBLIC_URL")
    code = "from captcha_site import settings; print(settings.PAWCHA_ATTACK_URLS)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=names, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == str(ours)
