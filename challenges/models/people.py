"""Changes of people and their groups, for the history. The rows are Django's own."""

from __future__ import annotations

from typing import Final

import pghistory
from django.contrib.auth.models import User
from django.db import models
from knox.models import AbstractAuthToken

# What people do that changes no row that is tracked: see flows.doings.
DOINGS: Final = (
    "signed_in",
    "locked",
    "link_made",
    "password_set",
    "factor_on",
    "factor_off",
    "factor_removed",
    "codes_made",
    "code_used",
    "token_made",
    "token_ended",
)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    *(pghistory.ManualEvent(doing) for doing in DOINGS),  # type: ignore[no-untyped-call]
    fields=["username", "email", "is_active", "is_staff", "is_superuser"],
    model_name="PersonEvent",
)
class Person(User):  # type: ignore[django-manager-missing] # knox has no types
    """Somebody who may sign in."""

    class Meta:
        proxy = True
        verbose_name_plural = "people"
        permissions = [("see_history", "Can see who changed what")]


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class Membership(User.groups.through):  # type: ignore[name-defined,misc]
    """That somebody is in a group."""

    class Meta:
        proxy = True


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A token with which a program calls the REST API in the name of a person.

    Only its digest is kept, and its beginning, by which people tell tokens apart.
    """

    name = models.CharField(max_length=80, help_text="What uses it, such as: upload script.")
    used_at = models.DateTimeField(null=True, blank=True, help_text="Last use, to within an hour.")

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"

    def __str__(self) -> str:
        return self.name
