"""What all host sites have in common: a form on a page, served by a Django of a few lines.

Each runs in a process of its own: `python -m tests.e2e.clients.host_hcaptcha PORT`. Where Pawcha is
and with which keys stands in the environment.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import django
from django import forms
from django.conf import settings

PAWCHA = os.environ.get("HOST_PAWCHA_URL", "")
SITEKEY = os.environ.get("HOST_SITEKEY", "")
SECRET = os.environ.get("HOST_SECRET", "")

PAGE = """<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A host page</title>
{extra}
<form method="post">{form}<p><button type="submit">Send</button></p></form>
"""


class SignUp(forms.Form):
    """The form's own field; each host adds its client's."""

    name = forms.CharField(initial="Ada")


def configure(app: str, **client: Any) -> None:
    """Configure Django with this app and its settings: before the client is imported."""
    settings.configure(
        ALLOWED_HOSTS=["localhost"],
        INSTALLED_APPS=[app],
        ROOT_URLCONF=sys.modules[__name__],
        SECRET_KEY="a-host-site",
        USE_TZ=True,
        **client,
    )
    django.setup()


def serve(pages: dict[str, type[forms.Form]], extra: Callable[[], str] = str) -> None:
    """Serve each form at its path until the process is ended."""
    from django.core.servers.basehttp import run
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    routes = [path(place, _view(form, extra)) for place, form in pages.items()]
    globals()["urlpatterns"] = routes
    run("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), threading=True)


def _view(kind: type[forms.Form], extra: Callable[[], str]) -> Callable[..., Any]:
    from django.http import HttpRequest, HttpResponse

    def view(request: HttpRequest) -> HttpResponse:
        form = kind(request.POST or None)
        if form.is_valid():
            return HttpResponse(f"<p>Welcome, {form.cleaned_data['name']}!</p>")
        page = PAGE.format(form=form.as_div(), extra=extra())
        return HttpResponse(page, status=400 if form.is_bound else 200)

    return view


urlpatterns: Sequence[Any] = ()
