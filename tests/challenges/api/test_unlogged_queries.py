"""A query may hold a site's secret, so no logger ever gets to see one."""

from __future__ import annotations

import logging
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError

from captcha_site.logs import WithoutQuery
from tests.challenges.api.test_verify_requests import RECAPTCHA
from tests.conftest import Visitor

SECRET = "pws_s3cr3t-that-nobody-may-read"
QUERY = f"?secret={SECRET}&response=token"
SITE_OF = "challenges.flows.siteverify.site_of"


def everything(log: pytest.LogCaptureFixture) -> str:
    """Return all that was logged, tracebacks and all, and all that the records carry as text."""
    formatter = logging.Formatter()
    return "\n".join(f"{formatter.format(record)} {record.args}" for record in log.records)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Listen to all loggers, down to the last detail."""
    caplog.set_level(logging.DEBUG)
    return caplog


def test_none_is_logged_where_all_is_well(
    db: None, visitor: Visitor, log: pytest.LogCaptureFixture
) -> None:
    assert visitor.get(RECAPTCHA + QUERY).status_code == 200
    assert SECRET not in everything(log)


@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("a mistake of ours")])
def test_none_is_logged_where_something_breaks(
    db: None, visitor: Visitor, log: pytest.LogCaptureFixture, error: Exception
) -> None:
    with patch(SITE_OF, side_effect=error):
        visitor.get(RECAPTCHA + QUERY)
    assert "A token could not be checked" in everything(log)
    assert SECRET not in everything(log)


def test_none_is_logged_of_who_is_refused(
    db: None, visitor: Visitor, log: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {"UNKNOWN_SECRET_BURST": 1}
    statuses = [visitor.get(RECAPTCHA + QUERY).status_code for _ in range(2)]
    assert statuses == [200, 429]
    assert RECAPTCHA in everything(log)
    assert SECRET not in everything(log)


@pytest.mark.parametrize(
    ("method", "place", "status"),
    [
        ("GET", "/no/such/place", 404),
        ("GET", "/siteverify/", 404),
        ("GET", "/api/v1/challenges", 405),
        ("GET", "/pawcha/frame", 404),
        ("POST", "/checksiteconfig", 200),
    ],
)
def test_none_is_logged_elsewhere(
    db: None,
    visitor: Visitor,
    log: pytest.LogCaptureFixture,
    method: str,
    place: str,
    status: int,
) -> None:
    assert visitor.generic(method, place + QUERY).status_code == status
    assert SECRET not in everything(log)


def test_none_is_logged_when_the_request_is_for_another_host(
    visitor: Visitor, log: pytest.LogCaptureFixture
) -> None:
    visitor.get(RECAPTCHA + QUERY, HTTP_HOST="elsewhere.example")
    assert "elsewhere.example" in everything(log)
    assert SECRET not in everything(log)


def test_none_is_logged_when_a_page_breaks(
    db: None, visitor: Visitor, log: pytest.LogCaptureFixture
) -> None:
    visitor.raise_request_exception = False
    with patch("challenges.widget_views.read_look", side_effect=RuntimeError("a mistake")):
        assert visitor.get("/pawcha/frame" + QUERY).status_code == 500
    assert "Internal Server Error: /pawcha/frame" in everything(log)
    assert SECRET not in everything(log)


def test_the_development_server_logs_lines_without_it(log: pytest.LogCaptureFixture) -> None:
    its_filter = logging.getLogger("django.server").filters[0]
    assert isinstance(its_filter, WithoutQuery)
    record = logging.LogRecord(
        "django.server", logging.INFO, "", 0, '"%s" %s %s',
        (f"GET {RECAPTCHA}{QUERY} HTTP/1.1", "200", 57), None,
    )  # fmt: skip
    assert its_filter.filter(record)
    assert record.getMessage() == f'"GET {RECAPTCHA}?... HTTP/1.1" 200 57'
