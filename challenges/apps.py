"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class ChallengesConfig(AppConfig):
    """Sites, photos, renditions, challenges, tokens."""

    name = "challenges"
    verbose_name = "Pawcha"

    def ready(self) -> None:
        """Register the system checks, and what follows changes of people."""
        from challenges import checks  # noqa: F401
        from challenges.accounts import receivers

        receivers.connect(self)
