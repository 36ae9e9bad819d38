"""Who changed what, when, from what to what: read from the rows that the triggers write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pghistory
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from challenges.models import Site, SiteSecret

PROGRAM: Final = "The program"
# What these say is said otherwise, or by the row itself.
_UNSAID: Final = frozenset({"id", "sitekey", "created_at", "reserved", "simulated"})
_KINDS: Final = {"insert": "made", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class Was:
    """One field that became another: its name, and both values in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row: `kind` is made, changed or deleted; `thing` is what was changed.

    `what` is empty where what it was before is not known, or where nothing is worth saying.
    """

    when: datetime
    who: str
    kind: str
    thing: str
    what: tuple[Was, ...]


def changes_of(model: type[models.Model], pk: int) -> list[Change]:
    """Return all changes of the row of a tracked model, latest first."""
    return _changes(_events(model).filter(pgh_obj_id=pk))


def changes_of_site(site: Site) -> list[Change]:
    """Return all changes of the site and of its secrets, latest first."""
    secrets = _changes(_events(SiteSecret).filter(site_id=site.pk))
    # A site and its first secret are made at one time, the secret second.
    both = secrets + changes_of(Site, site.pk)
    return sorted(both, key=lambda change: change.when, reverse=True)


def told(events: Sequence[Any], before: Sequence[Any | None]) -> list[Change]:
    """Return these events as changes; beside each, the row of the same thing before it, if any."""
    names = _names(events)
    return [_change(event, was, names) for event, was in zip(events, before, strict=True)]


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """Return all events of a tracked model, oldest first, with what is known of their origin."""
    return _events(model)


def user_of(event: Any) -> int | None:
    """Return the number of the person who did it, None where nobody was signed in."""
    return _user(event)


def command_of(event: Any) -> str:
    """Return the command that did it, empty where none did."""
    return str(event.pgh_context.metadata.get("command", "")) if event.pgh_context else ""


@contextmanager
def by_command(name: str) -> Iterator[None]:
    """Write down that changes inside the block are those of a management command."""
    with pghistory.context(command=name):
        yield


def _events(model: type[models.Model]) -> models.QuerySet[Any]:
    # Of each tracked model there is one table of events, whatever happened.
    (events,) = set(model.pgh_event_models.values())  # type: ignore[attr-defined]
    found: models.QuerySet[Any] = events.objects.select_related("pgh_context").order_by("pgh_id")
    return found


def _changes(found: Iterable[Any]) -> list[Change]:
    """Return these events, which come oldest first and leave none out, as changes."""
    events = list(found)
    names = _names(events)
    last: dict[int, Any] = {}
    changes = []
    for event in events:
        changes.append(_change(event, last.get(event.pgh_obj_id), names))
        last[event.pgh_obj_id] = event
    return changes[::-1]


def _change(event: Any, before: Any | None, names: Mapping[int, str]) -> Change:
    kind = _KINDS.get(event.pgh_label, event.pgh_label)
    return Change(
        event.pgh_created_at, _who(event, names), kind, _thing(event), _what(event, before, kind)
    )


def _what(event: Any, before: Any | None, kind: str) -> tuple[Was, ...]:
    """Return what became of the fields; of a new row, what is not as it is by default."""
    if kind == "deleted" or (kind == "changed" and before is None):
        return ()
    # The thing's name says of which site a secret is.
    owner = {"site"} if event.pgh_tracked_model is SiteSecret else set()
    said = []
    for field in _fields(event, owner):
        new = getattr(event, field.attname)
        old = getattr(before, field.attname) if before else field.get_default()
        if new != old and (before or new not in (None, "")):
            told = _words(before, field) if before else ""
            said.append(Was(str(field.verbose_name), told, _words(event, field)))
    return tuple(said)


def _fields(event: Any, unsaid: set[str]) -> list[Any]:
    kept = {field.name for field in event._meta.fields} - _UNSAID - unsaid
    return [field for field in event.pgh_tracked_model._meta.fields if field.name in kept]


def _words(row: Any, field: Any) -> str:
    """Return the value of the row's field as people say it."""
    value = getattr(row, field.attname)
    if value in (None, "", []):
        return "not set"
    if field.is_relation:
        return _name_of(row, field)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _time(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _time(when: datetime) -> str:
    # With seconds: two secrets may be of one minute.
    return date_format(timezone.localtime(when), "j F Y, H:i:s")


def _name_of(row: Any, field: Any) -> str:
    # Rows that the history speaks of may be gone.
    try:
        return str(getattr(row, field.name))
    except ObjectDoesNotExist:
        return f"number {getattr(row, field.attname)}, which is gone"


def _thing(event: Any) -> str:
    kind = event.pgh_tracked_model._meta.verbose_name
    if event.pgh_tracked_model is SiteSecret:
        site = _name_of(event, event._meta.get_field("site"))
        return f"secret of {site}, {_time(event.created_at)}"
    name = getattr(event, "name", "")
    return f"{kind} {name or event.pgh_obj_id}"


def _who(event: Any, names: Mapping[int, str]) -> str:
    number = _user(event)
    if number is None:
        command = command_of(event)
        return f"command: {command}" if command else PROGRAM
    return names.get(number, f"Somebody who is gone (number {number})")


def _user(event: Any) -> int | None:
    said = event.pgh_context.metadata if event.pgh_context else {}
    number = str(said.get("user", ""))
    return int(number) if number.isdecimal() else None


def _names(events: Iterable[Any]) -> dict[int, str]:
    """Return what those are called who made these changes."""
    numbers = {number for event in events if (number := _user(event)) is not None}
    people = get_user_model().objects.filter(pk__in=numbers)
    return {person.pk: person.get_username() for person in people}
