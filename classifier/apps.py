"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class ClassifierConfig(AppConfig):
    """Networks that look at photos."""

    name = "classifier"

    def ready(self) -> None:
        """Listen to what happens to photos. Nothing here may import torch."""
        from classifier import receivers, workers  # noqa: F401
