"""The route table."""

from __future__ import annotations

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "captcha_site.pages.bad_request"
handler403 = "captcha_site.pages.not_allowed"
handler404 = "captcha_site.pages.not_found"
handler500 = "captcha_site.pages.server_error"

urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url=static("captcha_site/paw.svg"))),
    path("", include("challenges.api.urls")),
    path("", include("challenges.widget_urls")),
    path("", include("classifier.api.urls")),
    path("", include("classifier.urls")),
    path("", include("captcha_site.demo.urls")),
    path("accounts/", include("challenges.accounts.urls")),
    path("admin/", admin.site.urls),
]
