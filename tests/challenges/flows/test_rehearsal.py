"""Readiness: a real round trip on a challenge of its own."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from challenges import state
from challenges.flows import issue, rehearsal
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Rendition, Site
from challenges.verdicts import Reason, Refused
from tests.conftest import Visitor


@pytest.fixture
def no_redis(settings: Any) -> Any:
    """Point at a Redis that is not there."""
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    state.reconnect()
    yield
    state.reconnect()


def test_it_is_ready_and_leaves_no_trace(stocked: NewSite) -> None:
    before = state.ready_depth("12x1-public", "fresh")
    assert rehearsal.rehearse() == rehearsal.Readiness(can_issue=True, can_verify=True)
    assert state.ready_depth("12x1-public", "fresh") == before
    assert not Outcome.objects.exists()
    assert set(Rendition.objects.values_list("shown", flat=True)) == {0}
    assert Site.objects.filter(reserved=True).count() == 1
    assert not Site.objects.serving().filter(reserved=True).exists()


def test_it_cannot_issue_when_nothing_is_ready(site_owner: NewSite) -> None:
    found = rehearsal.rehearse()
    assert (found.can_issue, found.can_verify) == (False, True)
    assert "is a worker running" in found.cause


def test_it_cannot_issue_but_can_verify_without_redis(stocked: NewSite, no_redis: None) -> None:
    found = rehearsal.rehearse()
    assert (found.can_issue, found.can_verify) == (False, True)
    assert found.cause.startswith("Redis: ")


def test_it_can_do_neither_without_the_database(stocked: NewSite) -> None:
    with patch.object(Site.objects, "get_or_create", side_effect=OperationalError("gone")):
        found = rehearsal.rehearse()
    assert (found.can_issue, found.can_verify) == (False, False)


def test_it_tells_apart_that_it_cannot_verify(stocked: NewSite) -> None:
    refused = Refused((Reason.CANNOT_KNOW,))
    with patch("challenges.flows.siteverify.redeem", return_value=refused):
        found = rehearsal.rehearse()
    assert (found.can_issue, found.can_verify) == (True, False)
    assert found.cause == "A good token was refused: cannot_know."


def test_it_rehearses_at_most_every_five_seconds_whoever_asks(stocked: NewSite) -> None:
    with patch("challenges.flows.rehearsal.rehearse", wraps=rehearsal.rehearse) as rehearse:
        for _ in range(20):
            rehearsal.readiness()
        rehearsal._last = None  # As another process would.
        rehearsal.readiness()
    assert rehearse.call_count == 1


def test_strangers_see_only_ok_or_failed(stocked: NewSite, visitor: Visitor) -> None:
    reply = visitor.get("/readyz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
    state.client().flushdb()
    rehearsal.forget()
    reply = visitor.get("/readyz")
    assert (reply.status_code, reply.json()) == (503, {"status": "failed"})


def test_operators_see_what_failed(site_owner: NewSite, visitor: Visitor, reviewer: User) -> None:
    visitor.force_login(reviewer)
    told = visitor.get("/readyz").json()
    assert (told["can_issue"], told["can_verify"]) == (False, True)
    assert "is a worker running" in told["cause"]


def test_a_failure_is_logged(
    site_owner: NewSite, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        visitor.get("/readyz")
    assert "can issue: False, can verify: True" in caplog.text


def test_the_reserved_challenge_is_refused_over_http(stocked: NewSite, visitor: Visitor) -> None:
    site = rehearsal._stage()
    opened = issue.hand_out(
        site, rehearsal._draft(), visitor=rehearsal.NOBODY, hostname="", asked=issue.Asked(),
        reserved=True,
    )  # fmt: skip
    for reply in (
        visitor.get(f"/api/v1/challenges/{opened.id}/pictures"),
        visitor.get(f"/api/v1/challenges/{opened.id}/pictures/0"),
        visitor.answer(opened.id, [0]),
    ):
        assert (reply.status_code, reply.json()["error"]) == (404, "unknown_challenge")
    assert visitor.ask(site.sitekey).status_code == 404


def test_it_lives_while_the_process_lives(visitor: Visitor, no_redis: None) -> None:
    # No database fixture: pytest-django would fail this test if it asked the database.
    assert visitor.get("/healthz").json() == {"status": "ok"}


def test_it_names_the_kind_of_site_for_which_nothing_is_ready(stocked: NewSite) -> None:
    Site.objects.create(name="Demo", hosts=["localhost"])
    state.client().delete("pawcha:ready:12x1-loopback:fresh")
    found = rehearsal.rehearse()
    assert not found.can_issue
    assert "No challenge is ready for loopback sites" in found.cause


def test_nobody_waits_while_another_thread_rehearses(stocked: NewSite) -> None:
    rehearsal.readiness()
    rehearsal._last = (time.monotonic() - 60, rehearsal.Readiness(can_issue=True, can_verify=True))
    with rehearsal._one_at_a_time:
        started = time.monotonic()
        assert rehearsal.readiness().ok
    assert time.monotonic() - started < 1


@pytest.mark.django_db(transaction=True)
def test_many_rehearsals_at_once_do_not_disturb_each_other() -> None:
    def rehearse(_: int) -> rehearsal.Readiness:
        try:
            return rehearsal.rehearse()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(rehearse, range(40)))
    assert {(one.can_issue, one.can_verify, one.cause) for one in found} == {(True, True, "")}
    assert not Outcome.objects.exists()
