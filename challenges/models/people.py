"""Changes of people and their groups, for the history. The rows are Django's own."""

from __future__ import annotations

import pghistory
from django.contrib.auth.models import User


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    fields=["username", "email", "is_active", "is_staff", "is_superuser"],
    model_name="PersonEvent",
)
class Person(User):
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
