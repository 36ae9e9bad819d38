"""The demo: a newsletter's form, and a page with the widget in all its shapes."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from captcha_site.demo.forms import SignUp
from captcha_site.demo.keys import read_keys
from challenges.snippets import Snippet, snippets

POLICY: Final = (
    "default-src 'none'; script-src 'self'; frame-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of all ways to embed Pawcha; a site's page in the admin has the others.
SHOWN: Final = frozenset({"pawcha", "hcaptcha", "recaptcha", "turnstile", "django"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Show the form, and take it once its token has been redeemed."""
    keys = read_keys()
    if keys is None:
        return _page(request, "demo", {}, status=503)
    form = SignUp(keys, request.POST if request.method == "POST" else None)
    context = {"keys": keys, "snippets": _snippets(keys.sitekey)}
    if form.is_valid():
        return _page(request, "demo", {**context, "welcome": form.cleaned_data["name"]})
    return _page(request, "demo", {**context, "form": form}, status=_status(form))


def _snippets(sitekey: str) -> list[Snippet]:
    return [one for one in snippets(settings.PUBLIC_URL, sitekey) if one.key in SHOWN]


def _status(form: SignUp) -> int:
    if not form.is_bound:
        return 200
    return 503 if form.has_error("cats", "unavailable") else 400


@never_cache
@require_safe
def modes(request: HttpRequest) -> HttpResponse:
    """Show the widget in all modes, sizes and themes."""
    keys = read_keys()
    return _page(request, "modes", {"keys": keys}, status=200 if keys else 503)


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    response = render(request, f"captcha_site/{name}.html", context, status=status)
    response.headers["Content-Security-Policy"] = POLICY
    return response
