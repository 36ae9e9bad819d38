"""Open challenges: looked at, answered and filed, each step by one script."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from challenges.drafts import OpenChallenge
from challenges.exceptions import (
    AlreadyAnswered,
    AlreadyExtended,
    ChallengeExpired,
    UnknownChallenge,
)
from challenges.state import purses
from challenges.state.base import client, key, run

# An open challenge is kept this long after its end, so that the sweeper can file it.
GRACE: Final = 600

# What an answer comes to: a pass, a right answer that nobody paid for, or a wrong one.
Ending = Literal["pass", "more", "wrong"]
# What a challenge was that ran out: its pictures fetched or not, or closed by somebody before.
Expired = Literal["fetched", "unseen", "closed"]


def _challenge(challenge_id: str) -> str:
    return f"challenge:{challenge_id}"


def open_challenge(challenge: OpenChallenge) -> None:
    """Remember a challenge that is being handed out."""
    name = key(_challenge(challenge.id))
    pipe = client().pipeline()
    pipe.hset(
        name,
        mapping={
            "data": challenge.to_json(),
            "state": "open",
            "expires": challenge.expires_at,
        },
    )
    # From now, not until then: a simulation lives on another day than Redis.
    pipe.expire(name, max(1, int(challenge.expires_at - time.time())) + GRACE)
    pipe.zadd(key("open"), {challenge.id: challenge.expires_at})
    pipe.execute()


def _change(step: Literal["extend", "expire"], challenge_id: str, *more: int) -> list[str]:
    keys = [_challenge(challenge_id), "open"]
    answer = run("change", keys, [step, time.time(), challenge_id, *more])
    _refuse(answer[0])
    return answer


def _refuse(said: str) -> None:
    """Raise what a script refused, if it did."""
    match said:
        case "unknown":
            raise UnknownChallenge
        case "closed":
            raise AlreadyAnswered
        case "expired":
            raise ChallengeExpired
        case "extended":
            raise AlreadyExtended


def _settle(
    step: Literal["fetch", "close", "reopen"], challenge: OpenChallenge, *, right: bool = False
) -> list[str]:
    keys = [_challenge(challenge.id), "open", *purses.keys_of(challenge)]
    told = [step, time.time(), challenge.id, int(challenge.is_free), int(right)]
    answer = run("settle", keys, [*told, *purses.rules()])
    _refuse(answer[0])
    return answer


def _read(data: str, expires: str) -> OpenChallenge:
    """Return a challenge as it was handed out, with the end that it has by now."""
    return replace(OpenChallenge.from_json(data), expires_at=float(expires))


def fetch(challenge_id: str) -> tuple[OpenChallenge, bool]:
    """Return the open challenge, and whether its pictures are asked for the first time.

    The first time takes a token of the prefix, or of the visitor's handle, in the same step.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    _, data, expires, first, _ = _settle("fetch", peek(challenge_id))
    return _read(data, expires), bool(int(first))


def extend(challenge_id: str, seconds: int) -> OpenChallenge:
    """Give an open challenge more time, once, and return it.

    Raises UnknownChallenge (also before its pictures were fetched), AlreadyAnswered,
    ChallengeExpired or AlreadyExtended.
    """
    _, data, expires, _ = _change("extend", challenge_id, seconds, GRACE)
    return _read(data, expires)


def peek(challenge_id: str) -> OpenChallenge:
    """Return a challenge as it is, open or not, without a change.

    Raises UnknownChallenge.
    """
    return _look(challenge_id).challenge


def peek_fetched(challenge_id: str) -> OpenChallenge:
    """Return a challenge as `peek` does, if its pictures were fetched.

    Raises UnknownChallenge.
    """
    looked = _look(challenge_id)
    if not looked.fetched:
        raise UnknownChallenge
    return looked.challenge


def _look(challenge_id: str) -> Overdue:
    row = client().hmget(key(_challenge(challenge_id)), "data", "expires", "fetched", "paid")
    data, expires, fetched, payer = cast("list[str | None]", row)
    if data is None or expires is None:
        raise UnknownChallenge
    return Overdue(_read(data, expires), fetched=fetched is not None, paid=_paid(payer))


def note_report(challenge_id: str, picture: int) -> int:
    """Note which picture of a challenge is reported; return the one that was noted first."""
    return int(run("note_report", [_challenge(challenge_id)], [picture])[0])


def forget_report(challenge_id: str) -> None:
    """Forget the report, since it could not be recorded."""
    client().hdel(key(_challenge(challenge_id)), "reported")


@dataclass(frozen=True, slots=True)
class Settled:
    """A challenge that was closed, and what came of it.

    `paid` is prefix or session: whose token was taken when the pictures were looked at. It is empty
    when nobody had one, or had to have one.
    """

    challenge: OpenChallenge
    ending: Ending
    paid: str = ""


def settle(challenge: OpenChallenge, *, right: bool) -> Settled:
    """Close the challenge for good, and settle: of many callers, one gets it.

    Whether a right answer passes, or only fills the visitor's handle, is decided in the same step.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    _, data, expires, ending, payer = _settle("close", challenge, right=right)
    return Settled(_read(data, expires), cast("Ending", ending), _paid(payer))


def _paid(payer: str | None) -> str:
    return payer if payer in {"prefix", "session"} else ""


def reopen(challenge: OpenChallenge) -> None:
    """Take the close and its settlement back, since the answer could not be recorded."""
    _settle("reopen", challenge)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A challenge that nobody answered in time, and who paid for it: see Settled."""

    challenge: OpenChallenge
    fetched: bool
    paid: str = ""


def overdue(limit: int) -> list[Overdue]:
    """Return challenges that ran out and were not filed yet, at most `limit`."""
    late = client().zrangebyscore(key("open"), "-inf", time.time(), start=0, num=limit)
    found = []
    for challenge_id in cast("list[str]", late):
        try:
            found.append(_look(challenge_id))
        except UnknownChallenge:
            client().zrem(key("open"), challenge_id)
    return found


def expire(challenge_id: str) -> Expired:
    """Close a challenge that ran out; return whether its pictures were fetched by then.

    Somebody may have done so since it was found overdue: clocks of servers differ.
    """
    try:
        *_, fetched = _change("expire", challenge_id)
    except (UnknownChallenge, AlreadyAnswered, ChallengeExpired):
        client().zrem(key("open"), challenge_id)
        return "closed"
    return "fetched" if int(fetched) else "unseen"
