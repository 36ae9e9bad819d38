"""A visitor answers a challenge, once, and gets a token or learns that it was wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from challenges import grading, signing, state
from challenges.budgets import Address, prefix_hashes
from challenges.drafts import OpenChallenge
from challenges.exceptions import AlreadyAnswered, UnknownChallenge, WrongAnswer
from challenges.flows import adoption, testkeys
from challenges.flows.adoption import Adoption
from challenges.flows.durability import committed
from challenges.flows.issue import CHALLENGE_SECONDS, EXTRA_SECONDS, budgets
from challenges.models import Outcome
from challenges.testkeys import dummy_token

# Seconds from the answer to the end of the token.
TOKEN_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Right:
    """What a visitor gets for the right picks: a token, and who of the pictures needs a home."""

    token: str
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
    picked = grading.picks_mask(picks, challenge.draft.count)
    now = timezone.now().timestamp()
    prefix = prefix_hashes(address, settings.SECRET_KEY, now)[0]
    state.spend(budgets("answer", prefix, challenge.site))
    challenge = state.close(challenge_id)
    try:
        token = close(challenge, picked)
    except DatabaseError:
        # Nothing was recorded, so nothing was answered: the visitor may try again.
        with suppress(state.Unreachable):
            state.reopen(challenge)
        raise
    return Right(token, adoption.show(challenge))


def close(challenge: OpenChallenge, picked: int) -> str:
    """Grade a closed challenge, record its outcome, and return the token.

    Raises WrongAnswer, or AlreadyAnswered when PostgreSQL knows of an answer (as it does when
    Redis came back from an old snapshot).
    """
    right = grading.is_right(challenge.draft.cats, picked)
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
            issued_at__gt=now - timedelta(seconds=CHALLENGE_SECONDS + EXTRA_SECONDS + 1),
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
