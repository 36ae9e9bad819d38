"""What became of challenges."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from challenges.admin.base import LookOnly
from challenges.admin.pool import PoolPage
from challenges.admin.statistics import StatisticsPage
from challenges.models import Outcome


@admin.register(Outcome)
class OutcomeAdmin(LookOnly):
    """Outcomes, latest first, without the service's own rehearsals."""

    list_display = ("issued_at", "site", "state", "hostname", "dialect", "risk", "redeemed_at")
    list_filter = ("state", "site", "dialect")
    list_select_related = ("site",)
    ordering = ("-id",)
    # What could be used against visitors or the service stays out of sight.
    exclude = ("token_digest", "prefix")
    # As long as it may be answered, nor does what is asked for.
    answers = ("cats", "renditions", "probe")

    def get_exclude(self, request: HttpRequest, obj: Outcome | None = None) -> tuple[str, ...]:
        """Return what is left out: of an open challenge its answer, too."""
        is_open = obj is not None and obj.state == Outcome.State.OPEN
        return (*self.exclude, *(self.answers if is_open else ()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outcome]:
        """Return the outcomes that count."""
        return Outcome.objects.counted().select_related("site")

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of numbers."""
        pages = [("statistics", StatisticsPage), ("pool", PoolPage)]
        return [
            *(
                path(
                    name,
                    self.admin_site.admin_view(page.as_view(model_admin=self)),
                    name=f"challenges_outcome_{name}",
                )
                for name, page in pages
            ),
            # With a slash at the end Django would look for an outcome of that name.
            *(
                path(
                    f"{name}/",
                    RedirectView.as_view(
                        pattern_name=f"admin:challenges_outcome_{name}", query_string=True
                    ),
                )
                for name, _ in pages
            ),
            *super().get_urls(),
        ]
