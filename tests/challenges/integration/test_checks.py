"""What `manage.py check` says to a site that embeds Pawcha."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from challenges.integration import testing
from challenges.integration.checks import check_settings


def found() -> list[str]:
    """Return the ids of what is found."""
    return [str(message.id).removeprefix("pawcha_integration.") for message in check_settings()]


def test_it_is_content_with_all_settings() -> None:
    assert found() == []


@pytest.mark.parametrize(("name", "id_"), [("URL", 1), ("SITEKEY", 2), ("SECRET", 3)])
def test_it_names_a_missing_setting(settings: Settings, name: str, id_: int) -> None:
    delattr(settings, f"PAWCHA_{name}")
    (message,) = check_settings()
    assert message.id == f"pawcha_integration.W00{id_}"
    assert message.msg == f"PAWCHA_{name} is not set."


@pytest.mark.parametrize(("debug", "ids"), [(True, []), (False, ["W004"])])
def test_a_test_secret_is_for_development(settings: Settings, debug: bool, ids: list[str]) -> None:
    settings.DEBUG = debug
    settings.PAWCHA_SECRET = testing.PASSING_SECRET
    assert found() == ids


@pytest.mark.parametrize(("debug", "ids"), [(True, []), (False, ["E005"])])
def test_testing_is_for_tests(
    settings: Settings, not_a_test: None, debug: bool, ids: list[str]
) -> None:
    settings.DEBUG = debug
    settings.PAWCHA_TESTING = True
    assert found() == ids


def test_testing_stops_a_service(settings: Settings, not_a_test: None) -> None:
    settings.PAWCHA_TESTING = True
    (message,) = check_settings()
    assert message.is_serious()


def test_the_test_runner_turns_debug_off_and_is_let_be(settings: Settings) -> None:
    settings.DEBUG = False
    settings.PAWCHA_TESTING = True
    assert found() == []


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("http://pawcha.example.org", ["W006"]),
        ("http://127.0.0.1:8000", []),
        ("https://pawcha.example.org", []),
    ],
)
def test_secrets_travel_encrypted(settings: Settings, url: str, ids: list[str]) -> None:
    settings.PAWCHA_URL = url
    assert found() == ids
