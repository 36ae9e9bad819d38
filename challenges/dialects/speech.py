"""What all dialects have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from challenges.verdicts import Reason, Refused, Solved, Verdict

Reply = dict[str, Any]
Codes = Mapping[Reason, tuple[str, ...]]


class Dialect(Protocol):
    """A module of this package."""

    def reply(self, verdict: Verdict) -> Reply:
        """Return the verdict in this vendor's words, to be sent as JSON."""


def refusal(refused: Refused, codes: Codes) -> Reply:
    """Return the reply that says why a token was refused."""
    told = [code for reason in refused.reasons for code in codes[reason]]
    return {"success": False, "error-codes": told}


def tested(solved: Solved) -> Reply:
    """Return what tells a host's server that it is a test: nothing, where it is none."""
    return {"test": True} if solved.test else {}


def moment(at: datetime) -> str:
    """Return the time as ISO 8601 with an offset, to the second: clients of all vendors read it."""
    return at.isoformat(timespec="seconds")
