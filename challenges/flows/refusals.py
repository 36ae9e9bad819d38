"""Counting what is refused, by site: first in Redis, then in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from django.db import connection, transaction

from challenges import state
from challenges.exceptions import PawchaError, WrongAnswer
from challenges.locks import Lock, try_lock
from challenges.models import Refusal, Site
from challenges.state import Unreachable, tally
from challenges.verdicts import Refused, Verdict

Door = Refusal.Door

# A portion that was taken over before changes nothing. In one order, so that no two of them wait
# for each other.
TAKE_OVER = """
INSERT INTO challenges_refusal AS kept (site_id, span, start, door, code, number, portion)
SELECT one.site, 'hour', %(start)s, one.door, one.code, one.number, %(portion)s
FROM unnest(%(sites)s::bigint[], %(doors)s::text[], %(codes)s::text[], %(numbers)s::integer[])
  AS one(site, door, code, number)
JOIN challenges_site AS known ON known.id = one.site
ORDER BY one.site, one.door, one.code
ON CONFLICT ON CONSTRAINT one_refusal_per_span DO UPDATE
SET number = kept.number + excluded.number, portion = excluded.portion
WHERE kept.portion <> excluded.portion
"""


@contextmanager
def counted(door: Door, site: int) -> Iterator[None]:
    """Count what the block refuses. A wrong answer is none: outcomes say it."""
    try:
        yield
    except WrongAnswer:
        raise
    except PawchaError as error:
        note(door, site, error.code)
        raise


def verified(site: int, verdict: Verdict) -> Verdict:
    """Count why a token was refused, if it was, and return the verdict."""
    if isinstance(verdict, Refused):
        for reason in verdict.reasons:
            note(Door.VERIFY, site, reason.value)
    return verdict


def misread(said: object) -> None:
    """Count a request that is not of the right form, if it names a site that there is."""
    sitekey = said.get("sitekey") if isinstance(said, dict) else None
    if not isinstance(sitekey, str) or "\0" in sitekey:
        return
    site = Site.objects.serving().filter(sitekey=sitekey[:64]).values_list("pk", flat=True).first()
    if site is not None:
        note(Door.ISSUE, site, "invalid_request")


def note(door: Door, site: int, code: str) -> None:
    """Count one refusal. It never fails: without Redis it is not counted."""
    with suppress(Unreachable):
        tally.note(site, door.value, code)


def take_over() -> int:
    """Take the counts over from Redis into PostgreSQL; return how many refusals these were.

    Stopped anywhere, it neither loses nor doubles any: a portion stays in Redis until it is in
    PostgreSQL, whose rows know which one they took last.
    """
    # Whose keys they are: a simulation counts apart, and need not wait for the service.
    with try_lock(Lock.SUMS, crc32(state.key("refused").encode())) as alone:
        if not alone:
            return 0
        number = 0
        for portion in tally.portions():
            number += _take_over(portion)
            tally.done(portion)
        return number


def _take_over(portion: tally.Portion) -> int:
    asked: dict[str, Any] = {
        "start": datetime.fromtimestamp(portion.hour * tally.HOUR, UTC),
        "portion": portion.name,
        "sites": [site for site, _, _ in portion.counts],
        "doors": [door for _, door, _ in portion.counts],
        "codes": [code[:40] for _, _, code in portion.counts],
        "numbers": list(portion.counts.values()),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE_OVER, asked)
    return sum(portion.counts.values())
