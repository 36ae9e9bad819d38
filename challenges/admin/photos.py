"""Photos, the batches they came in, and the files that were handed in."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, URLField, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminURLInputWidget

from challenges import imaging
from challenges.admin.base import person, sentence
from challenges.admin.pets import PET, PET_HELP, DoubtFilter, LinkFilter, PetForm
from challenges.flows import adoption, review
from challenges.models import Label, Photo
from challenges.models.photos import Animal

# Pixels, for the list and for a photo's own page.
THUMBNAIL = 120
LARGE = 480


class LabelInline(TabularInline):  # type: ignore[misc]
    """Everything that was said about a photo."""

    model = Label
    fields = ("created_at", "source", "label", "person", "model", "p_cat", "confidence")
    readonly_fields = fields
    ordering = ("id",)
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        """Return the labels with the people who gave them."""
        return Label.objects.select_related("person")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return no: labels come from the actions of the list."""
        return False


@admin.register(Photo)
class PhotoAdmin(ModelAdmin):  # type: ignore[misc]
    """Photos, to be confirmed or rejected in bulk."""

    form = PetForm
    formfield_overrides = {
        URLField: {"assume_scheme": "https", "widget": UnfoldAdminURLInputWidget}
    }
    list_display = (
        "picture",
        "label",
        "status",
        "sure",
        "doubt",
        "rights",
        "batch",
        "size",
        "created_at",
    )
    list_display_links = ("picture",)
    list_filter = (DoubtFilter, "status", LinkFilter, "label", "rights", "batch")
    list_per_page = 60
    show_full_result_count = False
    readonly_fields = (
        "large",
        "label",
        "status",
        "doubt",
        "rights",
        "batch",
        "size",
        "group",
        "created_at",
        "link_shown_at",
        "leaves_pool",
    )
    fieldsets = (
        (None, {"fields": readonly_fields[:-2]}),
        ("Adoption", {"fields": (*PET, "link_shown_at", "leaves_pool"), "description": PET_HELP}),
    )
    inlines = (LabelInline,)
    actions = ("confirm", "is_cat", "is_dog", "reject", "retire")
    # What waits for a person comes first, and of that what visitors reported.
    ordering = (
        Case(When(doubt__gt="", then=0), default=1),
        Case(When(status=Photo.Status.PROPOSED, then=0), default=1),
        Case(When(status=Photo.Status.UNLABELLED, then=0), default=1),
        "-id",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        """Return the photos, each with how sure the network was last."""
        said = Label.objects.filter(photo=OuterRef("pk"), source=Label.Source.CNN)
        last = said.order_by("-id").values("confidence")[:1]
        return Photo.objects.select_related("batch").annotate(sure=Subquery(last))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return no: photos come in through imports."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        """Return no: a photo is rejected or retired, what was said about it stays."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Return a photo's page. Only the words about its adoption are saved there."""
        context = {**(extra_context or {}), "show_save_and_continue": False}
        page: HttpResponse = super().change_view(request, object_id, form_url, context)
        return page

    def save_model(
        self,
        request: HttpRequest,
        obj: Photo,
        form: PetForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        """Save what was changed and nothing else: a worker may have changed the rest meanwhile."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)

    def get_urls(self) -> list[URLPattern]:
        """Add the address of a photo's picture, for staff only."""
        view = self.admin_site.admin_view(self.show)
        name = "challenges_photo_picture"
        return [path("<int:pk>/picture/<int:side>", view, name=name), *super().get_urls()]

    def show(self, request: HttpRequest, pk: int, side: int) -> HttpResponse:
        """Return a small picture of the photo. The stored photo itself is never served."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        photo = get_object_or_404(Photo, pk=pk)
        if side not in (THUMBNAIL, LARGE):
            raise Http404
        try:
            with default_storage.open(photo.storage_name) as file:
                image = imaging.open_stored(file.read(), side)
        except OSError as error:
            raise Http404 from error
        image.thumbnail((side, side))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=85)
        headers = {"Cache-Control": "private, max-age=3600"}
        return HttpResponse(out.getvalue(), content_type="image/jpeg", headers=headers)

    @admin.display(description="Picture")
    def picture(self, photo: Photo) -> str:
        """Return the thumbnail."""
        return _img(photo, THUMBNAIL)

    @admin.display(description="Picture")
    def large(self, photo: Photo) -> str:
        """Return the large picture."""
        return _img(photo, LARGE)

    @admin.display(description="Network is sure", ordering="sure")
    def sure(self, photo: Photo) -> str:
        """Return how sure the network was of its label, in percent."""
        sure: float | None = getattr(photo, "sure", None)
        return "" if sure is None else f"{sure:.1%}"

    @admin.display(description="Leaves the pool")
    def leaves_pool(self, photo: Photo) -> str:
        """Return when the photo leaves the pool since its link was shown."""
        leaves = adoption.leaves_at(photo)
        return date_format(leaves, "DATETIME_FORMAT") if leaves else "Not because of its link"

    @admin.display(description="Size", ordering=F("width") * F("height"))
    def size(self, photo: Photo) -> str:
        """Return width and height in pixels."""
        return f"{photo.width} x {photo.height}"

    @admin.action(description="Accept as labelled", permissions=["change"])
    def confirm(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as they are labelled."""
        self._accept(request, photos, None)

    @admin.action(description="It is a cat", permissions=["change"])
    def is_cat(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as cats."""
        self._accept(request, photos, Animal.CAT)

    @admin.action(description="It is a dog", permissions=["change"])
    def is_dog(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as dogs."""
        self._accept(request, photos, Animal.DOG)

    def _accept(self, request: HttpRequest, photos: QuerySet[Photo], label: Animal | None) -> None:
        done = review.accept(_keys(photos), person(request), label)
        self.message_user(request, sentence(done), messages.SUCCESS)

    @admin.action(description="Reject", permissions=["change"])
    def reject(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Take the photos out for good."""
        number = review.reject(_keys(photos), person(request))
        self.message_user(request, f"Rejected: {number}.", messages.SUCCESS)

    @admin.action(description="Retire from the pool", permissions=["change"])
    def retire(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Take the photos out of the pool; they keep their labels."""
        number = review.retire(_keys(photos), person(request))
        self.message_user(request, f"Retired: {number}.", messages.SUCCESS)


def _img(photo: Photo, side: int) -> str:
    address = reverse("admin:challenges_photo_picture", args=[photo.pk, side])
    return format_html(
        '<img src="{}" alt="Photo {}" loading="lazy" style="max-width:{}px;max-height:{}px">',
        address,
        photo.pk,
        side,
        side,
    )


def _keys(photos: QuerySet[Photo]) -> list[int]:
    return list(photos.values_list("pk", flat=True))
