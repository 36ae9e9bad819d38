"""Routes of the demo pages."""

from __future__ import annotations

from django.urls import path

from captcha_site.demo import views

urlpatterns = [
    path("", views.sign_up, name="demo"),
    path("demo/modes/", views.modes, name="demo-modes"),
]
