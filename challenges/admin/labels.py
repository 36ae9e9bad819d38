"""Labelling: the queue, the sample, and everything that was said about photos."""

from __future__ import annotations

import io
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges import imaging
from challenges.admin.base import LookOnly
from challenges.admin.samples import SampleView
from challenges.flows.claims import LARGE, SMALL
from challenges.flows.deciding import agreement
from challenges.models import Label, Photo

MAY: Final = "challenges.label_photo"
QUALITY: Final = 82


class QueueView(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """One big picture after another, to be decided on."""

    title = "Label photos"
    permission_required = MAY
    template_name = "admin/challenges/label/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page needs to start; the photos come by its script."""
        return super().get_context_data(**kwargs, agree=agreement())


@admin.register(Label)
class LabelAdmin(LookOnly):
    """Who said what and when, latest first."""

    list_display = ("created_at", "photo", "label", "source", "person", "note", "undone_at")
    list_filter = ("source", "label", ("person", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("photo", "person")
    list_per_page = 60
    ordering = ("-id",)
    exclude = ("before",)

    def get_urls(self) -> list[URLPattern]:
        """Add the queue, the sample, and the pictures for both."""
        site = self.admin_site.admin_view
        return [
            path(
                "queue/",
                site(QueueView.as_view(model_admin=self)),
                name="challenges_label_queue",
            ),
            path(
                "sample/",
                site(SampleView.as_view(model_admin=self)),
                name="challenges_label_sample",
            ),
            path(
                "picture/<int:pk>/<int:side>",
                site(self.picture),
                name="challenges_label_picture",
            ),
            *super().get_urls(),
        ]

    def picture(self, request: HttpRequest, pk: int, side: int) -> HttpResponse:
        """Return a picture of the photo, for those who label. The stored photo is never served."""
        if not request.user.has_perm(MAY):
            raise PermissionDenied
        photo = get_object_or_404(Photo, pk=pk)
        if side not in (LARGE, SMALL):
            raise Http404
        try:
            with default_storage.open(photo.storage_name) as file:
                image = imaging.open_stored(file.read(), side)
        except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for some broken files.
            raise Http404 from error
        image.thumbnail((side, side), reducing_gap=2.0)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=QUALITY)
        headers = {"Cache-Control": "private, max-age=3600", "X-Robots-Tag": "noindex"}
        return HttpResponse(out.getvalue(), content_type="image/jpeg", headers=headers)
