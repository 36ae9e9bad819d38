"""How often somebody may try a password.

Three buckets, each with so many tries at once and so many a minute after that:
- one account from one network: 5, then 1 a minute;
- any accounts from one network: 20, then 4 a minute;
- one account from anywhere, on computers where the person never signed in: 50, then 1 a minute.

So whoever guesses has few tries, and the right person still gets in: from any other network at
once, and while a thousand networks guess, from each computer on which they signed in before (a
signed cookie tells). A right password gives its try back. Without Redis nobody signs in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db.models import Q
from django.utils import timezone

from challenges.budgets import Address, Budget, prefix_hashes
from challenges.exceptions import TooManyRequests
from challenges.flows import doings
from challenges.flows.doings import Doing
from challenges.state import doors

ACCOUNT_HERE: Final = Budget(5, 1)
ANY_HERE: Final = Budget(20, 4)
ACCOUNT_STRANGER: Final = Budget(50, 1)
# An account that is being guessed at is news once in so many seconds.
NEWS: Final = 3600
COOKIE: Final = "pawcha-known"
KNOWN_SECONDS: Final = 180 * 86_400
_SALT: Final = "pawcha.known-computer"


@dataclass(slots=True)
class Try:
    """One try at a password."""

    budgets: dict[str, Budget] = field(default_factory=dict)

    def give_back(self) -> None:
        """Give the try back: the password was right."""
        doors.give_back(self.budgets)


def take(name: str, address: Address, known: str = "") -> Try:
    """Take one try for this name (or e-mail address) from this address, or refuse.

    `known` is the cookie of a computer on which somebody signed in before.
    Raises TooManyRequests with the wait, and state.Unreachable.
    """
    person = _person(name)
    who = str(person.pk) if person else hashlib.sha256(name.lower().encode()).hexdigest()[:32]
    network = prefix_hashes(address, settings.SECRET_KEY, timezone.now().timestamp())[0]
    budgets = {f"sign-in:{who}:{network}": ACCOUNT_HERE, f"sign-in:any:{network}": ANY_HERE}
    if person is None or not is_known(known, person):
        budgets[f"sign-in:{who}"] = ACCOUNT_STRANGER
    try:
        doors.spend(budgets)
    except TooManyRequests:
        if person is not None and doors.is_news(f"locked:{person.pk}", NEWS):
            doings.note(person, Doing.LOCKED)
        raise
    return Try(budgets)


def _person(name: str) -> User | None:
    spelled = Q(username__iexact=name) | Q(email__iexact=name)
    return User.objects.filter(spelled).order_by("pk").first() if name else None


def known_cookie(person: User) -> str:
    """Return what a computer keeps on which this person signed in."""
    return signing.dumps(person.pk, salt=_SALT)


def is_known(cookie: str, person: User) -> bool:
    """Return whether the cookie says that this person signed in on this computer before."""
    try:
        found: object = signing.loads(cookie, salt=_SALT, max_age=KNOWN_SECONDS)
    except signing.BadSignature:
        return False
    return found == person.pk


def wait_in_words(seconds: int) -> str:
    """Return a wait as people say it: 40 seconds, 3 minutes."""
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
