"""What has changed about a photo, from the history that the database keeps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import User

from challenges.models import Batch, Photo

# So many changes are on the page, newest first.
MOST: Final = 40
FIELDS: Final = (
    "status",
    "label",
    "rights",
    "doubt",
    "pet_name",
    "shelter",
    "adoption_url",
    "credit",
    "licence",
    "batch_id",
)
# What flows write beside a change about who asked for it.
BY: Final = ("by", "retired_by", "restored_by", "asked_by", "ended_by")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, by whom if that is known, and each field's name, old and new value."""

    at: datetime
    who: str
    fields: list[tuple[str, str, str]]


def changes(photo: Photo) -> list[Change]:
    """Return how the photo has changed, newest first. Before the first change nothing is kept."""
    events = apps.get_model("challenges", "PhotoEvent")._default_manager
    rows = list(
        events.filter(pgh_obj_id=photo.pk)
        .select_related("pgh_context")
        .order_by("-pgh_id")[: MOST + 1]
    )
    if not rows:
        return []
    people, batches = _people(rows), Batch.objects.in_bulk({row.batch_id for row in rows})
    found = []
    for after, before in zip(rows, [*rows[1:], None], strict=True):
        if before is None and len(rows) > MOST:
            break
        fields = [
            (
                _name(field),
                _value(before, field, batches) if before else "",
                _value(after, field, batches),
            )
            for field in FIELDS
            if (getattr(before, field) if before else "") != (getattr(after, field) or "")
        ]
        if fields:
            found.append(Change(after.pgh_created_at, _who(after, people), fields))
    return found


def _people(rows: Iterable[Any]) -> dict[int, str]:
    keys = [user for row in rows if (user := _metadata(row).get("user")) is not None]
    return dict(User.objects.filter(pk__in=keys).values_list("pk", "username"))


def _metadata(event: Any) -> dict[str, Any]:
    return (event.pgh_context.metadata or {}) if event.pgh_context else {}


def _who(event: Any, people: dict[int, str]) -> str:
    said = _metadata(event)
    if (user := said.get("user")) is not None:
        return people.get(user, f"person {user}")
    return next((str(said[name]) for name in BY if said.get(name)), "")


def _name(field: str) -> str:
    named = Photo._meta.get_field(field.removesuffix("_id"))
    return str(getattr(named, "verbose_name", field)).capitalize()


def _value(event: Any, field: str, batches: dict[int, Batch]) -> str:
    if field == "batch_id":
        return str(batches.get(event.batch_id, f"batch {event.batch_id}"))
    show = getattr(event, f"get_{field}_display", None)
    return str(show() if show else getattr(event, field) or "")
