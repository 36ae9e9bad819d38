"""A visitor answers a challenge, once, and gets a token or learns that it was wrong."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from challenges import grading, signing, state
from challenges.budgets import DAY, Address, prefix_hashes
from challenges.drafts import OpenChallenge
from challenges.exceptions import AlreadyAnswered, UnknownChallenge, WrongAnswer
from challenges.flows import adoption, probes, refusals, testkeys
from challenges.flows.adoption import Adoption
from challenges.flows.durability import committed
from challenges.flows.issue import budgets
from challenges.models import Outcome
from challenges.testkeys import dummy_token

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Right:
    """What a visitor gets for the right picks: a token, and who of the pictures needs a home.

    The token is good for `seconds`.
    """

    token: str
    seconds: int
    adopt: list[Adoption] = field(default_factory=list)


def answer(challenge_id: str, picks: object, address: Address) -> Right:
    """Return a token for the right picks.

    The challenge is closed by one atomic step before it is graded, whatever the picks are.

    Raises InvalidPicks (which leaves it open), WrongAnswer, UnknownChallenge, AlreadyAnswered,
    ChallengeExpired or TooManyRequests.
    """
    challenge = state.peek(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    with refusals.counted(refusals.Door.ANSWER, challenge.site):
        return _answer(challenge, picks, address)


def _answer(challenge: OpenChallenge, picks: object, address: Address) -> Right:
    picked = grading.picks_mask(picks, challenge.draft.count)
    now = timezone.now().timestamp()
    prefixes = prefix_hashes(address, settings.SECRET_KEY, now)
    state.spend(budgets("answer", prefixes[0], challenge.site))
    challenge = state.close(challenge.id)
    try:
        token = close(challenge, picked)
    except DatabaseError:
        # Nothing was recorded, so nothing was answered: the visitor may try again.
        with suppress(state.Unreachable):
            state.reopen(challenge)
        raise
    if challenge.draft.probe >= 0 and not challenge.is_test:
        before = prefix_hashes(address, settings.SECRET_KEY, now - DAY)
        _vote(challenge, picked, (*prefixes, *before))
    return Right(token, challenge.token_seconds, adoption.show(challenge))


def _vote(challenge: OpenChallenge, picked: int, prefixes: tuple[str, ...]) -> None:
    """Count what the visitor took the probe for; the token is theirs, even if that fails."""
    try:
        probes.vote(challenge, picked, prefixes)
    except DatabaseError:
        logger.exception("What a visitor took a probe for could not be counted")


def close(challenge: OpenChallenge, picked: int) -> str:
    """Grade a closed challenge, record its outcome, and return the token.

    Raises WrongAnswer, or AlreadyAnswered when PostgreSQL knows of an answer (as it does when
    Redis came back from an old snapshot).
    """
    draft = challenge.draft
    right = grading.is_right(draft.cats, picked, challenge.tolerance, draft.probe)
    if challenge.test:
        right = testkeys.is_right(challenge.test, graded=right)
        token = dummy_token(challenge.test)
    else:
        token = signing.new_token(settings.SECRET_KEY)
    now = timezone.now()
    with committed(at_once=True):
        unanswered = Outcome.objects.filter(
            pk=challenge.outcome,
            state=Outcome.State.OPEN,
            # Even if it was extended: that is as much time again.
            issued_at__gt=now - timedelta(seconds=2 * challenge.seconds + 1),
        )
        written = unanswered.update(
            state=Outcome.State.PASSED if right else Outcome.State.FAILED,
            answered_at=now,
            picks=picked,
            token_digest=signing.digest(token) if right and not challenge.test else None,
        )
    if written != 1:
        raise AlreadyAnswered
    if not right:
        raise WrongAnswer
    return token
