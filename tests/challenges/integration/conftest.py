"""A site that embeds Pawcha: its settings, and the wire to Pawcha."""

from __future__ import annotations

import pytest
from django.core import mail
from pytest_django import Settings

from tests.wire import wire

__all__ = ["wire"]


@pytest.fixture(autouse=True)
def _host_settings(settings: Settings) -> None:
    settings.PAWCHA_URL = "https://pawcha.example.org/"
    settings.PAWCHA_SITEKEY = "the-key"
    settings.PAWCHA_SECRET = "the-secret"


@pytest.fixture
def not_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Django's test environment look like any other."""
    monkeypatch.delattr(mail, "outbox")
