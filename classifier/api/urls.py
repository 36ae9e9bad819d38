"""Routes of the native API."""

from __future__ import annotations

from django.urls import path

from classifier.api import views

urlpatterns = [path("api/v1/classify", views.ClassifyView.as_view(), name="api-classify")]
