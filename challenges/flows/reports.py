"""Visitors report pictures: enough of them take a photo out of the pool, until a person looks.

A report counts for two days, and a network once for a photo: so long its daily hashes are compared.
What reports can do is bounded, whoever sends them: in a day they withdraw a small share of the
pool, in all three times as much until a person looks, and never what challenges need. Beyond that
a photo is only put in doubt. A photo about which visitors are asked is no part of the pool, so
nothing is lost when it is asked about no longer.
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
from challenges.budgets import DAY, Address, Budget, prefix_hashes
from challenges.drafts import OpenChallenge
from challenges.exceptions import AlreadyReported, InvalidRequest, UnknownChallenge
from challenges.flows import stock
from challenges.locks import Lock, lock_until_commit
from challenges.models import Photo, PictureReport
from challenges.selection import PICTURES, Audience, audience_of

logger = logging.getLogger(__name__)

# Reports per address prefix: so many at once, then so many a minute.
BUDGET: Final = Budget(5, 1)
# What is withdrawn by reports is counted over this time, in seconds.
WINDOW: Final = 86_400
# However small the pool is, so many photos may be withdrawn in it.
LEAST: Final = 3
# So many times as much may be withdrawn until a person looks.
UNSEEN: Final = 3
# So many photos of an animal stay, whatever is reported: more, where a challenge needs more.
STAY: Final = 2 * PICTURES
# For how long a report counts, in seconds: a little less than two days, so that its hash, which
# may be from just before midnight, is one of the last three.
COUNTS: Final = 2 * DAY - 3600
WITHDREW: Final = "reports-withdrew"
NO_ROOM: Final = "reports-no-room"
# What the operator is told, each once in WINDOW.
ALARMS: Final = {
    WITHDREW: "Visitors reported a picture, and it left the pool until a person looks",
    NO_ROOM: "Visitors report more pictures than may be withdrawn. They stay in the pool until a "
    "person looks",
}


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
    now = time.time()
    prefixes = prefix_hashes(address, settings.SECRET_KEY, now)
    state.spend({f"report:prefix:{prefixes[0]}": BUDGET})
    noted = state.note_report(challenge_id, picture)
    if noted < 0:
        raise UnknownChallenge
    if noted != picture:
        raise AlreadyReported
    if challenge.is_test:
        return
    before = prefix_hashes(address, settings.SECRET_KEY, now - DAY)
    try:
        withdrawn = _record(challenge, picture, {challenge.prefix, *prefixes, *before})
    except DatabaseError:
        with suppress(state.Unreachable):
            state.forget_report(challenge_id)
        raise
    if withdrawn is not None:
        _raise_alarm(WITHDREW if withdrawn else NO_ROOM)


def _record(challenge: OpenChallenge, picture: int, networks: set[str]) -> bool | None:
    """Record the report; return whether it withdrew the photo, None when that was not its turn."""
    with transaction.atomic():
        photo = (
            (Photo.objects.pooled() | Photo.objects.probing())
            .select_for_update(of=("self",))
            .filter(renditions=challenge.draft.renditions[picture])
            .first()
        )
        if photo is None or photo.reports.filter(prefix__in=networks).exists():
            return None
        made = PictureReport.objects.create(photo=photo, prefix=challenge.prefix)
        # Those that withdrew it before were answered by the person who put it back.
        since = timezone.now() - timedelta(seconds=COUNTS)
        number = photo.reports.filter(withdrew=False, created_at__gt=since).count()
        if number < settings.PAWCHA["REPORTS_TO_WITHDRAW"]:
            return None
        if photo.status == Photo.Status.PROBE:
            _end_probe(photo, number)
            return True
        return _doubt(photo, made, number, audience_of(challenge.profile))


def _end_probe(photo: Photo, number: int) -> None:
    """Ask visitors no longer about a locked photo that is no part of the pool: a person looks."""
    photo.doubt, photo.doubt_kind = _reported(number), Photo.Doubt.REPORTED
    photo.status = Photo.Status.PROPOSED if photo.label else Photo.Status.UNLABELLED
    photo.save(update_fields=["status", "doubt", "doubt_kind"])


def _reported(number: int) -> str:
    return "1 visitor reported it." if number == 1 else f"{number} visitors reported it."


def _doubt(photo: Photo, last: PictureReport, number: int, audience: Audience) -> bool:
    """Put a locked photo in doubt, and withdraw it if there is room; return whether there was."""
    photo.doubt = _reported(number)
    photo.doubt_kind = Photo.Doubt.REPORTED
    last.withdrew = _has_room(audience) and _can_spare(photo)
    if last.withdrew:
        photo.status = Photo.Status.PROPOSED
        last.save(update_fields=["withdrew"])
    photo.save(update_fields=["status", "doubt", "doubt_kind"])
    return last.withdrew


def _has_room(audience: Audience) -> bool:
    """Return whether reports may withdraw one more photo now. Others wait until we commit."""
    lock_until_commit(Lock.REPORTS)
    since = timezone.now() - timedelta(seconds=WINDOW)
    withdrawn = PictureReport.objects.filter(withdrew=True, created_at__gt=since).count()
    pool = Photo.objects.shown_to(audience).order_by().count() + withdrawn
    most = max(LEAST, pool * settings.PAWCHA["REPORTS_MOST_PERCENT"] // 100)
    reported = Photo.objects.awaiting_person().in_doubt().filter(doubt_kind=Photo.Doubt.REPORTED)
    unseen = reported.count()
    return withdrawn < most and unseen < UNSEEN * most


def _can_spare(photo: Photo) -> bool:
    """Return whether enough photos of its animal stay for everybody who is shown it."""
    kept = stock.profiles()
    return all(
        Photo.objects.shown_to(one).filter(label=photo.label).count()
        > max([STAY, *(profile.needed for profile in kept if profile.audience is one)])
        for one in Audience
        if photo.rights in Photo.objects.rights_for(one)
    )


def _raise_alarm(name: str) -> None:
    with suppress(state.Unreachable):
        if state.raise_alarm(name, WINDOW):
            logger.warning("%s: admin, Photos, filter: in doubt.", ALARMS[name])
