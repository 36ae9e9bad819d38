"""The pages on which photos are uploaded and watched until they are taken in."""

from __future__ import annotations

import io
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.validators import URLValidator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldAdminURLInputWidget

from challenges import archives, imaging
from challenges.admin.base import person
from challenges.exceptions import PawchaError, UnknownBatch
from challenges.flows import batches, transfers, unpacking
from challenges.flows.batches import Words
from challenges.models import Batch, Photo
from challenges.models.photos import Animal, Rights

# Pixels of the pictures that are compared.
PICTURE: Final = 360
TITLES: Final = {
    Rights.CLEARED: (
        "I have the right to show them",
        "Everybody may see them. Below, say why: who took them and agreed, or their licence.",
    ),
    Rights.TRIAL: (
        "Only on this machine, to try out",
        "Sites of this machine show them. The public never sees them.",
    ),
    Rights.UNSTATED: (
        "Not known yet",
        "They can be labelled and stay out of the pool until somebody states the right.",
    ),
}


class ChangeForm(forms.Form):
    """What may be said of a batch at any time."""

    rights = forms.ChoiceField(
        label="May these photos be shown?",
        choices=[(right.value, TITLES[right][0]) for right in batches.RIGHTS],
        initial=Rights.UNSTATED,
    )
    rights_text = forms.CharField(
        label="Why you may show them",
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "Taken by our volunteers, who agreed"}
        ),
    )
    shelter = forms.CharField(
        label="Shelter",
        required=False,
        max_length=120,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Where the pets live now.",
    )
    credit = forms.CharField(
        label="Who took them",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="As they want to be named.",
    )
    licence = forms.CharField(
        label="Licence",
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Such as CC BY 4.0.",
    )
    adoption_url = forms.URLField(
        label="Adoption link",
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[
            URLValidator(["https"], message="The adoption link has to begin with https://.")
        ],
        widget=UnfoldAdminURLInputWidget(),
        help_text="Shown to people who solved a challenge with one of these photos.",
    )

    def words(self) -> Words:
        """Return what was said, once the form is valid."""
        return Words(**self.cleaned_data)


class WordsForm(ChangeForm):
    """What is said of a new batch."""

    name = forms.CharField(
        label="Name of this batch",
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text="By which you find it again.",
    )
    label = forms.ChoiceField(
        label="These are all",
        required=False,
        choices=[("", "Mixed"), (Animal.CAT.value, "Cats"), (Animal.DOG.value, "Dogs")],
    )
    trust_labels = forms.BooleanField(
        label="Their labels need no second look",
        required=False,
        help_text="Photos whose file names say what they show go into the pool at once.",
    )

    def __init__(self, *args: Any, trusted: bool, **kwargs: Any) -> None:
        """Leave trust to those who may label photos; say what a label does."""
        super().__init__(*args, **kwargs)
        self.fields["label"].help_text = f"{batches.AT_ONCE if trusted else batches.WAIT}."
        if not trusted:
            del self.fields["trust_labels"]


class UploadPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """Choose files, say a few words about them, send them."""

    title = "Upload photos"
    permission_required = batches.UPLOAD
    template_name = "admin/challenges/batch/upload.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form, with a suggested name, and what the script needs."""
        user = person(self.request)
        if "form" not in kwargs:
            initial = {"name": batches.suggested_name(user), "rights": Rights.UNSTATED}
            kwargs["form"] = _new_form(user, initial=initial)
        return super().get_context_data(
            **kwargs, own=True, titles=_titles(), limits=_limits(), config=_config(user, None)
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Make the batch and go to its run: for browsers whose script does not run."""
        form = _new_form(person(request), data=request.POST)
        try:
            if form.is_valid():
                made = batches.make(person(request), form.words())
                address = reverse("admin:challenges_batch_run", args=[made.pk])
                return HttpResponseRedirect(address)
        except PawchaError as error:
            form.add_error(None, str(error))
        return self.render_to_response(self.get_context_data(form=form))


class RunPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """What became of the files of a batch. Here uploading goes on, too."""

    title = "Upload"
    template_name = "admin/challenges/batch/run.html"

    def has_permission(self) -> bool:
        """Return whether this person may upload, or see what others uploaded."""
        return _may_look(person(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the batch, the form for its words, and what the script needs."""
        user = person(self.request)
        batch = _find(self.kwargs["pk"], user)
        self.title = batch.name
        if batches.may_change(batch, user) and "form" not in kwargs:
            fields = ChangeForm.base_fields
            kwargs["form"] = ChangeForm(initial={name: getattr(batch, name) for name in fields})
        own = batch.person_id == user.pk and user.has_perm(batches.UPLOAD)
        return super().get_context_data(
            **kwargs,
            batch=batch,
            own=own,
            titles=_titles(),
            limits=_limits(),
            config=_config(user, batch),
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change what is said of the batch."""
        user = person(request)
        batch = _find(self.kwargs["pk"], user)
        if not batches.may_change(batch, user):
            raise Http404
        form = ChangeForm(data=request.POST)
        try:
            if form.is_valid():
                stated = batches.change(batch, user, form.words())
                messages.success(request, _became(stated.pooled, stated.held) if stated else SAVED)
                return HttpResponseRedirect(request.path)
        except PawchaError as error:
            form.add_error(None, str(error))
        return self.render_to_response(self.get_context_data(form=form))


SAVED: Final = "Saved. The photos of this batch say it, too, where nobody said something else."


def show_picture(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    """Return a picture of a run: of its own photos, and of those that were here before."""
    user = person(request)
    if not _may_look(user):
        raise Http404
    batch = _find(pk, user)
    related = Q(batch=batch) | Q(uploads__batch=batch) | Q(group__in=batch.photos.values("group"))
    found = get_object_or_404(Photo.objects.filter(related).distinct(), pk=photo)
    try:
        with default_storage.open(found.storage_name) as file:
            image = imaging.open_stored(file.read(), PICTURE)
    except OSError as error:
        raise Http404 from error
    image.thumbnail((PICTURE, PICTURE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    headers = {"Cache-Control": "private, max-age=3600"}
    return HttpResponse(out.getvalue(), content_type="image/jpeg", headers=headers)


def _may_look(user: User) -> bool:
    return user.has_perm(batches.UPLOAD) or user.has_perm(batches.SEE_ALL)


def _find(pk: int, user: User) -> Batch:
    try:
        return batches.find(pk, user)
    except UnknownBatch as error:
        raise Http404 from error


def _new_form(user: User, **kwargs: Any) -> WordsForm:
    return WordsForm(trusted=batches.is_trusted(user), **kwargs)


def _became(pooled: int, held: int) -> str:
    parts = ["The right is stated."]
    if pooled:
        parts.append(f"In the pool now: {pooled} that waited for it.")
    if held:
        parts.append(f"Out of the pool, until a right is stated again: {held}.")
    return " ".join(parts)


def _titles() -> list[tuple[str, str, str]]:
    return [(right.value, *TITLES[right]) for right in batches.RIGHTS]


def _limits() -> dict[str, str]:
    return {
        "photo": f"{imaging.LIMITS.weight // 1_000_000}",
        "archive": f"{transfers.LARGEST // 1_000_000}",
        "photos": f"{unpacking.MOST_PHOTOS:,}",
    }


def _config(user: User, batch: Batch | None) -> dict[str, Any]:
    """Return what the script has to know."""
    admin = "admin:challenges_"
    pool = f"{reverse(f'{admin}photo_changelist')}?status__exact=pooled"
    return {
        "batches": reverse("batches"),
        "transfers": reverse("transfers"),
        "batch": batch.pk if batch else None,
        "run": reverse(f"{admin}batch_run", args=[0]),
        "picture": reverse(f"{admin}batch_picture", args=[0, 0]),
        "queue": reverse(f"{admin}label_queue") if user.has_perm(batches.LABEL) else "",
        "pool": pool if user.has_perm("challenges.view_photo") else "",
        "taken": {
            "pictures": sorted(archives.PICTURES),
            "archives": list(archives.ARCHIVES),
            "photoBytes": imaging.LIMITS.weight,
            "archiveBytes": transfers.LARGEST,
        },
    }
