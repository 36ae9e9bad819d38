"""What this service knows of visitors, told to them."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from challenges import headers
from challenges.flows import sweep
from challenges.selection import MOST_SECONDS
from challenges.state import AWAY, GRACE

MINUTE: Final = 60


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Return the page. Its numbers are those by which the service works."""
    facts = {
        "hash_days": sweep.HASH_DAYS,
        "seen_minutes": AWAY // MINUTE,
        # A site may say so much at most, and a visitor may ask for as much time again.
        "open_minutes": (2 * MOST_SECONDS + GRACE) // MINUTE,
        "token_minutes": MOST_SECONDS // MINUTE,
        "public_url": settings.PUBLIC_URL,
    }
    # Without the request: no context processor, hence no session and no cookie.
    return HttpResponse(
        render_to_string("challenges/privacy.html", facts), headers=headers.plain_page("'none'")
    )
