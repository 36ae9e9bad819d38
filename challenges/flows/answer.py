"""A visitor answers a challenge, once: it passes, asks for one more, or was wrong."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

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
from challenges.flows.issue import budgets, one_more
from challenges.models import Outcome
from challenges.state import Settled
from challenges.testkeys import dummy_token

logger = logging.getLogger(__name__)

ENDINGS: Final[dict[state.Ending, Outcome.State]] = {
    "pass": Outcome.State.PASSED,
    "more": Outcome.State.MORE,
    "wrong": Outcome.State.FAILED,
}


@dataclass(frozen=True, slots=True)
class Right:
    """What a visitor gets for the right picks: a token, and who of the pictures needs a home.

    The token is good for `seconds`.
    """

    token: str
    seconds: int
    adopt: list[Adoption] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class More:
    """What a visitor gets for right picks when nobody could pay: another challenge.

    `language` is what they asked in.
    """

    challenge: OpenChallenge
    language: str


def answer(challenge_id: str, picks: object, address: Address) -> Right | More:
    """Return a token for the right picks, or another challenge to solve.

    The challenge is closed and settled by one atomic step, whatever the picks are. When there is no
    other challenge to hand out, the visitor is told why; what was solved counts for the next.

    Raises InvalidPicks (which leaves it open), WrongAnswer, UnknownChallenge, AlreadyAnswered,
    ChallengeExpired, TooManyRequests, AllPicturesSeen or NoChallengeReady.
    """
    challenge = state.peek(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    with refusals.counted(refusals.Door.ANSWER, challenge.site):
        return _answer(challenge, picks, address)


def _answer(challenge: OpenChallenge, picks: object, address: Address) -> Right | More:
    picked = grading.picks_mask(picks, challenge.draft.count)
    now = timezone.now().timestamp()
    prefixes = prefix_hashes(address, settings.SECRET_KEY, now)
    if challenge.limits:
        state.spend(budgets("answer", prefixes[0], challenge.site))
    settled = state.settle(challenge, right=_is_right(challenge, picked))
    try:
        token = close(settled, picked)
    except DatabaseError:
        # Nothing was recorded, so nothing was answered: the visitor may try again.
        with suppress(state.Unreachable):
            state.reopen(challenge)
        raise
    if challenge.draft.probe >= 0 and not challenge.is_test:
        before = prefix_hashes(address, settings.SECRET_KEY, now - DAY)
        _vote(challenge, picked, (*prefixes, *before))
    if token is None:
        return More(*one_more(challenge, address))
    return Right(token, challenge.token_seconds, adoption.show(challenge))


def _is_right(challenge: OpenChallenge, picked: int) -> bool:
    draft = challenge.draft
    right = grading.is_right(draft.cats, picked, challenge.tolerance, draft.probe)
    return testkeys.is_right(challenge.test, graded=right) if challenge.test else right


def _vote(challenge: OpenChallenge, picked: int, prefixes: tuple[str, ...]) -> None:
    """Count what the visitor took the probe for; the token is theirs, even if that fails."""
    try:
        probes.vote(challenge, picked, prefixes)
    except DatabaseError:
        logger.exception("What a visitor took a probe for could not be counted")


def close(settled: Settled, picked: int) -> str | None:
    """Record what came of a closed challenge; return the token, None when one more is asked for.

    Raises WrongAnswer, or AlreadyAnswered when PostgreSQL knows of an answer (as it does when
    Redis came back from an old snapshot).
    """
    challenge, passed = settled.challenge, settled.ending == "pass"
    if challenge.test:
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
            state=ENDINGS[settled.ending],
            answered_at=now,
            picks=picked,
            paid=settled.paid,
            token_digest=signing.digest(token) if passed and not challenge.test else None,
        )
    if written != 1:
        raise AlreadyAnswered
    if settled.ending == "wrong":
        raise WrongAnswer
    return token if passed else None
