"""Pages beside those of django-allauth: where people land, and their first password."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse, reverse_lazy
from django.views.decorators.cache import never_cache

from challenges.flows import doings, people
from challenges.flows.doings import Doing

ADMIN: Final = "admin:index"
# Where work waits for whoever only has this to do.
HOMES: Final = (
    ("reviewer", "admin:challenges_label_queue"),
    ("uploader", "admin:challenges_batch_upload"),
)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead people to where their work waits."""
    assert isinstance(request.user, User)  # noqa: S101
    return redirect(home_of(request.user))


def home_of(person: User) -> str:
    """Return the address at which this person's work waits."""
    roles = people.roles_of(person)
    if not person.is_superuser and not roles & {people.OWNER, "analyst"}:
        for role, name in HOMES:
            if role in roles:
                return _reverse(name)
    return reverse(ADMIN)


def _reverse(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(ADMIN)


@never_cache
def admin_login(request: HttpRequest, **said: Any) -> HttpResponse:
    """Send whoever is not signed in to the one sign-in there is, and back to where they were."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not request.user.is_authenticated and wanted in ("", reverse(ADMIN)):
        return redirect("account_login")
    answer: HttpResponse = _guarded(request, **said)
    return answer


@secure_admin_login  # type: ignore[untyped-decorator]
def _guarded(request: HttpRequest, **said: Any) -> HttpResponse:
    return redirect(ADMIN)


def admin_password_change(request: HttpRequest, **said: Any) -> HttpResponse:
    """Send people to the one page on which they change their password: it counts tries."""
    return redirect("account_change_password")


class FirstPassword(PasswordResetConfirmView):
    """The person whose link this is sets a password. The link then is used up."""

    template_name = "account/first_password.html"
    form_class = SetPasswordForm  # type: ignore[assignment]
    success_url = reverse_lazy("account_login")
    title = "Set your password"

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Set the password, and write down that it was set."""
        answer = super().form_valid(form)
        doings.note(form.user, Doing.PASSWORD_SET)
        return answer


def take_over_admin() -> None:
    """Let the admin's own doors lead to ours, so that nothing goes around them."""
    site: Any = admin.site
    site.login = admin_login
    site.password_change = admin_password_change


__all__ = ["FirstPassword", "home", "home_of", "take_over_admin"]
