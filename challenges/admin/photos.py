"""The list of photos: found by words and filters, and changed many at a time."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Case, F, QuerySet, URLField, When
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminURLInputWidget

from challenges.admin import photo_deleting, photo_page, photo_pictures
from challenges.admin.base import person, rejected, sentence
from challenges.admin.label_lists import LabelLists
from challenges.admin.pets import PET, PET_HELP, PetForm
from challenges.admin.photo_filters import LIST_FILTER
from challenges.admin.photo_pictures import THUMBNAIL
from challenges.flows import finding, probes, review, speaking
from challenges.flows.deciding import OnlyOwner, Word
from challenges.flows.looks import contradicts, says
from challenges.models import Photo

Status = Photo.Status
# From so many rows on, PostgreSQL's own estimate of them is good enough, and much faster.
MANY = 20_000
COLOURS = {
    "In the pool": "success",
    "Waits for a person": "warning",
    "Unlabelled": "warning",
    "Rejected": "danger",
    "Retired": "info",
    "Held: no right stated": "warning",
    "Visitors are asked": "info",
}
SHORT = {Status.HELD: "Held: no right stated"}


class PhotoPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of photos. All of many photos are not counted one by one, only what is found."""

    @cached_property
    def count(self) -> int:
        """Return how many photos there are."""
        photos = cast("QuerySet[Photo]", self.object_list)
        if not photos.query.where:
            with connection.cursor() as cursor:
                name = Photo._meta.db_table
                cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [name])
                (about,) = cursor.fetchone() or (0,)
            if about >= MANY:
                return int(about)
        return photos.order_by().count()


