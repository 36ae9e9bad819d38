"""The demo page: a shelter's newsletter, guarded by Pawcha."""

from __future__ import annotations

from typing import Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from captcha_site.demo.verify import UNREACHABLE, Keys, Verdict, read_keys, verify

FIELD: Final = "pawcha-response"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; frame-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TOO_LATE: Final = frozenset({"timeout-or-duplicate", "expired-input-response"})


class SignUp(forms.Form):
    """Who wants the newsletter."""

    name = forms.CharField(
        max_length=80,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label="Your e-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@example.org"}),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Show the form, and take it once its token has been verified."""
    keys = read_keys()
    if keys is None:
        return _page(request, {}, status=503)
    form = SignUp(request.POST or None)
    context = {"keys": keys, "form": form}
    if request.method == "POST" and form.is_valid():
        return _answer(request, keys, form)
    return _page(request, context, status=400 if request.method == "POST" else 200)


def _answer(request: HttpRequest, keys: Keys, form: SignUp) -> HttpResponse:
    token = request.POST.get(FIELD, "")
    if not token:
        sentence = "Please pick the cats first."
        return _page(request, {"keys": keys, "form": form, "sentence": sentence}, status=400)
    verdict = verify(token, keys.secret)
    if verdict.success:
        return _page(request, {"keys": keys, "welcome": form.cleaned_data["name"]}, status=200)
    context = {
        "keys": keys,
        "form": form,
        "sentence": _sentence(verdict),
        "codes": ", ".join(verdict.errors),
    }
    return _page(request, context, status=503 if UNREACHABLE in verdict.errors else 400)


def _sentence(verdict: Verdict) -> str:
    if UNREACHABLE in verdict.errors:
        return "We could not check your cats just now. Please try again in a moment."
    if TOO_LATE.intersection(verdict.errors):
        return "That was a while ago. Please pick the cats once more."
    return "That did not work. Please pick the cats once more."


def _page(request: HttpRequest, context: dict[str, object], *, status: int) -> HttpResponse:
    public = {"public_url": settings.PUBLIC_URL, **context}
    response = render(request, "captcha_site/demo.html", public, status=status)
    response.headers["Content-Security-Policy"] = POLICY
    return response
