"""Routes of the demo page."""

from __future__ import annotations

from django.urls import path

from captcha_site.demo import views

urlpatterns = [path("", views.sign_up, name="demo")]