@admin.register(Photo)
class PhotoAdmin(LabelLists, ModelAdmin):  # type: ignore[misc]
    """Photos, to be found, looked after, and deleted."""

    form = PetForm
    formfield_overrides = {
        URLField: {"assume_scheme": "https", "widget": UnfoldAdminURLInputWidget}
    }
    list_display = (
        "picture",
        "words",
        "shows",
        "stands",
        "sure",
        "missed_by",
        "why",
        "right",
    )
    list_display_links = ("picture",)
    list_filter = LIST_FILTER
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("batch",)
    list_per_page = 48
    show_full_result_count = False
    paginator = PhotoPaginator
    search_fields = ("pet_name",)
    search_help_text = "Number, pet, shelter, batch, file name, or how the SHA-256 begins"
    change_form_template = "admin/challenges/photo/change_form.html"
    readonly_fields = ("link_shown_at",)
    fieldsets = (("Words", {"fields": (*PET, "credit", "licence"), "description": PET_HELP}),)
    actions = (
        *("confirm", "is_cat", "is_dog", "reject"),
        *("retire", "restore", "ask", "stop", "forget"),
    )
    # What waits for a person comes first, and of that what is in doubt.
    ordering = (
        Case(When(doubt__gt="", then=0), default=1),
        Case(When(status=Status.PROPOSED, then=0), default=1),
        Case(When(status=Status.UNLABELLED, then=0), default=1),
        "-id",
    )

    class Media:
        """How the list and the page look."""

        css = {"all": ("challenges/desk/photos.css",)}

    # --- who may what

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return no: photos come in through uploads."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Photo | None = None) -> bool:
        """Return no: deleting for good is an action of its own, and more than a row that goes."""
        return False

    def has_label_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may label photos."""
        return person(request).has_perm("challenges.label_photo")

    def has_retire_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may retire and restore photos."""
        return person(request).has_perm("challenges.retire_photo")

    def has_forget_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may delete photos for good."""
        return person(request).has_perm("challenges.forget_photo")

    # --- the list

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Photo], search_term: str
    ) -> tuple[QuerySet[Photo], bool]:
        """Return the photos that the words name."""
        return finding.search(queryset, search_term), False

    @admin.display(description="Picture")
    def picture(self, photo: Photo) -> str:
        """Return the thumbnail."""
        return thumbnail(photo)

    @admin.display(description="Photo", ordering="pk")
    def words(self, photo: Photo) -> str:
        """Return its number, whom it shows, and the batch it came in."""
        about = ", ".join(filter(None, [photo.pet_name, photo.shelter]))
        return format_html(
            '<div class="photo-words"><strong>{}</strong> {}<br>{}</div>',
            photo.pk,
            about,
            photo.batch.name,
        )

    @display(  # type: ignore[untyped-decorator]
        description="Label",
        ordering="label",
        label={"Cat": "primary", "Dog": "info", "Neither or both": "danger"},
    )
    def shows(self, photo: Photo) -> str:
        """Return what it shows."""
        return photo.get_label_display()

    @display(description="Status", ordering="status", label=COLOURS)  # type: ignore[untyped-decorator]
    def stands(self, photo: Photo) -> str:
        """Return how far it has come."""
        return SHORT.get(Status(photo.status), photo.get_status_display())

    @admin.display(description="Network says", ordering="certainty")
    def sure(self, photo: Photo) -> str:
        """Return what the network said when it looked last, and how sure it was, in percent."""
        if not contradicts(photo):
            return says(photo.p_cat, photo.certainty)
        return format_html(
            '<strong class="photo-against" title="Not what the label says">{}</strong>',
            says(photo.p_cat, photo.certainty),
        )

    @admin.display(description="Missed by", ordering=F("missed") * 1.0 / (F("seen") + 1))
    def missed_by(self, photo: Photo) -> str:
        """Return how many of those who saw it took it for the other animal."""
        return f"{photo.missed} of {photo.seen}" if photo.seen else ""

    @admin.display(description="Doubt", ordering="doubt_kind")
    def why(self, photo: Photo) -> str:
        """Return why a person should look at it again."""
        return format_html('<span class="photo-why">{}</span>', photo.doubt) if photo.doubt else ""

    @admin.display(description="Right", ordering="rights")
    def right(self, photo: Photo) -> str:
        """Return the right to show it, in a word."""
        return photo.rights.capitalize()

    # --- actions

    @admin.action(description="Accept as labelled", permissions=["label"])
    def confirm(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as they are labelled."""
        self._accept(request, photos, None)

    @admin.action(description="It is a cat", permissions=["label"])
    def is_cat(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as cats."""
        self._accept(request, photos, Word.CAT)

    @admin.action(description="It is a dog", permissions=["label"])
    def is_dog(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Pool the photos as dogs."""
        self._accept(request, photos, Word.DOG)

    def _accept(self, request: HttpRequest, photos: QuerySet[Photo], word: Word | None) -> None:
        try:
            done = speaking.say(_keys(photos), person(request), word)
        except OnlyOwner as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        said = rejected(done) if word is Word.REJECT else sentence(done)
        self.message_user(request, said, messages.WARNING if done.refused else messages.SUCCESS)

    @admin.action(description="Reject", permissions=["label"])
    def reject(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Take the photos out, whatever their label."""
        self._accept(request, photos, Word.REJECT)

    @admin.action(description="Retire from the pool", permissions=["retire"])
    def retire(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Take the photos out of the pool; they keep their labels."""
        number = review.retire(_keys(photos), person(request))
        self.message_user(request, f"Retired: {number}.", messages.SUCCESS)

    @admin.action(description="Restore", permissions=["retire"])
    def restore(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Bring retired photos back into the pool, and rejected ones into the queue."""
        number = review.restore(_keys(photos), person(request))
        self.message_user(request, f"Restored: {number}.", messages.SUCCESS)

    @admin.action(description="Ask visitors what it is", permissions=["label"])
    def ask(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Let visitors be asked about photos that nobody has labelled yet."""
        keys = _keys(photos)
        number = probes.make_probes(keys, person(request))
        level, said = photo_page.asked(number, len(keys))
        self.message_user(request, said, level)

    @admin.action(description="Stop asking visitors", permissions=["label"])
    def stop(self, request: HttpRequest, photos: QuerySet[Photo]) -> None:
        """Let visitors be asked no longer: the photos wait for a person."""
        level, said = photo_page.stopped(probes.end_probe(_keys(photos), person(request)))
        self.message_user(request, said, level)

    @admin.action(description="Delete for good...", permissions=["forget"])
    def forget(self, request: HttpRequest, photos: QuerySet[Photo]) -> HttpResponse:
        """Ask whether the photos shall really be deleted for good."""
        return photo_deleting.confirmation(self, request, _keys(photos))

    # --- the page, and more addresses

    def get_urls(self) -> list[URLPattern]:
        """Add a photo's pictures, what can be done with it, and deleting."""
        wrap = self.admin_site.admin_view
        more = {
            "<int:pk>/picture/<int:side>": (photo_pictures.photo, "picture"),
            "rendition/<int:pk>": (photo_pictures.rendition, "rendition"),
            "<int:pk>/do/<str:step>": (photo_page.do, "do"),
            "forget/": (photo_deleting.forget, "forget"),
            "forgotten/": (photo_deleting.result, "forgotten"),
        }
        mine = [
            path(where, wrap(view), {"desk": self}, name=f"challenges_photo_{name}")
            for where, (view, name) in more.items()
        ]
        return [*mine, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Return a photo's page. Only the words about its pet are saved there."""
        context = {**(extra_context or {}), "show_save_and_continue": False}
        photo = self.get_object(request, object_id)
        if photo is not None and self.has_view_permission(request, photo):
            context |= photo_page.about(photo, person(request))
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


def thumbnail(photo: Photo) -> str:
    """Return a small picture of the photo."""
    address = reverse("admin:challenges_photo_picture", args=[photo.pk, THUMBNAIL])
    return format_html(
        '<img class="photo-thumbnail" src="{}" alt="Photo {}" loading="lazy">', address, photo.pk
    )


def _keys(photos: QuerySet[Photo]) -> list[int]:
    return list(photos.order_by().values_list("pk", flat=True))
