"""Can this service issue and verify right now? It tries, on a challenge of its own."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from dataclasses import asdict, dataclass
from typing import Final

from django.db import DatabaseError

from challenges import state
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import PawchaError
from challenges.flows import answer, issue, siteverify, stock
from challenges.models import Outcome, Site
from challenges.selection import PICTURES, draw_cats, mask

logger = logging.getLogger(__name__)

# A rehearsal is not repeated within this time, in seconds, whoever asks.
PAUSE: Final = 5.0

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


def readiness() -> Readiness:
    """Return what a rehearsal found within the last five seconds."""
    global _last
    with _one_at_a_time:
        if _last is not None and time.monotonic() - _last[0] < PAUSE:
            return _last[1]
        found = _shared() or _rehearse_and_share()
        _last = (time.monotonic(), found)
        return found


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
    except DatabaseError as error:
        return Readiness(can_issue=False, can_verify=False, cause=f"PostgreSQL: {error}")
    try:
        issue_cause = _try_issue(site)
        verify_cause = _try_verify(site)
        Outcome.objects.filter(site=site).delete()
    except DatabaseError as error:
        return Readiness(can_issue=False, can_verify=False, cause=f"PostgreSQL: {error}")
    return Readiness(
        can_issue=not issue_cause,
        can_verify=not verify_cause,
        cause=" ".join(filter(None, [issue_cause, verify_cause])),
    )


def _stage() -> Site:
    site = Site.objects.filter(reserved=True).first()
    return site or Site.objects.create(name="Rehearsal", hosts=[], reserved=True)


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
            site, _draft(), prefix="", hostname="", asked=issue.Asked(), reserved=True
        )
        state.close(opened.id)
        wanted = stock.profiles()
        depths = [
            state.ready_depth(profile.key, "fresh") + state.ready_depth(profile.key, "worn")
            for profile in wanted
        ]
    except state.Unreachable as error:
        return f"Redis: {error}"
    except PawchaError as error:
        return str(error)
    if wanted and not any(depths):
        return "No challenge is ready: is a worker running, and has the pool cats and dogs?"
    return ""


def _try_verify(site: Site) -> str:
    """Return why no token can be verified, or an empty text. Needs PostgreSQL only."""
    draft = _draft()
    outcome = issue.record(site, draft, prefix="", hostname="", asked=issue.Asked())
    challenge = OpenChallenge(
        id="rehearsal",
        outcome=outcome.pk,
        site=site.pk,
        profile="",
        draft=draft,
        expires_at=0,
        reserved=True,
    )
    token = answer.close(challenge, challenge.draft.cats)
    verdict = siteverify.redeem(site, token)
    again = siteverify.redeem(site, token)
    if not verdict.success:
        return f"A good token was refused: {', '.join(verdict.error_codes)}"
    if again.success:
        return "A token was accepted twice."
    return ""
