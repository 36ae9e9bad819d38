"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """Networks that look at photos."""

    name = "classifier"
