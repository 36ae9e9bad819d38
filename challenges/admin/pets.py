"""What is written about a photo on its page in the admin."""

from __future__ import annotations

from typing import Any, Final

from django import forms

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
