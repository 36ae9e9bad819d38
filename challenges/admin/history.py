"""The page of the history: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.flows import journal
from challenges.flows.journal import KINDS, Asked, Line

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
    thing = forms.IntegerField(label="Its number", required=False, min_value=0, max_value=2**63 - 1)
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
            thing=said.get("thing"),
            since=_midnight(since) if since else None,
            until=_midnight(until) + timedelta(days=1) if until else None,
        )


class HistoryPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """Fifty changes, latest first.

    Other pages may ask for one thing: `?kind=photo&thing=5`, with the kinds of the journal.
    """

    title = "History"
    permission_required = ("challenges.see_history",)
    template_name = "admin/challenges/people/history.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return the filters, the changes, and the address of older ones."""
        said = self.request.GET
        filters = Filters(said)
        numbers = {name: _number(said.get(name, "")) for name in ("newest", "oldest")}
        asked = replace(
            filters.asked(),
            newest=numbers["newest"],
            oldest=numbers["oldest"],
            after=_after(said.get("after", "")),
        )
        page = journal.page(asked)
        kept = {name: said[name] for name in filters.fields if said.get(name)}
        chosen = {name: str(number) for name, number in numbers.items() if number}
        found: dict[str, Any] = super().get_context_data(
            filters=filters,
            lines=[(line, _singles(line, kept)) for line in page.lines],
            older=_address(kept | chosen | {"after": _text(page.after)}) if page.after else "",
            latest=_address(kept | chosen) if asked.after else "",
            thing=_thing(asked),
            everything=_address({}) if chosen or asked.thing else "",
            **more,
        )
        return found


def _thing(asked: Asked) -> str:
    """Return in words what is shown only, empty where nothing is left out."""
    if asked.newest and asked.oldest:
        return "Each change of what came together."
    return f"Only {asked.kind} {asked.thing}." if asked.thing and asked.kind in KINDS else ""


def _singles(line: Line, kept: dict[str, str]) -> str:
    """Return where the changes of this line are told one by one, empty where it is only one."""
    if line.number == 1:
        return ""
    only = {"kind": line.kind, "newest": str(line.newest), "oldest": str(line.oldest)}
    return _address(kept | only)


def _address(said: dict[str, str]) -> str:
    return f"{reverse('admin:challenges_person_history')}?{urlencode(said)}".rstrip("?")


def _after(text: str) -> dict[str, int]:
    """Return where each kind goes on: photo.123-site.45; what cannot be read is left out."""
    parts = [part.partition(".")[::2] for part in text.split("-")]
    return {kind: number for kind, tail in parts if kind in KINDS and (number := _number(tail))}


def _text(after: Mapping[str, int]) -> str:
    return "-".join(f"{kind}.{number}" for kind, number in after.items())


def _number(text: str) -> int | None:
    # No number in the database is longer.
    return int(text) or None if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
