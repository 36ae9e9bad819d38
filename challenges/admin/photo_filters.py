"""By what the list of photos is filtered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    FieldTextFilter,
    RangeNumericFilter,
    RangeNumericListFilter,
)

from challenges.flows import finding
from challenges.models import Label, Photo

Photos = QuerySet[Photo]


class DoubtFilter(DropdownFilter):  # type: ignore[misc]
    """Photos at which a person should look again, and why."""

    title = "doubt"
    parameter_name = "doubt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Any doubt"), *Photo.Doubt.choices, ("no", "No doubt")]

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos of the choice."""
        match self.value():
            case None | "":
                return queryset
            case "yes":
                return queryset.exclude(doubt="")
            case "no":
                return queryset.filter(doubt="")
            case kind:
                return queryset.exclude(doubt="").filter(doubt_kind=kind)


class LinkFilter(DropdownFilter):  # type: ignore[misc]
    """Photos of pets that look for a home."""

    title = "adoption link"
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Has one"), ("shown", "Has one, and it was shown"), ("no", "Has none")]

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos of the choice."""
        match self.value():
            case "yes":
                return queryset.exclude(adoption_url="")
            case "shown":
                return queryset.exclude(adoption_url="").filter(link_shown_at__isnull=False)
            case "no":
                return queryset.filter(adoption_url="")
        return queryset


class SourceFilter(DropdownFilter):  # type: ignore[misc]
    """Who said the label that is in force."""

    title = "who said the label"
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return list(Label.Source.choices)

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos of the choice."""
        value = self.value()
        return finding.labelled_by(queryset, value) if value else queryset


class DuplicatesFilter(DropdownFilter):  # type: ignore[misc]
    """Photos that look nearly like others."""

    title = "near-duplicates"
    parameter_name = "duplicates"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Has some"), ("no", "Has none")]

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos of the choice."""
        if self.value() in ("yes", "no"):
            return finding.with_duplicates(queryset, have=self.value() == "yes")
        return queryset


class ExposureFilter(DropdownFilter):  # type: ignore[misc]
    """How often a photo was shown to visitors."""

    title = "how often shown"
    parameter_name = "shown"
    ranges = {
        "0": ("Never", 0, 0),
        "1": ("1 to 9 times", 1, 9),
        "10": ("10 to 99 times", 10, 99),
        "100": ("100 times or more", 100, None),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [(key, words) for key, (words, _, _) in self.ranges.items()]

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos of the choice."""
        chosen = self.ranges.get(self.value() or "")
        return finding.shown_times(queryset, *chosen[1:]) if chosen else queryset


class _PercentFilter(RangeNumericListFilter):  # type: ignore[misc]
    """A share in percent, from and to."""

    find: Callable[[Photos, float | None, float | None], Photos]

    def queryset(self, request: HttpRequest, queryset: Photos) -> Photos:
        """Return the photos in the range; what is no number does not count."""
        least = self._number("from")
        most = self._number("to")
        if least is None and most is None:
            return queryset
        return type(self).find(queryset, least, most)

    def _number(self, end: str) -> float | None:
        try:
            return float(self.used_parameters.get(f"{self.parameter_name}_{end}") or "")
        except ValueError:
            return None


class MissedFilter(_PercentFilter):
    """How many percent of people take it for the other animal."""

    title = "missed by people, in percent"
    parameter_name = "missed"
    find = staticmethod(finding.missed_percent)


class SolvedFilter(_PercentFilter):
    """Of how many percent of its renditions the network tells what they show."""

    title = "solved by machines, in percent"
    parameter_name = "solved"
    find = staticmethod(finding.solved_percent)


LIST_FILTER = (
    ("status", ChoicesDropdownFilter),
    ("label", ChoicesDropdownFilter),
    DoubtFilter,
    SourceFilter,
    ("rights", ChoicesDropdownFilter),
    ("batch", AutocompleteSelectFilter),
    ("shelter", FieldTextFilter),
    LinkFilter,
    DuplicatesFilter,
    ExposureFilter,
    MissedFilter,
    SolvedFilter,
    ("certainty", RangeNumericFilter),
)
