"""What is written on a photo's page in the admin, and by what the list of photos is filtered."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from challenges.models import Photo

# The fields of a photo that are written on its page.
PET: Final = ("pet_name", "shelter", "adoption_url")
PET_HELP: Final = (
    "Visitors who solved a challenge with this photo are shown the link, never before: it tells "
    "what the photo shows. So the photo leaves the pool some time after that (three days, unless "
    "PAWCHA_ADOPTION_HOURS says otherwise). Without a link it stays."
)


class PetForm(forms.ModelForm[Photo]):
    """Whom the photo shows, and where to adopt the pet: the fields are those of the page."""

    def clean(self) -> dict[str, Any]:
        """Refuse a link without the words that go with it."""
        words = super().clean() or {}
        for name in ("pet_name", "shelter"):
            if words.get("adoption_url") and not words.get(name):
                self.add_error(name, "With an adoption link, this is needed too: visitors read it.")
        return words


class DoubtFilter(admin.SimpleListFilter):
    """Photos at which a person should look again."""

    title = "in doubt"
    parameter_name = "doubt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Yes: somebody should look again"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        """Return the photos of the choice."""
        match self.value():
            case "yes":
                return queryset.exclude(doubt="")
            case "no":
                return queryset.filter(doubt="")
        return queryset


class LinkFilter(admin.SimpleListFilter):
    """Photos of pets that look for a home."""

    title = "has an adoption link"
    parameter_name = "link"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Yes"), ("shown", "Yes, and it was shown"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        """Return the photos of the choice."""
        match self.value():
            case "yes":
                return queryset.exclude(adoption_url="")
            case "shown":
                return queryset.exclude(adoption_url="").filter(link_shown_at__isnull=False)
            case "no":
                return queryset.filter(adoption_url="")
        return queryset
