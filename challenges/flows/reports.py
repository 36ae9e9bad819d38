"""Visitors report pictures: enough of them take a photo out of the pool, until a person looks.

A network counts once for a photo: its daily hash and the one of the day before are compared, older
ones are forgotten (see sweep). So what reports can do is bounded, whoever sends them: in a day they
withdraw a small share of the pool; beyond that a photo is only put in doubt.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from challenges import state
from challenges.budgets import Address, Budget, prefix_hashes
from challenges.drafts import OpenChallenge
from challenges.exceptions import AlreadyReported, InvalidRequest, UnknownChallenge
from challenges.locks import Lock, lock_until_commit
from challenges.models import Photo, PictureReport
from challenges.selection import Audience, audience_of

logger = logging.getLogger(__name__)

# Reports per address prefix: so many at once, then so many a minute.
BUDGET: Final = Budget(5, 1)
# What is withdrawn by reports is counted over this time, in seconds.
WINDOW: Final = 86_400
# However small the pool is, so many photos may be withdrawn.
LEAST: Final = 3
ALARM: Final = "reports"


def report(challenge_id: str, picture: object, address: Address) -> None:
    """Take in that a visitor finds that a picture (its place, from 0) should not be shown.

    It counts for the network that was handed the challenge, whoever sends it, and a challenge takes
    one report. Those of public test keys change nothing.

    Raises InvalidRequest, UnknownChallenge (also before the pictures were fetched),
    AlreadyReported (another picture of it) or TooManyRequests.
    """
    challenge = state.peek_fetched(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    count = challenge.draft.count
    if type(picture) is not int or not 0 <= picture < count:
        raise InvalidRequest(f"picture is the number of one picture, from 0 to {count - 1}.")
    prefixes = prefix_hashes(address, settings.SECRET_KEY, time.time())
    state.spend({f"report:prefix:{prefixes[0]}": BUDGET})
    noted = state.note_report(challenge_id, picture)
    if noted < 0:
        raise UnknownChallenge
    if noted != picture:
        raise AlreadyReported
    if challenge.test:
        return
    try:
        withdrawn = _record(challenge, picture, {challenge.prefix, *prefixes})
    except DatabaseError:
        with suppress(state.Unreachable):
            state.forget_report(challenge_id)
        raise
    if withdrawn is False:
        _raise_alarm()


def _record(challenge: OpenChallenge, picture: int, networks: set[str]) -> bool | None:
    """Record the report; return whether it withdrew the photo, None when that was not its turn."""
    with transaction.atomic():
        photo = (
            Photo.objects.pooled()
            .select_for_update(of=("self",))
            .filter(renditions=challenge.draft.renditions[picture])
            .first()
        )
        if photo is None or photo.reports.filter(prefix__in=networks).exists():
            return None
        made = PictureReport.objects.create(photo=photo, prefix=challenge.prefix)
        # Those that withdrew it before were answered by the person who put it back.
        number = photo.reports.filter(withdrew=False).count()
        if number < settings.PAWCHA["REPORTS_TO_WITHDRAW"]:
            return None
        return _doubt(photo, made, number, audience_of(challenge.profile))


def _doubt(photo: Photo, last: PictureReport, number: int, audience: Audience) -> bool:
    """Put a locked photo in doubt, and withdraw it if there is room; return whether there was."""
    photo.doubt = "1 visitor reported it." if number == 1 else f"{number} visitors reported it."
    last.withdrew = _has_room(audience)
    if last.withdrew:
        photo.status = Photo.Status.PROPOSED
        last.save(update_fields=["withdrew"])
    photo.save(update_fields=["status", "doubt"])
    return last.withdrew


def _has_room(audience: Audience) -> bool:
    """Return whether reports may withdraw one more photo now. Others wait until we commit."""
    lock_until_commit(Lock.REPORTS)
    since = timezone.now() - timedelta(seconds=WINDOW)
    withdrawn = PictureReport.objects.filter(withdrew=True, created_at__gt=since).count()
    pool = Photo.objects.shown_to(audience).order_by().count() + withdrawn
    return withdrawn < max(LEAST, pool * settings.PAWCHA["REPORTS_MOST_PERCENT"] // 100)


def _raise_alarm() -> None:
    with suppress(state.Unreachable):
        if state.raise_alarm(ALARM, WINDOW):
            logger.warning(
                "Visitors report more pictures than may be withdrawn in a day. They stay in the "
                "pool until a person looks: admin, Photos, filter: in doubt."
            )
