"""Outcomes for the statistics, written as rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from challenges.models import Outcome, Site

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def outcome(
    site: Site,
    minute: float,
    state: str = "passed",
    *,
    seconds: float = 10,
    prefix: str = "home",
    since: datetime = NOON,
    redeemed: bool = False,
    language: str = "en",
    dialect: str = "",
) -> Outcome:
    """Write an outcome that was issued `minute` minutes after `since`."""
    issued = since + timedelta(minutes=minute)
    answered = issued + timedelta(seconds=seconds) if state in {"passed", "failed"} else None
    return Outcome.objects.create(
        site=site,
        state=state,
        issued_at=issued,
        answered_at=answered,
        redeemed_at=answered if redeemed else None,
        hostname="shop.example.org",
        language=language,
        dialect=dialect,
        prefix=prefix,
        risk=0.1,
        renditions=[],
        cats=5,
    )
