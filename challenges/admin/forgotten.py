"""What is left of photos that were deleted for good. To be looked at only."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html_join

from challenges.admin.base import LookOnly
from challenges.models import Forgotten


@admin.register(Forgotten)
class ForgottenAdmin(LookOnly):
    """Deleted photos: digests, so that they are not imported again, and what still holds them."""

    list_display = ("photo", "deleted_at", "person", "reason", "arrived_at", "done")
    list_select_related = ("person",)
    search_fields = ("=photo", "sha256__startswith", "reason")
    search_help_text = "Number, how the SHA-256 begins, or a word of the reason"
    ordering = ("-id",)
    fields = (
        "photo",
        "deleted_at",
        "person",
        "reason",
        "arrived_at",
        "still",
        "done",
        "sha256",
        "digests",
    )

    @admin.display(description="What may still contain it")
    def still(self, gone: Forgotten) -> str:
        """Return what may still contain the photo, a sentence a line."""
        return format_html_join("", "<p>{}</p>", ((sentence,) for sentence in gone.held_by)) or "-"

    @admin.display(description="Files")
    def digests(self, gone: Forgotten) -> str:
        """Return the digests of the files with which it was handed in."""
        return format_html_join("", "<p>{}</p>", ((sha256,) for sha256 in gone.files)) or "-"

    @admin.display(description="Gone everywhere here", boolean=True)
    def done(self, gone: Forgotten) -> bool:
        """Return whether nothing of it is left in storage and in challenges."""
        return gone.left is None
