"""What Pawcha finds out about a token, as facts; challenges.dialects puts them into words. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class Reason(enum.StrEnum):
    """Why a token is refused."""

    SECRET_MISSING = enum.auto()
    RESPONSE_MISSING = enum.auto()
    SECRET_UNKNOWN = enum.auto()
    # Never made by us, another site's, or one that its test secret always refuses.
    RESPONSE_UNKNOWN = enum.auto()
    EXPIRED = enum.auto()
    REDEEMED = enum.auto()
    OTHER_SITEKEY = enum.auto()
    # A public test secret with a real token, or the other way round; or the token of an attack of
    # the operator's own.
    TEST_WITH_REAL = enum.auto()
    UNREADABLE = enum.auto()
    # A part of the service is away: the token may be good, and another try may tell.
    CANNOT_KNOW = enum.auto()


@dataclass(frozen=True, slots=True)
class Solved:
    """The token was good: somebody solved a challenge, and this is what is known of it.

    `test`: the pictures were public, by a test key or a site in test mode, so it proves nothing.
    """

    handed_out_at: datetime
    solved_at: datetime
    hostname: str
    action: str = ""
    cdata: str = ""
    test: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The token was not redeemed. `retry_after` is a wait in seconds for those who try too much."""

    reasons: tuple[Reason, ...]
    retry_after: int | None = None


Verdict = Solved | Refused
