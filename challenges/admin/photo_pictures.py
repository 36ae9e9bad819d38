"""Pictures of photos and renditions, for staff only. The stored photo itself is never served."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from challenges.flows import looks
from challenges.models import Photo, Rendition

# The longest side in pixels: for lists, for near-duplicates, for a photo's own page.
THUMBNAIL: Final = 120
MIDDLING: Final = 480
LARGE: Final = 1024
HEADERS: Final = {"Cache-Control": "private, max-age=3600"}


def photo(request: HttpRequest, pk: int, side: int, desk: Any) -> HttpResponse:
    """Return a small picture of the photo."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Photo, pk=pk)
    if side not in (THUMBNAIL, MIDDLING, LARGE):
        raise Http404
    try:
        data = looks.small(found, side)
    except OSError as error:
        raise Http404 from error
    return HttpResponse(data, content_type="image/jpeg", headers=HEADERS)


def rendition(request: HttpRequest, pk: int, desk: Any) -> HttpResponse:
    """Return a rendition as visitors get it."""
    if not desk.has_view_permission(request):
        raise PermissionDenied
    found = get_object_or_404(Rendition, pk=pk)
    try:
        with default_storage.open(found.name) as file:
            data = file.read()
    except OSError as error:
        raise Http404 from error
    return HttpResponse(data, content_type="image/webp", headers=HEADERS)
