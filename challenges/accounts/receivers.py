"""Signals of Django and allauth, written into the history."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed, post_migrate, pre_delete

from challenges.flows import doings, people
from challenges.flows.doings import Doing


def connect(sender: Any) -> None:
    """Connect all of them; `sender` is the app whose migrations are followed by the groups."""
    post_migrate.connect(people.keep_groups, sender=sender, dispatch_uid="pawcha.groups")
    m2m_changed.connect(people.keep_staff, sender=User.groups.through, dispatch_uid="pawcha.staff")
    pre_delete.connect(people.empty_group, sender=Group, dispatch_uid="pawcha.empty_group")
    user_logged_in.connect(_signed_in, dispatch_uid="pawcha.signed_in")
    password_changed.connect(_password_changed, dispatch_uid="pawcha.password")
    authenticator_added.connect(_factor_added, dispatch_uid="pawcha.factor_added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="pawcha.factor_removed")
    authenticator_reset.connect(_codes_made, dispatch_uid="pawcha.codes")
    authenticator_used.connect(_factor_used, dispatch_uid="pawcha.factor_used")


def _signed_in(user: User, **_: Any) -> None:
    doings.note(user, Doing.SIGNED_IN)


def _password_changed(user: User, **_: Any) -> None:
    doings.note(user, Doing.PASSWORD_SET)


def _factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    totp = authenticator.type == Authenticator.Type.TOTP
    doings.note(user, Doing.FACTOR_ON if totp else Doing.CODES_MADE)


def _factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        doings.note(user, Doing.FACTOR_OFF)


def _codes_made(user: User, **_: Any) -> None:
    doings.note(user, Doing.CODES_MADE)


def _factor_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        doings.note(user, Doing.CODE_USED)
