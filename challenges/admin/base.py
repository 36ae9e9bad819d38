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
    parts = [f"In the pool now: {done.pooled}"]
    if done.rejected:
        parts.append(f"neither, so rejected: {done.rejected}")
    if done.passed_over:
        parts.append(f"no label to confirm: {done.passed_over}")
    return ", ".join(parts) + "."
