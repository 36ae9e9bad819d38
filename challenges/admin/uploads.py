"""Batches and the files that were handed in."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from challenges.admin.base import LookOnly, person, sentence
from challenges.flows import review
from challenges.models import Batch, Photo, Upload


@admin.register(Batch)
class BatchAdmin(LookOnly):
    """Imports. One may be accepted as a whole."""

    list_display = (
        "name",
        "rights",
        "rights_text",
        "well_known",
        "pooled",
        "waiting",
        "created_at",
    )
    list_filter = ("rights", "well_known", "trust_labels")
    search_fields = ("name",)
    ordering = ("-id",)
    actions = ("accept",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Return the batches with what has become of their photos."""
        waits = Q(photos__status__in=[Photo.Status.UNLABELLED, Photo.Status.PROPOSED])
        return Batch.objects.annotate(
            pooled=Count("photos", filter=Q(photos__status=Photo.Status.POOLED)),
            waiting=Count("photos", filter=waits),
        )

    @admin.display(description="In the pool", ordering="pooled")
    def pooled(self, batch: Batch) -> int:
        """Return how many photos are in the pool."""
        return int(getattr(batch, "pooled", 0))

    @admin.display(description="Waiting for a person or a label", ordering="waiting")
    def waiting(self, batch: Batch) -> int:
        """Return how many photos nobody has accepted yet."""
        return int(getattr(batch, "waiting", 0))

    def has_accept_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may change photos."""
        return request.user.has_perm("challenges.change_photo")

    @admin.action(description="Accept all as they are labelled", permissions=["accept"])
    def accept(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        """Pool everything in these batches that has a proposed label."""
        for name in batches.values_list("name", flat=True):
            done = review.accept_batch(name, person(request))
            self.message_user(request, f"{name}: {sentence(done)}", messages.SUCCESS)


@admin.register(Upload)
class UploadAdmin(LookOnly):
    """Files that were handed in, and why some were rejected."""

    list_display = ("name", "batch", "state", "reason", "label", "created_at")
    list_filter = ("state", "batch")
    list_select_related = ("batch",)
    search_fields = ("name", "reason")
    ordering = ("-id",)
