"""Budgets, and what an address prefix and a visitor's handle have: tokens, and heat."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings

from challenges.budgets import SESSION_SECONDS, Budget, Heat, Tokens
from challenges.drafts import OpenChallenge
from challenges.exceptions import TooManyRequests
from challenges.selection import Audience, audience_of
from challenges.state.base import run


def spend(budgets: dict[str, Budget]) -> None:
    """Take one try from each named bucket, or from none of them.

    Raises TooManyRequests with the wait in seconds.
    """
    args: list[str | float] = [time.time()]
    for budget in budgets.values():
        args += [budget.burst, budget.per_second]
    empty, wait = run("spend", [f"bucket:{name}" for name in budgets], args)
    if int(empty):
        seconds = max(1, round(float(wait) + 0.5))
        raise TooManyRequests(
            f"Too many tries from here. Please wait {seconds} seconds.", retry_after=float(wait)
        )


def tokens() -> Tokens:
    """Return the operator's rule of the tokens."""
    rules = settings.PAWCHA
    return Tokens(
        start=rules["BUCKET_START"],
        most=rules["BUCKET_MOST"],
        per_hour=rules["BUCKET_PER_HOUR"],
        refill=rules["BUCKET_REFILL"],
    )


def heat() -> Heat:
    """Return the operator's rule of hot prefixes."""
    return Heat(rounds=settings.PAWCHA["HEAT_ROUNDS"], leak=settings.PAWCHA["HEAT_LEAK"])


@dataclass(frozen=True, slots=True)
class Purse:
    """What a visitor has now at a site: their prefix's tokens, how hot it is, their handle's."""

    tokens: float
    heat: float
    handle: float = 0


def purse(prefixes: tuple[str, str], site: int, audience: Audience, session: str = "") -> Purse:
    """Return what a prefix (today's hash, yesterday's) and a handle have at a site.

    What the prefix had before midnight is its own still. Challenges of starter pictures, which
    everybody may learn, have tokens and heat of their own.
    """
    names = [
        *(_prefix_tokens(prefix, site, audience) for prefix in prefixes),
        *(_prefix_heat(prefix, audience) for prefix in prefixes),
        _handle_tokens(session, site),
    ]
    rule, hot = tokens(), heat()
    args = [time.time(), rule.start, rule.most, rule.per_second, hot.per_second, SESSION_SECONDS]
    return Purse(*map(float, run("purse", names, args)))


def _prefix_tokens(prefix: str, site: int, audience: Audience) -> str:
    return f"tokens:{_pictures(audience)}:{site}:{prefix}"


def _handle_tokens(session: str, site: int) -> str:
    return f"session:{site}:{session}"


def _prefix_heat(prefix: str, audience: Audience) -> str:
    return f"heat:{_pictures(audience)}:{prefix}"


def _pictures(audience: Audience) -> str:
    return "starters" if audience is Audience.TESTING else "photos"


def keys_of(challenge: OpenChallenge) -> list[str]:
    """Return the names of what pays for a challenge: prefix, handle, and the prefix's heat.

    Tokens count at one site: what is solved at an easy one opens no other. Heat is shared, for a
    bot is a bot everywhere.
    """
    audience = audience_of(challenge.profile)
    return [
        _prefix_tokens(challenge.prefix, challenge.site, audience),
        _handle_tokens(challenge.session, challenge.site),
        _prefix_heat(challenge.prefix, audience),
    ]


def rules() -> list[str | float]:
    """Return the rules as the script of the buckets takes them."""
    rule = tokens()
    return [
        rule.start,
        rule.most,
        rule.per_second,
        rule.refill,
        SESSION_SECONDS,
        heat().per_second,
    ]
