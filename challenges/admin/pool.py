"""The page of the pool's health: how much is left, who works, and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.flows import health
from challenges.selection import EXPOSURES


class PoolPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """Photos, ready challenges, queues, workers, failures: each with what to do."""

    title = "Health of the pool"
    permission_required = ("challenges.see_statistics",)
    template_name = "admin/challenges/outcome/pool.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return how all is now."""
        now = health.health()
        found: dict[str, Any] = super().get_context_data(
            health=now,
            exposures=EXPOSURES,
            parts=[
                ("Alarms", now.alarms, "No alarm stands."),
                ("Ready challenges", now.ready, "No site is served, so none are kept ready."),
                ("Workers", now.workers, ""),
                ("What waits", now.waiting, ""),
                ("Photos", now.photos, ""),
            ],
            failures=[(datetime.fromtimestamp(one.at, UTC), one) for one in now.failures],
            **more,
        )
        return found
