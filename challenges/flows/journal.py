"""Who changed what, over everything that is tracked: the page of the history, read in pieces."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any, Final

from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value

from challenges.flows import history
from challenges.flows.doings import SENTENCES, Doing
from challenges.flows.history import Change
from challenges.models import Batch, Membership, Person, Photo, Site, SiteSecret
from challenges.models.photos import DELETED

# What may be asked for: its name in the address, and in words.
KINDS: Final[Mapping[str, tuple[str, type[models.Model]]]] = {
    "site": ("Sites", Site),
    "secret": ("Secrets of sites", SiteSecret),
    "photo": ("Photos", Photo),
    "batch": ("Batches", Batch),
    "person": ("People and signing in", Person),
    "group": ("Groups of people", Membership),
}
# Many of these at once are told in one line, by these words.
MANY: Final = {"site": "sites", "photo": "photos", "batch": "batches"}
PAGE: Final = 50
# So few changes at once are told one by one, and so many at most in one line.
FEW: Final = 3
MOST: Final = 5000
# So many rows are read at a time.
ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see: None and "" leave the choice open. `until` is not included.

    With a kind, `thing` is the number of one thing of it; `newest` and `oldest` are numbers of
    events between which each change is told by itself. `after` goes on
    where a page ended: see Page.
    """

    person: int | None = None
    kind: str = ""
    thing: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    newest: int | None = None
    oldest: int | None = None
    after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One change, or so many that came together: events of this kind, from newest to oldest."""

    change: Change
    kind: str
    number: int
    newest: int
    oldest: int


@dataclass(frozen=True, slots=True)
class Page:
    """Changes, latest first, and after which events of each kind the next page goes on, if any."""

    lines: tuple[Line, ...]
    after: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return what the lines tell."""
        return tuple(line.change for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Run:
    """Events of one kind that came together, latest first."""

    kind: str
    moment: datetime
    numbers: list[int]
    states: Counter[str]


def page(asked: Asked, number: int = PAGE) -> Page:
    """Return the latest changes that fit."""
    streams = [_runs(kind, asked) for kind in _kinds(asked)]
    merged = heapq.merge(*streams, key=lambda run: run.moment, reverse=True)
    found = list(islice(merged, number + 1))
    lines = tuple(_lines(found[:number]))
    if len(found) <= number:
        return Page(lines)
    return Page(lines, {**asked.after, **{one.kind: one.oldest for one in lines}})


def _kinds(asked: Asked) -> Iterable[str]:
    if asked.kind not in KINDS:
        return KINDS
    # What became of a site's secrets belongs to the site.
    return ("site", "secret") if asked.kind == "site" and asked.thing else (asked.kind,)


def _runs(kind: str, asked: Asked) -> Iterator[_Run]:
    """Yield what came together: of one request or command, or of the program within an hour."""
    single = kind not in MANY or asked.newest is not None
    for _key, rows in groupby(_rows(kind, asked), key=_together):
        while part := list(islice(rows, MOST)):
            size = 1 if single or len(part) <= FEW else len(part)
            for start in range(0, len(part), size):
                some = part[start : start + size]
                states = Counter(row[4] for row in some)
                yield _Run(kind, some[0][3], [row[0] for row in some], states)


def _together(row: tuple[Any, ...]) -> tuple[Any, ...]:
    _number, context, label, moment, _state = row
    return (label, context or moment.replace(minute=0, second=0, microsecond=0))


def _rows(kind: str, asked: Asked) -> Iterator[tuple[Any, ...]]:
    """Yield what is needed of the events to put them together, latest first."""
    model = KINDS[kind][1]
    state = F("status") if model is Photo else Value("")
    found = _asked_for(model, asked).annotate(state=state).order_by("-pgh_id")
    rows = found.values_list("pgh_id", "pgh_context_id", "pgh_label", "pgh_created_at", "state")
    last = asked.after.get(kind)
    while True:
        # The numbers grow with the time, and have an index.
        part = list((rows.filter(pgh_id__lt=last) if last else rows)[:ROWS])
        yield from part
        if len(part) < ROWS:
            return
        last = part[-1][0]


def _asked_for(model: type[models.Model], asked: Asked) -> models.QuerySet[Any]:
    rows = history.events_of(model)
    if asked.since:
        rows = rows.filter(pgh_created_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(pgh_created_at__lt=asked.until)
    if asked.person:
        rows = rows.filter(_by(asked.person, model))
    if asked.thing:
        rows = rows.filter(
            **{"site_id" if _is_of_site(model, asked) else "pgh_obj_id": asked.thing}
        )
    if asked.newest and asked.oldest:
        rows = rows.filter(pgh_id__range=(asked.oldest, asked.newest))
    return rows


def _is_of_site(model: type[models.Model], asked: Asked) -> bool:
    return model is SiteSecret and asked.kind == "site"


def _by(person: int, model: type[models.Model]) -> Q:
    """Return what the person did, and what was done to their account."""
    did = Q(pgh_context__metadata__user=person)
    if model is Person:
        return did | Q(pgh_obj_id=person)
    return did | Q(user_id=person) if model is Membership else did


def _lines(runs: list[_Run]) -> Iterator[Line]:
    """Return the runs in words: of each the latest event, and how many there are."""
    loaded: dict[tuple[str, int], Any] = {}
    for kind in {run.kind for run in runs}:
        wanted = [run.numbers[0] for run in runs if run.kind == kind]
        loaded |= {(kind, event.pk): event for event in _loaded(KINDS[kind][1], wanted)}
    changes = _told([loaded[run.kind, run.numbers[0]] for run in runs])
    for run, change in zip(runs, changes, strict=True):
        number = len(run.numbers)
        told = _many(run, change) if number > 1 else change
        yield Line(told, run.kind, number, run.numbers[0], run.numbers[-1])


def _loaded(model: type[models.Model], numbers: list[int]) -> models.QuerySet[Any]:
    """Return these events, each with the number of the one before it of the same thing."""
    events = history.events_of(model)
    before = events.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    before = before.exclude(pgh_label__in=list(Doing)).order_by("-pgh_id")
    earlier = Subquery(before.values("pgh_id")[:1])
    found: models.QuerySet[Any] = events.filter(pk__in=numbers).annotate(earlier=earlier)
    return found


def _many(run: _Run, change: Change) -> Change:
    """Return many changes as one: how many things they were, and what these are now."""
    kind = change.kind.partition(",")[0]
    if run.kind == "photo" and kind == "changed":
        names = dict(Photo.Status.choices)
        now = [f"{number:,} {names[state].lower()}" for state, number in run.states.most_common()]
        kind = f"changed, and now: {', '.join(now)}"
    return replace(change, thing=f"{len(run.numbers):,} {MANY[run.kind]}", kind=kind, what=())


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
    if event.pgh_tracked_model is Photo and event.pgh_label == DELETED:
        return replace(change, what=())
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
