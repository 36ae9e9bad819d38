"""Batches and the files that were handed in."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from challenges.admin.base import LookOnly, person, sentence
from challenges.admin.upload_pages import RunPage, UploadPage, show_picture
from challenges.flows import batches as flow
from challenges.flows import review
from challenges.models import Batch, Photo, Upload


@admin.register(Batch)
class BatchAdmin(LookOnly):
    """What was uploaded and imported. One may be accepted as a whole."""

    change_list_template = "admin/challenges/batch/change_list.html"
    list_display = (
        "name",
        "run",
        "rights",
        "rights_text",
        "pooled",
        "waiting",
        "person",
        "created_at",
    )
    list_select_related = ("person",)
    list_filter = ("rights", "well_known", "trust_labels")
    search_fields = ("name",)
    ordering = ("-id",)
    actions = ("accept",)
    exclude = ("trust_labels",)
    readonly_fields = ("labels",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        """Return the batches with what has become of their photos."""
        waits = Q(photos__status__in=[Photo.Status.UNLABELLED, Photo.Status.PROPOSED])
        return flow.visible(person(request)).annotate(
            pooled=Count("photos", filter=Q(photos__status=Photo.Status.POOLED)),
            waiting=Count("photos", filter=waits),
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the upload page, and the run of each batch with its pictures."""
        site = self.admin_site.admin_view
        return [
            path(
                "upload/",
                site(UploadPage.as_view(model_admin=self)),
                name="challenges_batch_upload",
            ),
            path(
                "<int:pk>/run/",
                site(RunPage.as_view(model_admin=self)),
                name="challenges_batch_run",
            ),
            path(
                "<int:pk>/picture/<int:photo>", site(show_picture), name="challenges_batch_picture"
            ),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        """Return whether this person may see batches: all of them, or their own."""
        user = person(request)
        if user.has_perm(flow.SEE_ALL):
            return True
        own = obj is None or obj.person_id == user.pk
        return own and user.has_perm(flow.UPLOAD)

    @admin.display(description="Labels")
    def labels(self, batch: Batch) -> str:
        """Return what becomes of photos whose folders or files say what they show."""
        return flow.trust(batch)

    @admin.display(description="Run")
    def run(self, batch: Batch) -> str:
        """Return a link to what became of its files."""
        return format_html(
            '<a class="underline whitespace-nowrap" href="{}">See the run</a>',
            reverse("admin:challenges_batch_run", args=[batch.pk]),
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
        """Return whether this person may label photos."""
        return request.user.has_perm("challenges.label_photo")

    @admin.action(description="Accept all as they are labelled", permissions=["accept"])
    def accept(self, request: HttpRequest, batches: QuerySet[Batch]) -> None:
        """Pool everything in these batches that has a proposed label."""
        for name in batches.values_list("name", flat=True):
            try:
                done = review.accept_batch(name, person(request))
            except review.OnlyOwner as error:
                self.message_user(request, str(error), messages.ERROR)
                return
            self.message_user(request, f"{name}: {sentence(done)}", messages.SUCCESS)


@admin.register(Upload)
class UploadAdmin(LookOnly):
    """Files that were handed in, and why some were rejected."""

    list_display = ("name", "batch", "state", "reason", "label", "created_at")
    list_filter = ("state", "batch")
    list_select_related = ("batch",)
    search_fields = ("name", "reason")
    ordering = ("-id",)
