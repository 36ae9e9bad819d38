"""What the admin pages have in common."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import URLField
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from challenges.flows import review


class LookOnly(ModelAdmin):  # type: ignore[misc]
    """Rows that only the program writes: people may look at them."""

    # Counting millions of rows for one number is not worth it.
    show_full_result_count = False
    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Return no."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return no."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return no."""
        return False


def person(request: HttpRequest) -> User:
    """Return who is signed in. The admin lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def sentence(done: review.Accepted) -> str:
    """Return what became of photos that were accepted."""
    numbers = {
        "neither, so rejected": done.rejected,
        "held until somebody states the right to show them": done.held,
        "no label to confirm": done.passed_over,
    }
    return _listed(f"In the pool now: {done.pooled}", numbers, done)


def rejected(done: review.Accepted) -> str:
    """Return what became of photos that were rejected."""
    return _listed(f"Rejected: {done.rejected}", {}, done)


def _listed(first: str, numbers: dict[str, int], done: review.Accepted) -> str:
    waits = {"waiting for another reviewer's word": done.waiting, "not taken": done.refused}
    parts = [first, *(f"{words}: {n}" for words, n in {**numbers, **waits}.items() if n)]
    return ", ".join(parts) + "." + (f" {done.why}" if done.why else "")
