"""The page of the history: who changed what, when, from what to what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.flows import journal
from challenges.flows.journal import KINDS, Asked

DAY = forms.DateInput(attrs={"type": "date"})


class Filters(forms.Form):
    """Which changes to show."""

    person = forms.ModelChoiceField(
        User.objects.order_by("username"),
        required=False,
        empty_label="Everybody",
    )
    kind = forms.ChoiceField(
        label="What",
        choices=[("", "Everything"), *((key, words) for key, (words, _model) in KINDS.items())],
        required=False,
    )
    since = forms.DateField(label="From", required=False, widget=DAY)
    until = forms.DateField(label="To", required=False, widget=DAY)

    def asked(self) -> Asked:
        """Return what is asked for; what cannot be read leaves the choice open."""
        self.is_valid()
        said = self.cleaned_data
        person, since, until = said.get("person"), said.get("since"), said.get("until")
        return Asked(
            person=person.pk if person else None,
            kind=said.get("kind") or "",
            since=_midnight(since) if since else None,
            until=_midnight(until) + timedelta(days=1) if until else None,
        )


class HistoryPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """Fifty changes, latest first."""

    title = "History"
    permission_required = ("challenges.see_history",)
    template_name = "admin/challenges/people/history.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return the filters, the changes, and the address of older ones."""
        filters = Filters(self.request.GET)
        asked = filters.asked()
        before = parse_moment(self.request.GET.get("before", ""))
        if before:
            asked = replace(asked, before=before, skip=_number(self.request.GET.get("skip", "")))
        page = journal.page(asked)
        kept = {name: self.request.GET[name] for name in filters.fields if name in self.request.GET}
        older = {}
        if page.before:
            older = {**kept, "before": page.before.isoformat(), "skip": str(page.skip)}
        found: dict[str, Any] = super().get_context_data(
            filters=filters,
            changes=page.changes,
            older=f"?{urlencode(older)}" if older else "",
            latest=f"?{urlencode(kept)}" if before else "",
            **more,
        )
        return found


def parse_moment(text: str) -> datetime | None:
    """Return the moment, None where it cannot be read."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
