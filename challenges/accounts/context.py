"""The pages for signing in wear the clothes of the admin."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """Return what the layout of the admin needs, for pages under /accounts/ only."""
    if not request.path.startswith("/accounts/"):
        return {}
    return {
        **admin.site.each_context(request),
        # The way out of these pages is in them.
        "site_url": None,
        "second_factor_required": settings.PAWCHA_TWO_FACTOR == "required",
    }
