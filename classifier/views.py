"""The page where a visitor shows a photo. Without JavaScript it is a plain form."""

from __future__ import annotations

import logging
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from challenges.budgets import client_address
from challenges.exceptions import PawchaError, Unavailable
from challenges.imaging import LIMITS
from classifier import channel, uploads
from classifier.answers import Answer, percent
from classifier.flows import ask

logger = logging.getLogger(__name__)

FOLDER: Final = "classifier/classify"
# Named in the page, so that the browser asks for all of them at once.
MODULES: Final = tuple(f"{FOLDER}/{name}.js" for name in ("client", "heat", "view", "words"))
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


# A forged form gains nothing: nobody is signed in here, and nothing is kept. Looking for a token
# would read the form before this view could say that its photo stays in memory.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def classify(request: HttpRequest) -> HttpResponse:
    """Show the page, and in it what the network says of the photo that came with a plain form."""
    try:
        if request.method != "POST":
            ask.check_awake()
            return _page({})
        return _page(_told(_ask(request)))
    except PawchaError as error:
        known = error
    except channel.Unreachable:
        logger.exception("The page cannot reach Redis")
        known = Unavailable(retry_after=5)
    response = _page({"problem": str(known)}, status=known.status)
    if known.retry_after is not None:
        response["Retry-After"] = str(known.retry_after)
    return response


def _ask(request: HttpRequest) -> Answer:
    uploads.check_length(request)
    address = client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )
    ask.admit(address)
    return ask.ask(uploads.read_photo(request))


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "answer": answer,
        "p_cat": percent(answer.p_cat),
        "p_dog": percent(1 - answer.p_cat),
    }


def _page(context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    # Without the request: no context processor, hence no session and no cookie.
    known = {"modules": MODULES, "weight": LIMITS.weight, **context}
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        render_to_string("classifier/classify.html", known), status=status, headers=headers
    )
