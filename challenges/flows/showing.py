"""A visitor looks at the pictures of a challenge: the first look counts, and costs a token."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db.models import F

from challenges import state
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import UnknownChallenge
from challenges.flows import compose
from challenges.flows.durability import committed


def fetch_pictures(challenge_id: str) -> OpenChallenge:
    """Return an open challenge whose pictures are about to be sent; the first time counts.

    It also takes a token, in the step that notes it.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    challenge, first = state.fetch(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    if first:
        if challenge.limits:
            state.mark_seen(challenge)
        _count_exposure(challenge.draft)
    return challenge


def fetch_picture(challenge_id: str, index: int) -> bytes:
    """Return one picture of an open challenge, by its number from 0; the first time counts.

    Raises UnknownChallenge (also for a number that is too high), AlreadyAnswered or
    ChallengeExpired.
    """
    count = state.peek(challenge_id).draft.count
    if index >= count:
        raise UnknownChallenge(f"The pictures have numbers from 0 to {count - 1}.")
    return picture(fetch_pictures(challenge_id).draft, index)


def extend(challenge_id: str) -> OpenChallenge:
    """Give an open challenge more time, once, as much again, and return it.

    Raises UnknownChallenge (also before its pictures were fetched), AlreadyAnswered,
    ChallengeExpired or AlreadyExtended.
    """
    challenge = state.peek(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    return state.extend(challenge_id, challenge.seconds)


def _count_exposure(draft: Draft) -> None:
    with committed(at_once=False):
        compose.lock_renditions(draft.renditions).update(shown=F("shown") + 1)


def picture(draft: Draft, index: int) -> bytes:
    """Return the encoded bytes of one picture, made ahead by a worker.

    Raises UnknownChallenge when the picture is gone.
    """
    try:
        with default_storage.open(draft.names[index], "rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise UnknownChallenge from error
