"""What a new password ends."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User


class EndsTokens:
    """No rule for passwords: Django tells it of each new one, by whatever way it was set.

    Whoever sets a new password does so because somebody else may know the old one, and that
    somebody may have made API tokens.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Let every password pass."""

    def get_help_text(self) -> str:
        """Return nothing: there is no rule to be told."""
        return ""

    def password_changed(self, password: str, user: Any = None) -> None:
        """End the person's API tokens."""
        # Django imports this module while the models are not there yet.
        from challenges.flows import people

        if isinstance(user, User) and user.pk:
            people.end_tokens(user, "a new password was set")
