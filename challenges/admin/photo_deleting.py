"""Deleting photos for good: first what will happen, then what has happened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from challenges.admin.base import person
from challenges.flows import forgetting
from challenges.models import Forgotten, Photo

# So many are shown as pictures before they go.
SHOWN: Final = 12
# So many of what was said about what still contains them.
SAID: Final = 20
NUMBERS: Final = re.compile(r"\d{1,18}(,\d{1,18})*")
SESSION: Final = "forgotten_photos"


def forget(request: HttpRequest, desk: Any) -> HttpResponse:
    """Ask whether the photos (`photos`: numbers with commas) shall be deleted, or delete them."""
    if not desk.has_forget_permission(request):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else request.GET
    said = sent.get("photos", "")
    keys = [int(number) for number in said.split(",")] if NUMBERS.fullmatch(said) else []
    if request.method != "POST" or "sure" not in request.POST:
        return confirmation(desk, request, keys)
    made = forgetting.forget(keys, person(request), request.POST.get("reason", "").strip())
    request.session[SESSION] = [one.pk for one in made]
    return HttpResponseRedirect(reverse("admin:challenges_photo_forgotten"))


def confirmation(desk: Any, request: HttpRequest, keys: Sequence[int]) -> HttpResponse:
    """Return the page that says what will happen."""
    photos = Photo.objects.filter(pk__in=keys).order_by("id")
    number = photos.count()
    near = Photo.objects.filter(group__in=photos.values("group")).exclude(pk__in=keys).count()
    context = {
        **desk.admin_site.each_context(request),
        "title": "Delete for good",
        "opts": Photo._meta,
        "media": desk.media,
        "number": number,
        "shown": photos[:SHOWN],
        "more": max(0, number - SHOWN),
        "near": near,
        "pooled": photos.filter(status=Photo.Status.POOLED).count(),
        "photos": ",".join(map(str, keys)),
        "back": _back(photos.values_list("pk", flat=True)[:2]),
    }
    return TemplateResponse(request, "admin/challenges/photo/forget.html", context)


def _back(keys: Collection[int]) -> str:
    if len(keys) == 1:
        return reverse("admin:challenges_photo_change", args=[*keys])
    return reverse("admin:challenges_photo_changelist")


def result(request: HttpRequest, desk: Any) -> HttpResponse:
    """Return the page that says what was deleted, and what still contains it."""
    if not desk.has_forget_permission(request):
        raise PermissionDenied
    made = Forgotten.objects.filter(pk__in=request.session.get(SESSION, []))
    said = Counter(
        sentence for held_by in made.values_list("held_by", flat=True) for sentence in held_by
    )
    context = {
        **desk.admin_site.each_context(request),
        "title": "Deleted for good",
        "opts": Photo._meta,
        "media": desk.media,
        "number": made.count(),
        "held_by": said.most_common(SAID),
        "more": max(0, len(said) - SAID),
    }
    return TemplateResponse(request, "admin/challenges/photo/forgotten.html", context)
