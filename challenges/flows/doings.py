"""What people do that no row tells: signing in, second factors, passwords, API tokens.

Kept in the history, as events of the person, beside the changes that the triggers write.
"""

from __future__ import annotations

import enum
from typing import Final

import pghistory
from django.contrib.auth.models import User

from challenges.models import Person
from challenges.models.people import DOINGS


class Doing(enum.StrEnum):
    """What somebody did, or what was done to their account."""

    SIGNED_IN = "signed_in"
    LOCKED = "locked"
    LINK_MADE = "link_made"
    PASSWORD_SET = "password_set"  # noqa: S105
    FACTOR_ON = "factor_on"
    FACTOR_OFF = "factor_off"
    FACTOR_REMOVED = "factor_removed"
    CODES_MADE = "codes_made"
    CODE_USED = "code_used"
    TOKEN_MADE = "token_made"  # noqa: S105
    TOKEN_ENDED = "token_ended"  # noqa: S105


SENTENCES: Final = {
    Doing.SIGNED_IN: "signed in",
    Doing.LOCKED: "sign-in refused for a while: too many wrong passwords",
    Doing.LINK_MADE: "link made to set a password",
    Doing.PASSWORD_SET: "password set",
    Doing.FACTOR_ON: "second factor set up",
    Doing.FACTOR_OFF: "second factor switched off",
    Doing.FACTOR_REMOVED: "second factor removed by somebody else",
    Doing.CODES_MADE: "recovery codes made",
    Doing.CODE_USED: "signed in with a recovery code",
    Doing.TOKEN_MADE: "API token made",
    Doing.TOKEN_ENDED: "API token ended",
}
assert set(DOINGS) == set(Doing)  # noqa: S101


def note(person: User, doing: Doing, about: str = "") -> None:
    """Write down what happened to the person's account; `about` names a thing, such as a token."""
    known = Person.objects.filter(pk=person.pk).first()
    if known is None:
        return
    said = {"about": about} if about else {}
    with pghistory.context(**said):
        pghistory.create_event(known, label=str(doing))
