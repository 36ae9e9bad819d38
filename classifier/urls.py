"""Routes of the page."""

from __future__ import annotations

from django.urls import path

from classifier import views

urlpatterns = [path("classify/", views.classify, name="classify")]
