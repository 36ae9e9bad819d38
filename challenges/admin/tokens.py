"""The page on which people make and end their API tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.admin.again import ask_again
from challenges.admin.base import person
from challenges.flows import tokens

PAGE = "admin:challenges_person_tokens"


class TokensPage(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """A person's own tokens: everybody who uses the desk may have some."""

    title = "API tokens"
    permission_required = ()
    template_name = "admin/challenges/people/tokens.html"
    lives: ClassVar = (("30", "30 days"), ("365", "A year"), ("never", "Until I end it"))

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Keep the page out of caches: a new token stands on it."""
        page: HttpResponseBase = super().dispatch(request, *args, **options)
        page["Cache-Control"] = "no-store"
        return page

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """Return the tokens that work."""
        own = tokens.living(person(self.request))
        found: dict[str, Any] = super().get_context_data(
            tokens=own, lives=self.lives, name="", **more
        )
        return found

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make a token and show it this once, or end one."""
        if beginning := request.POST.get("end"):
            name = tokens.end(person(request), beginning)
            told = f"{name} has ended." if name else "This token had ended already."
            messages.success(request, told)
            return redirect(PAGE)
        ask_again(request)
        asked = request.POST.get("name", "")
        life = tokens.LIVES.get(request.POST.get("life", ""), tokens.LIVES["30"])
        try:
            made = tokens.make(person(request), asked, life)
        except ValidationError as error:
            context = self.get_context_data()
            page = {**context, "wrong": error.messages[0], "name": asked}
            return self.render_to_response(page)
        return self.render_to_response(self.get_context_data(made=made))
