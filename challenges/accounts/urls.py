"""Routes for signing in. What allauth offers beyond these (signing up, mails) has no address."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.cache import never_cache

from challenges.accounts import views

views.take_over_admin()

urlpatterns = [
    path("", views.home, name="account_home"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path(
        "password/first/<uidb64>/<token>/",
        never_cache(views.FirstPassword.as_view()),
        name="account_first_password",
    ),
    path("2fa/", include("allauth.mfa.urls")),
]
