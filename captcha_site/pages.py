"""What a client is told where no view answers: JSON for programs, Django's own page for people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import csrf, defaults

from challenges.dialects import hcaptcha, recaptcha, turnstile
from challenges.dialects.speech import Dialect
from challenges.verdicts import Reason, Refused

FOR_THE_DESK = ("/admin/", "/accounts/")
FOR_PROGRAMS = ("/api/v1/", "/checksiteconfig", "/healthz", "/readyz")
# Clients of these read every status but 200 as an outage, so even Django's refusals have it.
DIALECTS: dict[str, Dialect] = {
    "/siteverify": hcaptcha,
    "/recaptcha/api/siteverify": recaptcha,
    "/turnstile/v0/siteverify": turnstile,
}


def _json(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=status)


def _refusal(dialect: Dialect, reason: Reason) -> JsonResponse:
    return JsonResponse(dialect.reply(Refused((reason,))), headers={"Cache-Control": "no-store"})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django refused to read."""
    if dialect := DIALECTS.get(request.path):
        return _refusal(dialect, Reason.UNREADABLE)
    if isinstance(exception, RequestDataTooBig) and request.path.startswith(FOR_THE_DESK):
        # Only of strangers is so little taken in: somebody was signed out meanwhile.
        return _stale(request, 413)
    if isinstance(exception, RequestDataTooBig):
        return _json(413, "too_large", "The request is too large.")
    if request.path.startswith(FOR_PROGRAMS):
        return _json(400, "invalid_request", "The request cannot be read.")
    return defaults.bad_request(request, exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer somebody who may not open a page."""
    if request.path.startswith(FOR_THE_DESK):
        context = {**admin.site.each_context(request), "site_url": None}
        return render(request, "account/not_allowed.html", context, status=403)
    return defaults.permission_denied(request, exception)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from the page as it is now."""
    if request.path.startswith(FOR_THE_DESK):
        return _stale(request, 403)
    return csrf.csrf_failure(request, reason)


def _stale(request: HttpRequest, status: int) -> HttpResponse:
    context = {**admin.site.each_context(request), "site_url": None}
    return render(request, "account/stale.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for an address with nothing behind it."""
    if request.path.startswith(FOR_PROGRAMS):
        return _json(404, "not_found", "There is nothing at this address.")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """Answer when a view broke."""
    if dialect := DIALECTS.get(request.path):
        return _refusal(dialect, Reason.CANNOT_KNOW)
    if request.path.startswith(FOR_PROGRAMS):
        return _json(500, "unavailable", "Something went wrong here. Please try again.")
    return defaults.server_error(request)
