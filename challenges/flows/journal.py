"""Who changed what, over everything that is tracked: the page of the history, read in pieces."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from challenges.flows import history
from challenges.flows.doings import SENTENCES, Doing
from challenges.flows.history import Change
from challenges.models import Batch, Membership, Person, Photo, Site, SiteSecret

# What may be asked for: its name in the address, and in words.
KINDS: Final[Mapping[str, tuple[str, type[models.Model]]]] = {
    "site": ("Sites", Site),
    "secret": ("Secrets of sites", SiteSecret),
    "photo": ("Photos", Photo),
    "batch": ("Batches", Batch),
    "person": ("People and signing in", Person),
    "group": ("Groups of people", Membership),
}
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see: None and "" leave the choice open. `until` is not included.

    `before` and `skip` go on where a page ended: from that moment on, with so many of that very
    moment left out, for one transaction may change thousands of rows in one moment.
    """

    person: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, latest first, and where the next page begins, if there is one: see Asked."""

    changes: tuple[Change, ...]
    before: datetime | None = None
    skip: int = 0


def page(asked: Asked, number: int = PAGE) -> Page:
    """Return the latest changes that fit."""
    known = [KINDS[asked.kind]] if asked.kind in KINDS else KINDS.values()
    found = [_latest(model, asked, asked.skip + number + 1) for _words, model in known]
    # Of one moment they come in the order of the kinds, on every page the same.
    merged = list(heapq.merge(*found, key=_moment, reverse=True))
    end = asked.skip + number
    changes = tuple(_told(merged[asked.skip : end]))
    if len(merged) <= end:
        return Page(changes)
    last = _moment(merged[end - 1])
    return Page(changes, last, sum(_moment(event) == last for event in merged[:end]))


def _latest(model: type[models.Model], asked: Asked, number: int) -> list[Any]:
    events = history.events_of(model)
    before = events.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    before = before.exclude(pgh_label__in=list(Doing)).order_by("-pgh_id")
    rows = events.annotate(earlier=Subquery(before.values("pgh_id")[:1]))
    if asked.since:
        rows = rows.filter(pgh_created_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(pgh_created_at__lt=asked.until)
    if asked.before:
        rows = rows.filter(pgh_created_at__lte=asked.before)
    if asked.person:
        rows = rows.filter(_by(asked.person, model))
    # The numbers grow with the time, and have an index.
    return sorted(rows.order_by("-pgh_id")[:number], key=_moment, reverse=True)


def _by(person: int, model: type[models.Model]) -> Q:
    """Return what the person did, and what was done to their account."""
    did = Q(pgh_context__metadata__user=person)
    if model is Person:
        return did | Q(pgh_obj_id=person)
    return did | Q(user_id=person) if model is Membership else did


def _moment(event: Any) -> datetime:
    moment: datetime = event.pgh_created_at
    return moment


def _told(events: list[Any]) -> Iterable[Change]:
    """Return the events in words, with the rows as they were before in one query for each kind."""
    earlier: dict[tuple[type, int], Any] = {}
    for kind in {type(event) for event in events}:
        wanted = [event.earlier for event in events if type(event) is kind and event.earlier]
        rows = kind.objects.in_bulk(wanted)
        earlier |= {(kind, pk): row for pk, row in rows.items()}
    changes = history.told(events, [earlier.get((type(one), one.earlier)) for one in events])
    names = _names(events)
    for event, change in zip(events, changes, strict=True):
        yield _in_words(event, change, names)


def _in_words(event: Any, change: Change, names: Mapping[str, str]) -> Change:
    about = event.pgh_context.metadata.get("about", "") if event.pgh_context else ""
    if event.pgh_label in SENTENCES:
        told = SENTENCES[Doing(event.pgh_label)] + (f": {about}" if about else "")
        who = event.username if _is_own(event) else change.who
        return replace(change, who=who, kind=told, thing=f"person {event.username}", what=())
    if event.pgh_tracked_model is Membership:
        person = names.get(f"user {event.user_id}", "somebody who is gone")
        group = names.get(f"group {event.group_id}", "a group that is gone")
        kind = "put into" if event.pgh_label == "insert" else "taken out of"
        return replace(change, kind=kind, thing=f"{group}: {person}", what=())
    if event.pgh_tracked_model is Photo and not event.earlier:
        # What it was before was not written down yet.
        now = [event.get_status_display(), event.get_label_display()]
        return replace(change, kind=f"changed, and is now: {', '.join(filter(None, now))}")
    if event.pgh_tracked_model is Person:
        return replace(change, thing=f"person {event.username}")
    return change


def _is_own(event: Any) -> bool:
    """Return whether it is the person's own doing, though they were not signed in yet."""
    own = {Doing.SIGNED_IN, Doing.CODE_USED, Doing.PASSWORD_SET}
    unknown = history.user_of(event) is None and history.command_of(event) == ""
    return event.pgh_label in own and unknown


def _names(events: Iterable[Any]) -> dict[str, str]:
    members = [event for event in events if event.pgh_tracked_model is Membership]
    if not members:
        return {}
    users = User.objects.filter(pk__in={event.user_id for event in members})
    groups = Group.objects.filter(pk__in={event.group_id for event in members})
    return {f"user {one.pk}": one.get_username() for one in users} | {
        f"group {one.pk}": one.name for one in groups
    }
