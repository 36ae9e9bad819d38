"""Can this service issue and verify right now? It tries, on a challenge of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from django.db import DatabaseError
from django.utils import timezone

from challenges import state
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import PawchaError
from challenges.flows import answer, issue, siteverify, stock
from challenges.models import Outcome, Site
from challenges.selection import PICTURES, Audience, draw_cats, mask
from challenges.verdicts import Refused, Solved

logger = logging.getLogger(__name__)

# A rehearsal is not repeated within this time, in seconds, whoever asks.
PAUSE: Final = 5.0
NOBODY: Final = issue.Visitor(prefixes=("", ""), session="")

_one_at_a_time = threading.Lock()
_last: tuple[float, Readiness] | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """What the rehearsal found. `cause` is for operators: it may name parts of the inside."""

    can_issue: bool
    can_verify: bool
    cause: str = ""

    @property
    def ok(self) -> bool:
        """Return whether all is well."""
        return self.can_issue and self.can_verify


NOT_YET: Final = Readiness(can_issue=False, can_verify=False, cause="The first rehearsal goes on.")


def readiness() -> Readiness:
    """Return what a rehearsal found within the last five seconds.

    While one is going on in this process the others get the last one's word: no thread waits for
    a server that hangs.
    """
    global _last
    if _last is not None and time.monotonic() - _last[0] < PAUSE:
        return _last[1]
    # The very first callers wait a moment, since there is no word yet.
    if not _one_at_a_time.acquire(timeout=0.01 if _last else 1.0):
        return _last[1] if _last else NOT_YET
    try:
        found = _shared() or _rehearse_and_share()
        _last = (time.monotonic(), found)
        return found
    finally:
        _one_at_a_time.release()


def forget() -> None:
    """Forget what the last rehearsal found."""
    global _last
    _last = None
    state.forget_note("readiness")


def _shared() -> Readiness | None:
    """Return what another process found just now."""
    try:
        note = state.take_note("readiness")
    except state.Unreachable:
        return None
    return Readiness(**json.loads(note)) if note else None


def _rehearse_and_share() -> Readiness:
    found = rehearse()
    with contextlib.suppress(state.Unreachable):
        state.leave_note("readiness", json.dumps(asdict(found)), PAUSE)
    if not found.ok:
        logger.error(
            "Not ready: can issue: %s, can verify: %s. %s",
            found.can_issue,
            found.can_verify,
            found.cause,
        )
    return found


def rehearse() -> Readiness:
    """Issue, answer and verify one challenge, in this process, and remove its traces."""
    try:
        site = _stage()
        issue_cause = _try_issue(site)
        verify_cause = _try_verify(site)
        # What a process left that was killed in the middle.
        Outcome.objects.filter(
            site=site, issued_at__lt=timezone.now() - timedelta(minutes=1)
        ).delete()
    except DatabaseError as error:
        return Readiness(can_issue=False, can_verify=False, cause=f"PostgreSQL: {error}")
    return Readiness(
        can_issue=not issue_cause,
        can_verify=not verify_cause,
        cause=" ".join(filter(None, [issue_cause, verify_cause])),
    )


def _stage() -> Site:
    site, _ = Site.objects.get_or_create(
        sitekey="rehearsal", defaults={"name": "Rehearsal", "hosts": [], "reserved": True}
    )
    return site


def _draft() -> Draft:
    return Draft(
        id="rehearsal",
        renditions=[],
        names=[""] * PICTURES,
        groups=[],
        cats=mask(draw_cats(PICTURES)),
        risk=0,
        pool="reserved",
        made_at=time.time(),
    )


def _try_issue(site: Site) -> str:
    """Return why no challenge can be issued, or an empty text."""
    try:
        opened = issue.hand_out(
            site, _draft(), visitor=NOBODY, hostname="", asked=issue.Asked(), reserved=True
        )
        state.settle(opened, right=True)
        Outcome.objects.filter(pk=opened.outcome).delete()
        empty = _without_challenges()
    except state.Unreachable as error:
        return f"Redis: {error}"
    except PawchaError as error:
        return str(error)
    if empty:
        return (
            f"No challenge is ready for {empty[0]} sites: is a worker running, and has "
            "the pool cats and dogs?"
        )
    return ""


def _without_challenges() -> list[Audience]:
    """Return the audiences for which nothing at all is ready.

    That one site's policy asks for more than the pool has is that site's trouble, not an outage.
    Sites in test mode serve nobody in earnest, and so do test keys.
    """
    served = [one for one in stock.site_profiles() if one.audience is not Audience.TESTING]
    stocked = {profile.audience for profile in served if stock.ready(profile)}
    return sorted({profile.audience for profile in served} - stocked)


def _try_verify(site: Site) -> str:
    """Return why no token can be verified, or an empty text. Needs PostgreSQL only."""
    draft = _draft()
    outcome = issue.record(site, draft, visitor=NOBODY, hostname="", asked=issue.Asked())
    challenge = OpenChallenge(
        id="rehearsal",
        outcome=outcome.pk,
        site=site.pk,
        profile="",
        draft=draft,
        expires_at=0,
        reserved=True,
    )
    try:
        token = answer.close(state.Settled(challenge, "pass"), draft.cats) or ""
        verdict = siteverify.redeem(site, token)
        again = siteverify.redeem(site, token)
    except PawchaError as error:
        return f"A right answer was refused: {error}"
    finally:
        outcome.delete()
    if isinstance(verdict, Refused):
        return f"A good token was refused: {', '.join(verdict.reasons)}."
    if isinstance(again, Solved):
        return "A token was accepted twice."
    return ""
