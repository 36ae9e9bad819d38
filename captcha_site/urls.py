"""The route table."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("challenges.api.urls")),
    path("", include("challenges.widget_urls")),
    path("", include("captcha_site.demo.urls")),
    path("admin/", admin.site.urls),
]
