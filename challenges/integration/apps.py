"""An app for those who want the system checks; the fields work without it."""

from __future__ import annotations

from django.apps import AppConfig


class PawchaIntegrationConfig(AppConfig):
    """Registers the checks of a site that embeds Pawcha."""

    name = "challenges.integration"
    label = "pawcha_integration"
    verbose_name = "Pawcha on this site"

    def ready(self) -> None:
        """Register the system checks."""
        from challenges.integration import checks  # noqa: F401
