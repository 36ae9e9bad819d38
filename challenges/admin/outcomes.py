"""What became of challenges."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.views.generic import RedirectView

from challenges import odds
from challenges.admin.base import LookOnly
from challenges.admin.pool import PoolPage
from challenges.admin.statistics import StatisticsPage
from challenges.flows import costs
from challenges.models import Outcome, Rendition
from challenges.models.photos import Rights

NOT_SCORED: Final = "not all scored"
_PAYERS: Final = {"prefix": "the network's bucket", "session": "the visitor's handle"}


class Payer(admin.SimpleListFilter):
    """Filters by who gave the token when the pictures were looked at."""

    title = "token from"
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices, in words."""
        return list(_PAYERS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outcome]) -> QuerySet[Outcome]:
        """Return those that were paid so; all while nothing is chosen."""
        return queryset.filter(paid=self.value()) if self.value() in _PAYERS else queryset


@admin.register(Outcome)
class OutcomeAdmin(LookOnly):
    """Outcomes, latest first, without the service's own rehearsals."""

    list_display = (
        "issued_at",
        "site",
        "state",
        "hostname",
        "dialect",
        "risk",
        "attackable",
        "redeemed_at",
    )
    readonly_fields = ("attackable_and_why", "attackers", "paid_by")
    list_filter = ("state", "site", "dialect", Payer)
    list_select_related = ("site",)
    ordering = ("-id",)
    # What could be used against visitors or the service stays out of sight.
    exclude = ("token_digest", "prefix", "headline", "odds", "paid")
    # As long as it may be answered, nor does what is asked for, or who reads it how well.
    answers = ("cats", "renditions", "probe", "attackable_and_why", "attackers")

    class Media:
        css = {"all": ("challenges/desk/see.css",)}

    def get_exclude(self, request: HttpRequest, obj: Outcome | None = None) -> tuple[str, ...]:
        """Return what is left out: of an open challenge its answer, too."""
        is_open = obj is not None and obj.state == Outcome.State.OPEN
        return (*self.exclude, *(self.answers if is_open else ()))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outcome]:
        """Return the outcomes that count."""
        return Outcome.objects.counted().select_related("site")

    def get_fields(self, request: HttpRequest, obj: Outcome | None = None) -> list[str]:
        """Return what is shown: of an open challenge not how attackable it is."""
        left_out = self.get_exclude(request, obj)
        return [name for name in super().get_fields(request, obj) if name not in left_out]

    @admin.display(description="Attackable", ordering="headline")
    def attackable(self, outcome: Outcome) -> str:
        """Return how likely the worst network of the panel solves it."""
        if outcome.state == Outcome.State.OPEN:
            return "open"
        return NOT_SCORED if outcome.headline is None else costs.percent(outcome.headline)

    @admin.display(description="Attackable")
    def attackable_and_why(self, outcome: Outcome) -> str:
        """Return the same, and why there is no number."""
        if outcome.headline is not None or outcome.state == Outcome.State.OPEN:
            return self.attackable(outcome)
        if Rendition.objects.filter(
            pk__in=outcome.renditions, photo__rights=Rights.STARTER
        ).exists():
            return f"{NOT_SCORED}: it holds starter pictures, which are drawn and not measured"
        return f"{NOT_SCORED}: the panel had not read all of its pictures yet"

    @admin.display(description="Paid")
    def paid_by(self, outcome: Outcome) -> str:
        """Return who gave the token that looking at it takes."""
        if outcome.paid:
            return _PAYERS.get(outcome.paid, outcome.paid)
        states = Outcome.State
        if outcome.state == states.OPEN:
            return "open"
        if outcome.state in {states.ABANDONED, states.LOST}:
            return "not looked at"
        # Without a token nothing passes, where tokens are asked for.
        return "no token was asked for" if outcome.state == states.PASSED else "nobody had a token"

    @admin.display(description="By network")
    def attackers(self, outcome: Outcome) -> str:
        """Return how each network of the panel does on it, the best ones first."""
        if not outcome.odds:
            return NOT_SCORED
        judged = {name: odds.Odds(**one) for name, one in outcome.odds.items()}
        rows = [
            (
                name,
                costs.percent(one.solves),
                costs.percent(one.reversed),
                costs.percent(one.belief),
                "right" if one.hit else "wrong",
            )
            for name, one in sorted(judged.items(), key=lambda item: -item[1].worst)
        ]
        return format_html(
            '<table class="attackers"><thead><tr><th scope="col">Network</th>'
            '<th scope="col">Solves it</th><th scope="col">Reversed</th>'
            '<th scope="col">Believes it would</th><th scope="col">Its best guess is</th></tr>'
            "</thead><tbody>{}</tbody></table>",
            format_html_join(
                "",
                '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>',
                rows,
            ),
        )

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
