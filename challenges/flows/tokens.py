"""API tokens: made by people for their programs, seen once, ended by a button or by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from challenges.flows import doings
from challenges.flows.doings import Doing
from challenges.models import ApiToken

# How long a token may live; None is until somebody ends it.
LIVES: Final = {"30": timedelta(days=30), "365": timedelta(days=365), "never": None}
# More than anybody needs, and few enough to be looked through.
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made, with its text: the only time that it can be seen."""

    token: ApiToken
    text: str


def make(person: User, name: str, life: timedelta | None) -> NewToken:
    """Make a token for a program of this person.

    Raises ValidationError with what to do instead.
    """
    clean = name.strip()
    if not clean:
        raise ValidationError("Give the token a name: what will use it?")
    if len(clean) > 80:
        raise ValidationError("The name is too long: 80 characters at most.")
    if living(person).count() >= MOST:
        raise ValidationError(f"You have {MOST} tokens. End one that you no longer use first.")
    token, text = ApiToken.objects.create(user=person, expiry=life, name=clean)
    doings.note(person, Doing.TOKEN_MADE, clean)
    return NewToken(token, text)


def living(person: User) -> QuerySet[ApiToken]:
    """Return the person's tokens that work, newest first."""
    alive = Q(expiry__isnull=True) | Q(expiry__gt=timezone.now())
    found: QuerySet[ApiToken] = ApiToken.objects.filter(alive, user=person).order_by("-created")
    return found


def over(days: int = 1) -> QuerySet[ApiToken]:
    """Return the tokens of all people that ended by time, so many days ago."""
    found: QuerySet[ApiToken] = ApiToken.objects.filter(
        expiry__lt=timezone.now() - timedelta(days=days)
    )
    return found


def end(person: User, beginning: str) -> str:
    """End the person's token that begins like this; return its name, empty where there is none."""
    token = ApiToken.objects.filter(user=person, token_key=beginning).first()
    if token is None:
        return ""
    token.delete()
    name = str(token.name)
    doings.note(person, Doing.TOKEN_ENDED, name)
    return name
